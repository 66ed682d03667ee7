"""A cohort in its pages: formed, read at a glance, changed; a project and what it hands in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import signing
import sqlalchemy as sa
from candidatures import handlers, store
from candidatures.accompaniment import Accompaniment
from essaim.ids import new_id, stable_id
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import CohortFormed, Decision
from essaim_contracts.scheduling import (
    ChangeReason,
    GrantReason,
    HourKind,
    HoursGranted,
    HoursUsed,
    PairingKind,
    SessionCancelled,
    SessionKind,
    SessionMode,
    SessionMoved,
    SessionPlanned,
)
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    PDF,
    START,
    apply,
    decide_all,
    form_cohort,
    prepare,
    project_of,
    told,
)
from tests.candidatures.test_selecting import fields_of, press, text_of

# What pages ask of the database is tested on both, beside what the API asks.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

As = Callable[..., dict[str, str]]
HERE = "/candidatures"
GRAP = stable_id("premices", "organisation", "grap")


@pytest.fixture
def cohort(premices: Runtime, four: list[UUID]) -> UUID:
    decide_all(premices, four)
    return form_cohort(premices).cohort_id


def test_the_coordination_forms_a_cohort_of_those_selected_once(
    premices: Runtime, browser: TestClient, four: list[UUID], as_: As
) -> None:
    alix, form = as_("alix"), f"{HERE}/calls/premices-2020/cohort"
    assert "Aucun projet n’est retenu" in text_of(browser.get(form, headers=alix))
    decide_all(premices, four)
    waiting = text_of(browser.get(f"{HERE}/cohorts", headers=alix))
    assert "Former la promotion" in waiting

    wrong = press(browser, form, form, alix, label="Promotion 2020", starts_on="")
    assert wrong.status_code == 422
    assert 'value="Promotion 2020"' in wrong.text
    formed = press(browser, form, form, alix, label="Promotion 2020", starts_on=START.isoformat())

    (fact,) = told(premices, CohortFormed)
    assert formed.headers["location"] == f"{HERE}/cohorts/{fact.cohort_id}"
    assert len(fact.projects) == 2
    page = text_of(browser.get(formed.headers["location"], headers=alix))
    assert "Projet fictif 1" in page
    assert "Projet fictif 2" in page
    assert browser.get(form, headers=alix).status_code == 303


def test_a_project_leaves_a_cohort_and_one_that_was_selected_since_joins_it(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    alix, page = as_("alix"), f"{HERE}/cohorts/{cohort}/changes"
    leaving = str(project_of(premices, four[0]))
    day = {"effective_on": "2020-03-10"}

    left = press(browser, page, page, alix, change="left", project_id=leaving, **day)
    assert left.status_code == 303
    prepare(premices, four[2], Decision.SELECTED)
    apply(premices, over_places=True)
    joining = str(project_of(premices, four[2]))
    early = press(
        browser, page, page, alix, change="joined", project_id=joining, effective_on="2019-01-01"
    )
    assert "est avant le début" in text_of(early)
    press(browser, page, page, alix, change="joined", project_id=joining, **day)

    shown = text_of(browser.get(f"{HERE}/cohorts/{cohort}", headers=alix))
    inside, _, left = shown.partition("Sortis de la promotion")
    assert "Projet fictif 3" in inside
    assert "Projet fictif 1" not in inside
    assert "Projet fictif 1" in left
    csv = text_of(browser.get(f"{HERE}/cohorts/{cohort}?format=csv", headers=alix))
    assert "Projet fictif 3;Porteuse 3 (fictive)" in csv
    # A funder exports the projects, and nobody's name.
    funder = text_of(browser.get(f"{HERE}/cohorts/{cohort}?format=csv", headers=as_("firmin")))
    assert "Projet fictif 3" in funder
    assert "Porteuse" not in funder
    assert browser.get(page, headers=as_("basile")).status_code == 403


def planned(project_id: UUID, **values: Any) -> SessionPlanned:
    return SessionPlanned(
        session_id=new_id(),
        edition_id=new_id(),
        kind=SessionKind.APPOINTMENT,
        title="Rendez-vous de mentorat",
        starts_at=datetime(2021, 5, 12, 8, tzinfo=UTC),
        ends_at=datetime(2021, 5, 12, 10, tzinfo=UTC),
        half_days=1,
        mode=SessionMode.ON_SITE,
        place="Lyon",
        project_ids=(project_id,),
        **values,
    )


def test_a_project_shows_its_hours_who_accompanies_it_and_what_comes_next(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    project_id, package_id = project_of(premices, four[0]), new_id()
    ids = {"package_id": package_id, "edition_id": new_id(), "project_id": project_id}
    granted = HoursGranted(
        **ids,
        cohort_id=cohort,
        kind=HourKind.MENTORING,
        minutes=360,
        reason=GrantReason.TRACK,
        granted_on=START,
    )
    used = HoursUsed(
        **ids,
        session_id=new_id(),
        kind=HourKind.MENTORING,
        minutes=120,
        minutes_left=240,
        used_on=START,
    )
    session = planned(project_id)
    with premices.work() as work:
        beside = Accompaniment(new_id(), project_id, GRAP, None, PairingKind.GODPARENT)
        store.accompaniment.save(work.db, beside)
        handlers.show_granted_hours_on_the_project(granted, work)
        handlers.show_what_is_left_of_the_hours(used, work)
        handlers.show_planned_session_and_open_its_projects_to_who_gives_it(session, work)

    alix = as_("alix")
    for page in (f"{HERE}/projects/{project_id}", f"{HERE}/cohorts/{cohort}"):
        shown = text_of(browser.get(page, headers=alix))
        assert "2 h sur 6 h" in shown
        assert "GRAP" in shown
        assert "mercredi 12 mai 2021 à 10 h 00" in shown

    with premices.work() as work:
        handlers.show_the_session_at_its_new_hour(moved(session), work)
    assert "13 mai 2021" in text_of(browser.get(f"{HERE}/cohorts/{cohort}", headers=alix))
    with premices.work() as work:
        off = SessionCancelled(
            session_id=session.session_id,
            edition_id=session.edition_id,
            reason=ChangeReason.OTHER,
            cancelled_at=datetime(2021, 5, 1, tzinfo=UTC),
            sequence=2,
        )
        handlers.close_its_projects_to_who_gives_it_no_more(off, work)
    assert "13 mai 2021" not in text_of(browser.get(f"{HERE}/cohorts/{cohort}", headers=alix))


def moved(session: SessionPlanned) -> SessionMoved:
    return SessionMoved(
        session_id=session.session_id,
        edition_id=session.edition_id,
        starts_at=datetime(2021, 5, 13, 8, tzinfo=UTC),
        ends_at=datetime(2021, 5, 13, 10, tzinfo=UTC),
        half_days=session.half_days,
        mode=SessionMode.ON_SITE,
        place="Lyon",
        reason=ChangeReason.OTHER,
        sequence=1,
    )


def test_a_file_is_handed_in_on_the_page_of_its_project_and_read_again(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    alix, page = as_("alix"), f"{HERE}/projects/{project_of(premices, four[0])}"
    action = f"{page}/deliverables/final_file"
    nothing = press(browser, page, action, alix)
    assert nothing.status_code == 422
    assert "Choisissez d’abord le fichier" in text_of(nothing)

    fields = fields_of(text_of(browser.get(page, headers=alix)), action)
    file = {"file": ("dossier.pdf", PDF, "application/pdf")}
    done = browser.post(action, data=fields, files=file, headers=alix)

    assert done.status_code == 303
    assert "dossier.pdf" in text_of(browser.get(page, headers=alix))
    assert browser.get(action, headers=alix).content == PDF
    # A stranger is asked to sign in.
    assert browser.get(action).status_code == 303


def test_a_cohort_costs_as_many_statements_whatever_it_holds(
    premices: Runtime, browser: TestClient, four: list[UUID], cohort: UUID, as_: As
) -> None:
    alix, page = as_("alix"), f"{HERE}/cohorts/{cohort}"
    with counting(premices) as two:
        assert browser.get(page, headers=alix).status_code == 200
    change = f"{page}/changes"
    leaving = str(project_of(premices, four[0]))
    press(
        browser, change, change, alix,
        change="left", project_id=leaving, effective_on="2020-03-10", reason="other",
    )  # fmt: skip
    with counting(premices) as one:
        browser.get(page, headers=alix)

    assert len(two) == len(one)
    assert len(two) < 25


@contextmanager
def counting(runtime: Runtime) -> Iterator[list[str]]:
    """The statements of this block."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.append(statement)

    engine = runtime.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_a_visitor_sees_the_programme_who_runs_it_and_the_open_call_with_its_button(
    open_call: Runtime, browser: TestClient
) -> None:
    page = text_of(browser.get(f"{HERE}/home"))

    assert "porté par" in page
    assert "Appel Prémices 2020" in page
    assert f'action="{HERE}/calls/premices-2020/apply"' in page
    assert "Déposer une candidature" in page
    assert "Ce que deviennent vos données" in page
    assert "À faire" not in page


def test_whoever_applied_reads_where_it_stands_and_what_comes_next(
    premices: Runtime, browser: TestClient, four: list[UUID]
) -> None:
    page = f"{HERE}/applications/{four[0]}"
    with premices.read() as db:
        bearer = store.application.get(db, four[0]).bearer_id
    assert bearer is not None
    headers = signing.bearer("candidatures", bearer)

    before = text_of(browser.get(page, headers=headers))
    assert "Où en est votre candidature" in before
    assert "le comité a la main" in before
    decide_all(premices, four)
    assert "Réponse : Retenue." in text_of(browser.get(page, headers=headers))
    form_cohort(premices)
    after = text_of(browser.get(page, headers=headers))

    assert "« promotion 2020 » commence le 27 février 2020" in after
    assert f'href="{HERE}/projects/{project_of(premices, four[0])}"' in after
