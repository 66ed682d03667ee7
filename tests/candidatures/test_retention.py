"""How long what people gave is kept, what goes at the end, and what suspends it."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from uuid import UUID

import pytest
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.commands.document import sweep
from candidatures.commands.retention import RULES
from candidatures.main import service
from candidatures.store.committee import score
from essaim import Person, Role, RoleHeld
from essaim.ids import new_id, stable_id
from essaim.people.directory import find_person
from essaim.refusal import Refusal
from essaim.retention.forgetting import announce, forget_due
from essaim.retention.plan import plan
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.retention import (
    RetentionAnnounced,
    RetentionAnnouncedByCandidatures,
    RetentionAppliedByCandidatures,
    RetentionChanged,
    SuspensionReason,
)
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    OPEN,
    a_draft,
    a_person,
    decide_all,
    form_cohort,
    project_of,
    received,
    set_clock,
    told,
)

As = Callable[..., dict[str, str]]

EDITION = stable_id("premices", "edition", "1")


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00:00+01:00")


def forget_all(runtime: Runtime, *, only_announced: bool = False) -> Counter[str]:
    """Forget what is due, as `essaim retention apply` does."""
    done: Counter[str] = Counter()
    while some := forget_some(runtime, only_announced=only_announced):
        done += some
    return done


def forget_some(runtime: Runtime, *, only_announced: bool) -> Counter[str]:
    with runtime.work() as work:
        return forget_due(work, RULES, {}, only_announced=only_announced)


def set_terms(
    runtime: Runtime,
    paid: date | None = None,
    suspended: SuspensionReason | None = None,
    by: str = "alix",
) -> None:
    person = a_person(runtime, by)
    with runtime.work(actor=person.id) as work:
        commands.retention.set_clock(work, EDITION, paid, suspended, person)


def bearer_of(runtime: Runtime, application_id: UUID) -> UUID:
    with runtime.read() as db:
        bearer = store.application.get(db, application_id).bearer_id
    assert bearer is not None
    return bearer


def is_known(runtime: Runtime, person_id: UUID) -> bool:
    with runtime.read() as db:
        return find_person(db, person_id) is not None


def content_of(runtime: Runtime, ids: list[UUID]) -> list[bool]:
    """Of which of these applications something of what was written is still there."""
    with runtime.read() as db:
        return [bool(store.application.get(db, one).content) for one in ids]


def score_one(runtime: Runtime, application_id: UUID) -> None:
    basile = a_person(runtime, "basile")
    with runtime.work(actor=basile.id) as work:
        points: dict[str, int | None] = {"ess": 4, "maturity": 3, "autonomy": 2}
        store.committee.save_scores(work.db, application_id, basile.id, points, work.now)


@pytest.fixture
def decided(premices: Runtime, four: list[UUID]) -> list[UUID]:
    """Two projects of four are in the cohort; decided on 4 February 2020."""
    score_one(premices, four[3])
    decide_all(premices, four)
    form_cohort(premices)
    return four


def test_what_was_not_selected_goes_two_years_after_its_answer_and_its_bearer_with_it(
    premices: Runtime, decided: list[UUID]
) -> None:
    with premices.read() as db:
        sha256 = store.document.of_application(db, decided[3])["summary"].sha256
    for other in decided[:3]:
        with premices.work() as work:
            store.document.delete(work.db, other, "summary")
    bearers = [bearer_of(premices, one) for one in decided]
    os.utime(premices.documents.path_of(sha256), (0, 0))
    set_clock(premices, on("2022-02-03"))
    assert forget_all(premices) == {}

    set_clock(premices, on("2022-02-04"))
    assert forget_all(premices) == {"not_selected": 2, "candidates": 2}

    assert content_of(premices, decided) == [True, True, False, False]
    assert [is_known(premices, one) for one in bearers] == [True, True, False, False]
    assert {one.person_id for one in told(premices, PersonErased)} == set(bearers[2:])
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0)
        everything = "".join(
            str(tuple(row))
            for table in store.metadata.sorted_tables
            for row in work.db.execute(sa.select(table))
        )
        assert work.db.scalars(sa.select(score.c.evaluator_id)).all() == []
    assert not premices.documents.path_of(sha256).exists()
    assert "porteuse-4" not in everything
    assert "cousin" not in everything
    assert "porteuse-1" in everything
    assert forget_all(premices) == {}


def test_what_is_gone_is_in_no_list_and_no_export_and_its_answer_still_is(
    browser: TestClient, premices: Runtime, decided: list[UUID], as_: As
) -> None:
    set_clock(premices, on("2022-02-04"))
    forget_all(premices)

    address = "/candidatures/calls/premices-2020/applications"
    page = unescape(browser.get(address, headers=as_("alix")).text)
    export = browser.get(f"{address}?format=csv", headers=as_("alix")).text
    found = browser.get(f"{address}?q=Porteuse+4", headers=as_("alix")).text
    for text in (page, export):
        assert "Porteuse 1" in text
        assert "Porteuse 4" not in text
        assert "Projet fictif 4" not in text
        assert "PREM-2020-0004" in text
    assert "PREM-2020-0004" not in found
    one = browser.get(f"/candidatures/applications/{decided[3]}", headers=as_("alix"))
    assert one.status_code == 200


def test_what_was_selected_is_evidence_for_five_years_from_the_end_of_the_year_of_the_last_payment(
    premices: Runtime, decided: list[UUID]
) -> None:
    bearer = bearer_of(premices, decided[0])
    set_clock(premices, on("2024-06-01"))
    assert forget_all(premices) == {"not_selected": 2, "candidates": 2}
    set_terms(premices, paid=date(2021, 3, 15))
    set_clock(premices, on("2026-12-30"))
    assert forget_all(premices) == {}

    set_clock(premices, on("2026-12-31"))
    assert forget_all(premices) == {"selected": 2, "candidates": 2}

    assert content_of(premices, decided) == [False] * 4
    assert not is_known(premices, bearer)
    with premices.read() as db:
        assert store.project.get(db, project_of(premices, decided[0])).title == "Projet fictif 1"


def test_nothing_goes_while_an_edition_is_suspended_and_all_of_it_once_it_no_longer_is(
    premices: Runtime, decided: list[UUID]
) -> None:
    set_clock(premices, on("2021-04-01"))
    set_terms(premices, paid=date(2021, 3, 15), suspended=SuspensionReason.AUDIT)
    set_clock(premices, on("2030-01-01"))
    assert forget_all(premices) == {}
    with premices.read() as db:
        lots = plan(db, RULES, {})
    assert {lot.rule.code for lot in lots if lot.is_suspended} == {"not_selected", "selected"}

    set_terms(premices, paid=date(2021, 3, 15))

    assert forget_all(premices) == {"not_selected": 2, "selected": 2, "candidates": 4}
    assert told(premices, RetentionChanged) == [
        RetentionChanged(
            edition_id=EDITION,
            last_payment_on=date(2021, 3, 15),
            suspended_for=SuspensionReason.AUDIT,
        ),
        RetentionChanged(edition_id=EDITION, last_payment_on=date(2021, 3, 15)),
    ]


def test_whoever_has_another_role_stays_known_when_her_application_goes(
    premices: Runtime, decided: list[UUID]
) -> None:
    bearer = bearer_of(premices, decided[3])
    with premices.work() as work:
        known = find_person(work.db, bearer)
        assert known is not None
        mentor = RoleHeld(Role.MENTOR, "alpages", since=date(2021, 1, 1))
        work.share(replace(known, roles=(*known.roles, mentor)))
    set_clock(premices, on("2022-02-04"))

    assert forget_all(premices) == {"not_selected": 2, "candidates": 1}

    assert content_of(premices, decided[3:]) == [False]
    assert is_known(premices, bearer)


def test_whoever_begins_another_application_stays_known_and_her_draft_stays_hers(
    premices: Runtime,
) -> None:
    set_clock(premices, OPEN)
    sent = received(premices)
    draft = a_draft(premices, token="n" * 30, bearer_email="Porteuse-1@example.org")
    bearer = bearer_of(premices, sent)
    set_clock(premices, on("2022-02-04"))
    # The call of hers is closed long since; another one may not be.
    others = [rule for rule in RULES if rule.code != "drafts"]
    for _ in range(2):
        with premices.work() as work:
            forget_due(work, others, {}, only_announced=False)

    assert content_of(premices, [draft, sent]) == [True, False]
    assert is_known(premices, bearer)


def test_a_member_whose_role_ended_is_known_until_the_evidence_of_her_editions_may_go(
    premices: Runtime, decided: list[UUID]
) -> None:
    basile = a_person(premices, "basile")
    with premices.work() as work:
        ended = [replace(held, until=date(2021, 6, 30)) for held in basile.roles]
        work.share(replace(basile, roles=tuple(ended)))
    set_clock(premices, on("2029-01-01"))
    assert forget_all(premices)["network"] == 0
    set_terms(premices, paid=date(2023, 2, 1))
    assert forget_all(premices)["network"] == 1
    assert not is_known(premices, basile.id)
    assert is_known(premices, a_person(premices, "chloe").id)


def test_whoever_has_the_address_of_a_kept_application_stays_known_and_it_stays_whole(
    premices: Runtime, decided: list[UUID]
) -> None:
    """Somebody typed it without signing in: erasing its owner would take that application too."""
    applied = RoleHeld(Role.BEARER, "autre", since=date(2019, 6, 30))
    hers, another = (
        Person(new_id(), "Zoé", email, roles=(applied,))
        for email in ("porteuse-1@example.org", "zoe@example.org")
    )
    with premices.work() as work:
        for one in (hers, another):
            work.share(one)
    set_clock(premices, on("2022-02-04"))

    forget_all(premices)

    assert content_of(premices, decided[:1]) == [True]
    assert [is_known(premices, one.id) for one in (hers, another)] == [True, False]


def test_a_draft_that_was_never_sent_goes_three_months_after_the_closing(
    premices: Runtime,
) -> None:
    set_clock(premices, OPEN)
    draft = a_draft(premices)
    set_clock(premices, on("2020-04-14"))
    assert forget_all(premices) == {}
    set_clock(premices, on("2020-04-15"))
    assert forget_all(premices) == {"drafts": 1}
    with premices.read() as db:
        assert store.application.find(db, draft) is None


def test_what_goes_by_itself_was_announced_thirty_days_before(
    premices: Runtime, decided: list[UUID]
) -> None:
    set_clock(premices, on("2022-03-01"))
    assert forget_all(premices, only_announced=True) == {}
    with premices.work() as work:
        new = announce(work, RULES, {})
    assert {lot.rule.code for lot in new} == {"not_selected"}
    with premices.work() as work:
        assert announce(work, RULES, {}) == []
    set_clock(premices, on("2022-03-30"))
    assert forget_all(premices, only_announced=True) == {}
    set_clock(premices, on("2022-03-31"))
    assert forget_all(premices, only_announced=True) == {"not_selected": 2}


def announce_all(runtime: Runtime, *, by_itself: bool = True) -> list[RetentionAnnounced]:
    """What one day's announcing tells."""
    before = len(told(runtime, RetentionAnnouncedByCandidatures))
    with runtime.work() as work:
        announce(work, RULES, {}, says=service.retention_says, by_itself=by_itself)
    return list(told(runtime, RetentionAnnouncedByCandidatures)[before:])


