"""Who sent an application: the person who proved her address, and nobody whom a stranger named."""

from collections.abc import Callable
from uuid import UUID

import pytest
import signing
from candidatures import commands, store
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationReceived, Decision
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    CLOSING,
    a_draft,
    a_person,
    apply,
    form_cohort,
    prepare,
    set_clock,
    told,
)

As = Callable[..., dict[str, str]]

BASILE = stable_id("premices", "person", "basile")


def sent(
    runtime: Runtime,
    email: str = "BASILE@example.org",
    actor: UUID | None = None,
    token: str = "s" * 30,
) -> UUID:
    """An application with this address, sent by `actor`, or by a stranger."""
    draft_id = a_draft(runtime, token, bearer_email=email, bearer_name="Gagnez 500 euros")
    with runtime.work(actor=actor) as work:
        commands.application.submit(work, draft_id, work.now)
    return draft_id


def bearer_of(runtime: Runtime, application_id: UUID) -> Person:
    with runtime.read() as db:
        found = store.application.get(db, application_id)
        assert found.bearer_id is not None
        person = directory.find_person(db, found.bearer_id)
    assert person is not None
    return person


def test_a_stranger_who_types_the_address_of_a_committee_member_binds_her_to_nothing(
    open_call: Runtime,
) -> None:
    basile = a_person(open_call, "basile")
    bearer = bearer_of(open_call, sent(open_call))

    assert (bearer.id != BASILE, bearer.email_proved) == (True, False)
    assert [held.role for held in bearer.roles] == [Role.BEARER]
    assert a_person(open_call, "basile") == basile
    with open_call.read() as db:
        assert directory.find_person_by_email(db, "basile@example.org") == basile
    assert [fact.bearer_id for fact in told(open_call, ApplicationReceived)] == [bearer.id]


def test_so_does_whoever_signed_in_as_somebody_else(open_call: Runtime) -> None:
    assert (
        bearer_of(open_call, sent(open_call, actor=stable_id("premices", "person", "chloe"))).id
        != BASILE
    )


def test_she_who_signed_in_is_the_bearer(open_call: Runtime) -> None:
    bearer = bearer_of(open_call, sent(open_call, actor=BASILE))

    assert (bearer.id, bearer.name) == (BASILE, "Basile (fictif)")
    assert {held.role for held in bearer.roles} == {Role.COMMITTEE_MEMBER, Role.BEARER}


def test_each_stranger_is_somebody_new_until_an_address_is_proved(open_call: Runtime) -> None:
    first, second = (
        bearer_of(open_call, sent(open_call, "dora@example.org", token=token))
        for token in ("a" * 30, "b" * 30)
    )

    assert first.id != second.id
    with open_call.work() as work:
        directory.prove_email(work.db, second.id, share=True)
    third = bearer_of(open_call, sent(open_call, "dora@example.org", second.id, token="c" * 30))
    assert third.id == second.id
    with open_call.read() as db:
        assert directory.own_ids(db, third) == {first.id, second.id}


def test_she_finds_claims_and_withdraws_what_was_sent_from_her_address(
    browser: TestClient, open_call: Runtime, as_: As
) -> None:
    address = f"/candidatures/api/applications/{sent(open_call)}"
    basile = as_("basile")

    assert browser.get(address, headers=as_("jourlin")).status_code == 404
    assert browser.post(f"{address}/claim", headers=as_("chloe")).status_code == 404
    assert "est-ce la vôtre" in browser.get("/candidatures/", headers=basile).text
    assert browser.post(f"{address}/claim", headers=basile).status_code == 204
    assert browser.get(address, headers=basile).json()["bearer_id"] == str(BASILE)
    assert browser.post(f"{address}/withdraw", headers=basile).status_code == 204


