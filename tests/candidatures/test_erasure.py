"""Who was erased, which partners confirmed it, and which should be asked."""

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
import sqlalchemy as sa
from backbone import INSTALLED
from candidatures import commands, store
from candidatures.commands.document import sweep
from candidatures.erasure import Answer, Confirmation, overdue
from candidatures.main import service
from essaim.hearing.chunk import ChunkHandler
from essaim.hearing.message import Heard, Message
from essaim.ids import new_id, stable_id
from essaim.keeping.tables import unshared
from essaim.people import directory
from essaim.people.directory import find_person
from essaim.people.erasure import Forgetting
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts import fact as fact_module
from essaim_contracts.candidatures import DeliverableKind, PersonErased
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.notifications import PersonForgottenByNotifications
from essaim_contracts.reporting import PersonForgottenByReporting
from essaim_contracts.scheduling import PersonForgottenByScheduling
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    AFTER,
    OPEN,
    PDF,
    a_document,
    a_draft,
    decide_all,
    form_cohort,
    project_of,
    received,
    set_clock,
    told,
)

As = Callable[..., dict[str, str]]


BASILE = stable_id("premices", "person", "basile")
CONFIRMING = INSTALLED.confirming_erasure


def hear(runtime: Runtime, fact: Fact) -> None:
    """Handle a fact as the inbox does."""
    with runtime.work() as work:
        work.cause = Envelope(
            id=str(new_id()),
            type=fact.type,
            source=f"/network/{fact.owner}",
            key=str(fact.key),
            time=work.now,
            correlation_id=str(new_id()),
        )
        hearing = Forgetting(
            service.hearing, service.erasure, keeps_directory=True, confirming=CONFIRMING
        )
        hearing.handle([Heard(fact, work.cause, 1)], lambda _: nullcontext(work))


def confirm(runtime: Runtime, person_id: UUID, at: datetime) -> None:
    """Scheduling and reporting confirm that they forgot a person."""
    for fact in (PersonForgottenByScheduling, PersonForgottenByReporting):
        hear(runtime, fact(person_id=person_id, forgotten_at=at))


def erase_basile(runtime: Runtime) -> datetime:
    with runtime.work() as work:
        commands.erasure.erase(work, BASILE, CONFIRMING)
        return work.now


def answers(api: TestClient, headers: dict[str, str]) -> dict[str, str]:
    items = api.get("/candidatures/api/erasures", headers=headers).json()["items"]
    return {one["service"]: one["answer"] for one in items}


def test_each_partner_is_awaited_until_it_confirms_and_is_overdue_after_three_days(
    browser: TestClient, premices: Runtime, as_: As
) -> None:
    at = erase_basile(premices)
    assert answers(browser, as_("alix")) == dict.fromkeys(CONFIRMING, "awaited")

    confirm(premices, BASILE, at)
    premices.set_clock(at + timedelta(days=3, seconds=1))

    assert answers(browser, as_("alix")) == {
        "scheduling": "confirmed", "notifications": "overdue", "reporting": "confirmed",
    }  # fmt: skip
    hear(premices, PersonForgottenByNotifications(person_id=BASILE, forgotten_at=at))
    assert set(answers(browser, as_("alix")).values()) == {"confirmed"}


def test_a_partner_whose_facts_nobody_here_knows_confirms_too(
    browser: TestClient, premices: Runtime, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_module, "_REGISTRY", dict(fact_module._REGISTRY))
    with premices.work() as work:
        commands.erasure.erase(work, BASILE, ["billing"])
    hearing = Forgetting(
        service.hearing, service.erasure, keeps_directory=True, confirming=["billing"]
    )
    said = {"person_id": str(BASILE), "forgotten_at": AFTER.isoformat()}
    envelope = Envelope(
        id=str(new_id()),
        type="essaim.billing.person.forgotten.v1",
        source="/network/billing",
        key=str(BASILE),
        time=AFTER,
        correlation_id="hers",
    )
    message = Message(1, envelope.nats_subject, to_headers(envelope), json.dumps(said).encode())
    ChunkHandler(premices.database, premices.clock, "candidatures", hearing).handle([message])

    assert answers(browser, as_("alix")) == {"billing": "confirmed"}


def test_a_coordinator_sees_at_her_first_page_that_a_partner_is_late(
    browser: TestClient, premices: Runtime, as_: As
) -> None:
    def page(address: str, code: str = "alix") -> str:
        answer = browser.get(f"/candidatures{address}", headers=as_(code))
        assert answer.status_code == 200
        return unescape(answer.text)

    at = erase_basile(premices)
    confirm(premices, BASILE, at)
    assert "attend un partenaire" not in page("/")

    premices.set_clock(at + timedelta(days=4))

    assert "attend un partenaire depuis plus de trois jours" in page("/")
    assert "effac" not in page("/", "chloe")
    erasures = page("/erasures")
    assert "1 réponse manque depuis plus de trois jours" in erasures
    assert erasures.count("En retard") == 1
    assert "Basile" not in erasures


def test_who_erases_nobody_sees_no_erasures(browser: TestClient, as_: As) -> None:
    for address in ("/erasures", "/api/erasures"):
        assert browser.get(f"/candidatures{address}", headers=as_("chloe")).status_code == 403


def test_a_first_confirmation_stays_when_a_partner_confirms_again(premices: Runtime) -> None:
    at = erase_basile(premices)
    confirm(premices, BASILE, at)
    confirm(premices, BASILE, at + timedelta(days=9))

    with premices.read() as db:
        kept = {one.service: one.confirmed_at for one in store.erasure.every(db)}
    assert kept == {"scheduling": at, "reporting": at, "notifications": None}