def test_what_is_near_its_end_is_told_once_with_what_how_much_and_when(
    premices: Runtime, decided: list[UUID]
) -> None:
    set_clock(premices, on("2022-01-15"))

    (announced,) = announce_all(premices)

    (ending,) = announced.ending
    assert (ending.rule, ending.of, ending.number) == ("not_selected", "Prémices.coop 2020", 2)
    assert ending.first_on == ending.last_on == date(2022, 2, 4)
    assert ending.what_en.startswith("Applications not selected")
    assert announced.by_itself
    assert announced.not_before == date(2022, 2, 14)
    set_clock(premices, on("2022-01-16"))
    assert announce_all(premices) == []


def test_what_ends_day_after_day_is_told_a_month_ahead_in_one_announcement(
    premices: Runtime, four: list[UUID]
) -> None:
    with premices.work() as work:
        for day, one in enumerate(four):
            table = store.application.application
            values = {"state": "withdrawn", "withdrawn_at": on(f"2020-02-{10 + day * 6}")}
            work.db.execute(sa.update(table).where(table.c.id == one).values(values))
    set_clock(premices, on("2022-01-11"))

    (announced,) = announce_all(premices)

    assert [(one.first_on, one.last_on, one.number) for one in announced.ending] == [
        (date(2022, 2, 10), date(2022, 2, 28), 4)
    ]
    set_clock(premices, on("2022-01-20"))
    assert announce_all(premices) == []