def test_she_withdraws_what_a_stranger_sent_without_claiming_it(
    browser: TestClient, open_call: Runtime, as_: As
) -> None:
    address = f"/candidatures/api/applications/{sent(open_call)}"

    assert browser.post(f"{address}/withdraw", headers=as_("basile")).status_code == 204
    assert a_person(open_call, "basile").holds({Role.BEARER}, open_call.clock.now().date()) is False


def test_who_only_typed_an_address_finds_nothing_of_its_owner(
    browser: TestClient, open_call: Runtime
) -> None:
    owned = sent(open_call, actor=BASILE)
    stranger = bearer_of(open_call, sent(open_call, token="z" * 30))
    token = signing.bearer("candidatures", stranger.id)

    address = f"/candidatures/api/applications/{owned}"
    assert browser.get(address, headers=token).status_code == 404
    assert browser.post(f"{address}/claim", headers=token).status_code == 404


def test_a_claimed_project_enters_its_cohort_with_her(open_call: Runtime) -> None:
    application_id = sent(open_call)
    basile = a_person(open_call, "basile")
    with open_call.work(actor=BASILE) as work:
        commands.application.claim(work, application_id, basile)
    set_clock(open_call, CLOSING)
    prepare(open_call, application_id, Decision.SELECTED)
    apply(open_call)

    (project,) = form_cohort(open_call).projects
    assert project.bearer_ids == (BASILE,)


def test_a_project_in_a_cohort_is_claimed_through_its_coordination(open_call: Runtime) -> None:
    application_id = sent(open_call)
    basile = a_person(open_call, "basile")
    set_clock(open_call, CLOSING)
    prepare(open_call, application_id, Decision.SELECTED)
    apply(open_call)
    form_cohort(open_call)

    with pytest.raises(Refusal, match="promotion"), open_call.work(actor=BASILE) as work:
        commands.application.claim(work, application_id, basile)


def test_whoever_sent_it_opens_it_no_more_once_she_has_claimed_it(
    browser: TestClient, open_call: Runtime, as_: As
) -> None:
    address = f"/candidatures/api/applications/{sent(open_call)}"
    stranger = {"X-Draft-Token": "s" * 30}
    before = browser.get(address, headers=stranger).status_code
    browser.post(f"{address}/claim", headers=as_("basile"))

    assert (before, browser.get(address, headers=stranger).status_code) == (200, 404)
    assert browser.post(f"{address}/withdraw", headers=stranger).status_code == 404


def test_she_who_opened_the_mailed_link_of_a_draft_is_its_bearer(open_call: Runtime) -> None:
    draft_id = a_draft(open_call, "m" * 30, bearer_email="Basile@example.org")
    with open_call.work() as work:
        store.application.mark_proved(work.db, draft_id, "basile@example.org")
        commands.application.submit(work, draft_id, work.now)

    assert bearer_of(open_call, draft_id).id == BASILE


def test_a_proved_address_that_nobody_has_makes_a_proved_person(open_call: Runtime) -> None:
    stranger = bearer_of(open_call, sent(open_call, "dora@example.org"))
    draft_id = a_draft(open_call, "m" * 30)
    with open_call.work() as work:
        store.application.mark_proved(work.db, draft_id, "dora@example.org")
        commands.application.submit(work, draft_id, work.now)
    dora = bearer_of(open_call, draft_id)

    assert (dora.email_proved, dora.id != stranger.id) == (True, True)
    with open_call.read() as db:
        assert directory.own_ids(db, dora) == {dora.id, stranger.id}


def test_whom_a_programme_takes_into_a_cohort_it_vouches_for(open_call: Runtime) -> None:
    stranger = sent(open_call, email="ada@example.org", token="a" * 30)
    namesake = sent(open_call, token="b" * 30)
    set_clock(open_call, CLOSING)
    for application_id in (stranger, namesake):
        prepare(open_call, application_id, Decision.SELECTED)
    apply(open_call)
    form_cohort(open_call)

    assert bearer_of(open_call, stranger).email_proved
    assert not bearer_of(open_call, namesake).email_proved, "the address is Basile's"