def test_a_person_whom_a_restored_backup_brought_back_is_erased_by_the_fact(
    premices: Runtime,
) -> None:
    with premices.work() as work:
        work.db.execute(sa.delete(unshared))

    hear(premices, PersonErased(person_id=BASILE, erased_at=premices.clock.now()))

    with premices.read() as db:
        assert find_person(db, BASILE) is None
        assert list(db.scalars(sa.select(unshared.c.id))) == [BASILE]
        assert {one.service for one in store.erasure.unconfirmed(db)} == set(CONFIRMING)


def test_only_what_is_unanswered_for_more_than_three_days_is_overdue() -> None:
    at = datetime.fromisoformat("2021-03-01T09:00:00+01:00")
    awaited = Confirmation(new_id(), "reporting", at)
    confirmed = Confirmation(new_id(), "reporting", at, at)
    now = at + timedelta(days=3)

    assert awaited.answer(now) == Answer.AWAITED
    assert overdue([awaited, confirmed], now) == []
    assert overdue([awaited, confirmed], now + timedelta(seconds=1)) == [awaited]


def test_an_erased_person_leaves_no_trace_of_hers_in_the_tables_or_on_the_disk(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    with premices.read() as db:
        application = store.application.find(db, four[3])
        sha256 = store.document.of_application(db, four[3])["summary"].sha256
    assert application is not None
    assert application.bearer_id is not None
    with premices.work() as work:
        for other in four[:3]:
            store.document.delete(work.db, other, "summary")
        commands.erasure.erase(work, application.bearer_id, CONFIRMING)
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0)

    assert told(premices, PersonErased) == [
        PersonErased(person_id=application.bearer_id, erased_at=AFTER)
    ]
    with premices.read() as db:
        everything = "".join(
            str(tuple(row))
            for table in store.metadata.sorted_tables
            for row in db.execute(sa.select(table))
        )
        assert directory.find_person(db, application.bearer_id) is None
    assert "porteuse-4" not in everything
    assert "Porteuse 4" not in everything
    assert "cousin" not in everything
    assert "porteuse-3" in everything
    assert not premices.documents.path_of(sha256).exists()


def test_a_draft_never_sent_is_erased_with_its_author(premices: Runtime) -> None:

    set_clock(premices, OPEN)
    received(premices, 1)
    draft_id = a_draft(
        premices, token="z" * 30, bearer_email="Porteuse-1@example.org", bearer_name="Encore elle"
    )
    with premices.work() as work:
        someone = directory.find_person_by_email(work.db, "porteuse-1@example.org")
        assert someone is not None
        commands.erasure.erase(work, someone.id, CONFIRMING)

    with premices.read() as db:
        draft = store.application.find(db, draft_id)
    assert draft is not None
    assert draft.content == {}


def test_what_her_project_handed_in_goes_with_her_and_that_it_did_stays(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    with premices.read() as db:
        bearer = store.application.get(db, four[0]).bearer_id
    assert bearer is not None
    project_id = project_of(premices, four[0])
    secret = PDF + b"Dossier de la porteuse"
    with premices.work(actor=bearer) as work:
        file = a_document(premices, secret, "dossier-de-Porteuse.pdf")
        commands.deliverable.hand_in(work, project_id, DeliverableKind.FINAL_FILE, file)
    long_ago = premices.documents.path_of(file.sha256)
    os.utime(long_ago, (0, 0))

    erase = f"/candidatures/api/people/{bearer}/erase"
    for address in (erase, f"{erase}/confirm"):
        assert browser.post(address, headers=as_("ops")).status_code in (202, 204)

    assert not long_ago.exists()
    page = browser.get(f"/candidatures/projects/{project_id}", headers=as_("alix"))
    assert "dossier-de-Porteuse" not in page.text
    assert "Fichier effacé" in unescape(page.text)
    final = f"/candidatures/api/projects/{project_id}/deliverables/final_file"
    assert browser.get(final, headers=as_("alix")).status_code == 404
    with premices.work() as work:
        again = commands.deliverable.hand_in(
            work, project_id, DeliverableKind.FINAL_FILE, a_document(premices)
        )
    assert again is not None
    assert again.version == 2


def test_the_title_of_a_project_nobody_selected_goes_with_its_bearer(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    for application_id in (four[0], four[3]):
        with premices.work() as work:
            bearer = store.application.get(work.db, application_id).bearer_id
            assert bearer is not None
            commands.erasure.erase(work, bearer, CONFIRMING)

    with premices.read() as db:
        titles = [store.project.get(db, project_of(premices, one)).title for one in four]
    assert titles == ["Projet fictif 1", "Projet fictif 2", "Projet fictif 3", "PREM-2020-0004"]


def test_what_an_earlier_release_left_of_whom_it_erased_goes_at_the_next_start(
    premices: Runtime,
) -> None:
    """It knew nothing of the keys beside the content that it emptied, nor of their version."""
    set_clock(premices, OPEN)
    erased = a_draft(premices, bearer_email="canari@example.org", organisation="Canari SCOP")
    a_draft(premices, token="u" * 30, bearer_email="alix@example.org")
    table = store.application.application
    with premices.work() as work:
        hers = sa.update(table).where(table.c.id == erased)
        work.db.execute(hers.values({"content": {}}))
    assert "canari" in everything_kept(premices)

    premices.run_timers()

    assert "canari" not in everything_kept(premices)
    assert "alix@example.org" in everything_kept(premices)


def everything_kept(runtime: Runtime) -> str:
    with runtime.read() as db:
        return f"{db.execute(sa.select(store.application.application)).all()}".lower()