def test_what_went_is_told_by_edition_and_rule(premices: Runtime, decided: list[UUID]) -> None:
    set_clock(premices, on("2022-03-01"))
    with premices.work() as work:
        forget_due(work, RULES, {}, only_announced=False, says=service.retention_says)

    (applied,) = told(premices, RetentionAppliedByCandidatures)

    assert [(one.rule, one.of, one.number) for one in applied.forgotten] == [
        ("not_selected", "Prémices.coop 2020", 2)
    ]


def test_what_was_suspended_is_announced_anew(premices: Runtime, decided: list[UUID]) -> None:
    set_clock(premices, on("2022-03-01"))
    with premices.work() as work:
        announce(work, RULES, {})
    set_terms(premices, suspended=SuspensionReason.DISPUTE)
    with premices.work() as work:
        assert announce(work, RULES, {}) == []
    set_clock(premices, on("2024-03-01"))
    set_terms(premices)

    assert forget_all(premices, only_announced=True) == {}
    with premices.work() as work:
        assert {lot.rule.code for lot in announce(work, RULES, {})} == {"not_selected"}


def test_one_that_cannot_be_forgotten_is_left_and_the_others_go(
    premices: Runtime, decided: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = store.erasure.erase_scores

    def fail(db: sa.Connection, application_id: UUID) -> None:
        if application_id == decided[3]:
            raise RuntimeError("this one")
        forget(db, application_id)

    monkeypatch.setattr(store.erasure, "erase_scores", fail)
    set_clock(premices, on("2022-02-04"))

    assert forget_all(premices) == {"not_selected": 1, "candidates": 1}
    assert content_of(premices, decided) == [True, True, False, True]


def test_what_an_edition_counts_from_is_for_its_coordination_and_operators_to_say(
    premices: Runtime, four: list[UUID]
) -> None:
    with pytest.raises(Refusal) as refused:
        set_terms(premices, suspended=SuspensionReason.AUDIT, by="basile")
    assert refused.value.status == 403
    with pytest.raises(Refusal) as later:
        set_terms(premices, paid=date(2031, 1, 1))
    assert later.value.code == "paid_later"
    with pytest.raises(Refusal) as before:
        set_terms(premices, paid=date(2002, 1, 1))
    assert before.value.code == "paid_before"

    set_terms(premices, suspended=SuspensionReason.AUDIT, by="ops")
    set_terms(premices, suspended=SuspensionReason.AUDIT)
    assert len(told(premices, RetentionChanged)) == 1


def test_where_the_operator_wants_it_what_was_announced_goes_by_itself(
    premices: Runtime, decided: list[UUID]
) -> None:
    def after(day: str) -> list[bool]:
        premices.set_clock(on(day))
        return content_of(premices, decided)

    assert after("2022-02-10") == [True] * 4
    assert after("2022-03-20") == [True] * 4

    settings = premices.settings.model_copy(update={"retention": "apply"})
    by_itself = Runtime(premices.service, settings, clock=premices.clock)
    by_itself.run_timers()
    by_itself.database.close()

    assert content_of(premices, decided) == [True, True, False, False]


def test_the_consortium_may_keep_for_another_time(premices: Runtime, decided: list[UUID]) -> None:
    set_clock(premices, on("2021-02-04"))
    with premices.work() as work:
        assert forget_due(work, RULES, {}, only_announced=False) == {}
        assert forget_due(work, RULES, {"not_selected": 12}, only_announced=False) == {
            "not_selected": 2
        }


def test_a_coordinator_says_the_last_payment_on_a_page_and_what_is_wrong_stays_in_the_form(
    browser: TestClient, premices: Runtime, decided: list[UUID], as_: As
) -> None:
    address = f"/candidatures/retention/editions/{EDITION}"
    assert "Dernier paiement du financeur" in unescape(
        browser.get(address, headers=as_("alix")).text
    )
    set_clock(premices, on("2021-04-01"))

    wrong = browser.post(address, data={"last_payment_on": "2031-01-01"}, headers=as_("alix"))
    assert wrong.status_code == 422
    assert "2031-01-01" in wrong.text
    assert "n’est pas encore passé" in unescape(wrong.text)
    right = {"last_payment_on": "2021-03-15", "suspended_for": "audit"}
    assert browser.post(address, data=right, headers=as_("alix")).status_code == 303

    editions = unescape(browser.get("/candidatures/retention/editions", headers=as_("alix")).text)
    assert "dernier paiement le 15 mars 2021" in editions
    assert "un contrôle ou un audit" in editions
    page = unescape(browser.get("/candidatures/retention", headers=as_("alix")).text)
    assert "Suspendu" in page
    assert "Porteuse" not in page


def test_who_sees_what_is_kept_is_shown_her_programmes_only(
    browser: TestClient, premices: Runtime, decided: list[UUID], as_: As
) -> None:
    set_clock(premices, on("2022-02-01"))
    page = browser.get("/candidatures/retention", headers=as_("alix"))
    assert "Prémices.coop 2020" in unescape(page.text)
    assert "2 éléments" in unescape(page.text)
    assert browser.get("/candidatures/retention", headers=as_("chloe")).status_code == 403
    assert browser.get("/candidatures/retention").status_code == 303


def test_anybody_reads_what_is_kept_of_her_why_and_how_long(browser: TestClient) -> None:
    french = _words_of(browser, "fr")
    assert "2 ans depuis : la réponse" in french
    assert "Obligation légale" in french
    english = _words_of(browser, "en")
    assert "2 years from: the answer" in english
    assert "3 months from: the closing of the call" in english


def _words_of(browser: TestClient, language: str) -> str:
    page = browser.get("/candidatures/privacy", headers={"Accept-Language": language})
    return " ".join(unescape(page.text).split())
