"""Figures of an edition, on small series of facts, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from essaim.hearing.message import Heard
from essaim_contracts.scheduling import Attendee
from reporting.figures import Figures, figures_of
from reporting.indicators import (
    application,
    attendance,
    cohort,
    deliverable,
    employment,
    fact,
    hours,
    message,
    pairing,
    partner,
    session,
    trophy,
)
from reporting.indicators.indicator import Indicator
from reporting.lists.session import list_sessions
from reporting.scope import Scope

from tests.reporting.series import (
    EDITION,
    PROGRAMME,
    Series,
    a_bearer,
    a_prize,
    a_project,
    named,
)

Ask = Callable[..., Figures]


@pytest.fixture
def figures(db: sa.Connection, hear: Callable[[list[Heard]], None]) -> Ask:
    """`figures(series, as_of=…)` hears the series and gives the figures of its edition."""

    def ask(series: Series, as_of: date | None = None) -> Figures:
        hear(series.heard)
        return figures_of(db, Scope(series.edition, series.programme, as_of))

    return ask


def parts(figures: Figures, indicator: Indicator) -> dict[str, int]:
    return {name: part.value for name, part in figures[indicator].parts.items()}


def test_every_application_ends_in_one_state_and_the_states_add_up(figures: Ask) -> None:
    series = Series()
    for number in range(1, 8):
        series.receive(number)
    series.withdraw(1)
    series.decide(2, "selected")
    series.decide(3, "waiting_list")
    series.decide(4, "refused")
    series.decide(5, "reoriented")
    series.decide(6, "waiting_list")
    series.decide(6, "selected")

    found = figures(series)

    assert found[application.RECEIVED].value == 7
    assert parts(found, application.STATES) == {
        "selected": 2,
        "waiting_list": 1,
        "reoriented": 1,
        "refused": 1,
        "withdrawn": 1,
        "pending": 1,
    }
    assert found.value(application.SELECTION_RATE) == pytest.approx(2 / 7)


def test_an_application_withdrawn_after_its_selection_is_withdrawn(figures: Ask) -> None:
    series = Series()
    series.receive(1)
    series.decide(1, "selected")
    series.withdraw(1)

    assert parts(figures(series), application.STATES) == {"withdrawn": 1}


def test_an_application_received_again_after_a_withdrawal_waits_for_an_answer(
    figures: Ask,
) -> None:
    series = Series()
    series.receive(1)
    series.withdraw(1)
    series.receive(1)

    found = figures(series)

    assert found[application.RECEIVED].value == 1
    assert parts(found, application.STATES) == {"pending": 1}


def test_applications_are_told_apart_by_day_sector_department_and_source(figures: Ask) -> None:
    series = Series()
    series.receive(1, sector="food", department="38", heard_from="newsletter")
    series.on(date(2020, 1, 15))
    series.receive(2, sector="food", department="69")
    series.receive(3)

    found = figures(series)

    assert parts(found, application.BY_DAY) == {"2020-01-10": 1, "2020-01-15": 2}
    assert parts(found, application.BY_SECTOR) == {"food": 2, "": 1}
    assert parts(found, application.BY_DEPARTMENT) == {"": 1, "38": 1, "69": 1}
    assert parts(found, application.BY_SOURCE) == {"": 2, "newsletter": 1}


def test_figures_of_a_past_day_are_those_known_at_its_end_in_paris(figures: Ask) -> None:
    series = Series()
    series.receive(1)
    series.receive(2)
    series.on(date(2020, 2, 1)).decide(1, "waiting_list")
    series.on(date(2020, 2, 20)).decide(1, "selected")

    before = figures(series, as_of=date(2020, 1, 31))
    between = figures(series, as_of=date(2020, 2, 1))
    after = figures(series)

    assert parts(before, application.STATES) == {"pending": 2}
    assert parts(between, application.STATES) == {"waiting_list": 1, "pending": 1}
    assert parts(after, application.STATES) == {"selected": 1, "pending": 1}
    assert (before.stream_seq, between.stream_seq, after.stream_seq) == (2, 3, 4)


def test_another_edition_of_the_programme_counts_on_its_own(
    figures: Ask, hear: Callable[[list[Heard]], None]
) -> None:
    next_year = Series(edition=named("edition", "2021"))
    next_year.receive(99)
    hear(next_year.heard)
    series = Series()
    series.receive(1)

    assert figures(series)[application.RECEIVED].value == 1


def test_a_project_that_left_the_cohort_is_no_longer_counted_and_its_replacement_is(
    figures: Ask,
) -> None:
    series = Series()
    series.form_cohort(a_project(1, sector="food"), a_project(2), a_project(3))
    series.change_cohort("left", a_project(2))
    series.change_cohort("joined", a_project(4))

    found = figures(series)

    assert found[cohort.PROJECTS].value == 3
    assert parts(found, cohort.PROJECTS) == {"": 2, "food": 1}


def test_a_project_stands_where_its_latest_report_says(figures: Ask) -> None:
    series = Series()
    series.form_cohort(a_project(1), a_project(2), a_project(3))
    series.progress(1, "abandoned", reported_on=date(2020, 12, 1))
    series.progress(1, "in_progress", reported_on=date(2020, 6, 1))
    series.progress(2, "halted")
    series.progress(2, "scop_or_scic_in_creation")

    assert parts(figures(series), cohort.BY_STATUS) == {
        "scop_or_scic_in_creation": 1,
        "abandoned": 1,
        "not_reported": 1,
    }


def test_expected_jobs_are_a_range_that_follows_what_each_project_last_said(figures: Ask) -> None:
    series = Series()
    series.form_cohort(
        a_project(1, jobs_min=2, jobs_max=4),
        a_project(2, jobs_min=3, jobs_max=6),
        a_project(3),
        a_project(4, jobs_min=50, jobs_max=90),
    )
    series.progress(1, "in_progress", jobs_min=5, jobs_max=8)
    series.progress(2, "in_progress")
    series.change_cohort("left", a_project(4))

    found = figures(series)

    assert (found[employment.EXPECTED_MIN].value, found[employment.EXPECTED_MAX].value) == (8, 14)


def test_sessions_are_held_cancelled_or_still_to_come(figures: Ask) -> None:
    series = Series()
    for title in ("lancement", "mai", "septembre", "octobre"):
        series.plan(title)
    series.plan("mentorat", kind="mentoring")
    series.move("mai")
    series.cancel("septembre")
    series.hold("mai", minutes=360)
    series.hold("mentorat", kind="mentoring", minutes=120, half_days=1)

    found = figures(series)

    assert found[session.PLANNED].value == 5
    assert parts(found, session.HELD) == {"collective_day": 1, "mentoring": 1}
    assert parts(found, session.CANCELLED) == {"collective_day": 1}
    assert parts(found, session.TO_COME) == {"collective_day": 2}
    assert found[session.MINUTES_HELD].value == 480
    assert found[session.HALF_DAYS_HELD].value == 3


def test_a_session_planned_again_is_what_it_was_last_said_to_be(
    figures: Ask, db: sa.Connection
) -> None:
    series = Series()
    series.plan("mai", place="Grenoble")
    series.move("mai", place=None)
    series.plan("juin", place="Lyon")
    series.cancel("juin")
    series.plan("septembre", place="Grenoble")
    series.move("septembre", place="Lyon")
    series.plan("septembre", place="Les Amanins")
    series.cancel("septembre")
    series.plan("septembre", place="Valence")

    found = figures(series)

    assert parts(found, session.PLANNED) == {"collective_day": 3}
    assert parts(found, session.CANCELLED) == {"collective_day": 1}
    assert parts(found, session.TO_COME) == {"collective_day": 2}
    shown = list_sessions(db, Scope(EDITION, PROGRAMME))
    assert [(one.title, one.place, one.state) for one in shown] == [
        ("juin", "Lyon", "cancelled"),
        ("septembre", "Valence", "planned"),
        ("mai", None, "planned"),
    ]


def test_a_sheet_closed_again_replaces_the_first_one(figures: Ask) -> None:
    series = Series()
    series.hold("mai", participants=20, attendees=(a_bearer(1), a_bearer(2)))
    series.hold("mai", participants=18, attendees=(a_bearer(1),))

    found = figures(series)

    assert found[session.HELD].value == 1
    assert found[attendance.PARTICIPANTS].value == 18
    assert found[attendance.ATTENDANCES].value == 1


def test_attendance_counts_people_half_days_and_the_projects_that_came(figures: Ask) -> None:
    godparent = Attendee(person_id=named("godparent", 1), role="godparent", half_days=1)
    both = (named("project", 1), named("project", 2))
    series = Series()
    series.hold("lancement", kind="launch_day", participants=65, project_ids=both)
    series.hold("mai", participants=3, project_ids=both, attendees=(a_bearer(1), godparent))
    series.hold("septembre", participants=2, project_ids=both, attendees=(a_bearer(1), a_bearer(2)))

    found = figures(series)

    assert parts(found, attendance.PARTICIPANTS) == {"launch_day": 65, "collective_day": 5}
    assert found[attendance.ATTENDANCES].value == 4
    assert parts(found, attendance.PEOPLE) == {"bearer": 2, "godparent": 1}
    assert parts(found, attendance.HALF_DAYS) == {"bearer": 6, "godparent": 1}
    assert found.value(attendance.RATE) == pytest.approx(3 / 4)


def test_hours_left_are_those_granted_less_those_used_and_time_beyond_is_counted_apart(
    figures: Ask,
) -> None:
    series = Series()
    series.grant(1, 360)
    series.grant(2, 360)
    series.use(1, 120, provider_id=named("organisation", "GRAP"))
    series.use(1, 300, minutes_over=60, provider_id=named("organisation", "GRENADE"))
    series.use(2, 120)

    found = figures(series)

    assert found[hours.GRANTED].value == 720
    assert found[hours.USED].value == 540
    assert found[hours.OVER].value == 60
    assert found[hours.LEFT].value == 240
    assert parts(found, hours.USED_BY_PARTNER) == {
        str(named("organisation", "GRENADE")): 300,
        str(named("organisation", "GRAP")): 120,
        "": 120,
    }
    assert parts(found, hours.APPOINTMENTS_BY_PARTNER)[""] == 1


def test_godparents_are_counted_once_each_and_not_when_they_were_replaced(figures: Ask) -> None:
    series = Series()
    series.pair(1, "SICADAE")
    series.pair(2, "SICADAE")
    series.pair(3, "TERO")
    series.pair(4, "LES AMANINS")
    series.pair(1, "GRAP", kind="mentor")
    series.unpair(3, "TERO", "replaced")
    series.unpair(4, "LES AMANINS", "programme_ended")

    found = figures(series)

    assert found[pairing.GODPARENTS].value == 2
    assert parts(found, pairing.LASTING) == {"godparent": 3, "mentor": 1}
    assert parts(found, pairing.BROKEN) == {"godparent": 1}


def test_prizes_are_worth_what_was_announced_by_kind_and_by_contributor(figures: Ask) -> None:
    series = Series()
    series.award(1, a_prize("chèque", 20_000), a_prize("film", 1_000, "video", "TADAA"))
    series.award(2, a_prize("étude", 15_000, "feasibility_study"), title="Prix du public")
    series.award(3, title="Mention")

    found = figures(series)

    assert found[trophy.AWARDED].value == 3
    assert found[trophy.PRIZES].value == 3
    assert found[trophy.PRIZES_VALUE].value == 36_000
    assert parts(found, trophy.PRIZES_VALUE) == {
        "money": 20_000,
        "video": 1_000,
        "feasibility_study": 15_000,
    }
    assert parts(found, trophy.VALUE_BY_CONTRIBUTOR) == {
        str(named("organisation", "NEF")): 35_000,
        str(named("organisation", "TADAA")): 1_000,
    }


def test_a_trophy_awarded_again_counts_with_its_last_prizes_only(figures: Ask) -> None:
    series = Series()
    series.award(1, a_prize("chèque", 5_000))
    series.award(1, a_prize("chèque", 6_000))

    assert figures(series)[trophy.PRIZES_VALUE].value == 6_000


def test_late_files_are_told_apart_and_a_second_version_replaces_the_first(figures: Ask) -> None:
    due = date(2020, 12, 18)
    series = Series().on(date(2020, 12, 17))
    series.hand_in(1, due)
    series.hand_in(2, due)
    series.on(date(2020, 12, 20)).hand_in(2, due, version=2)

    found = figures(series)

    assert found[deliverable.HANDED_IN].value == 2
    assert found[deliverable.LATE].value == 1


def test_a_partner_counts_with_the_commitments_it_holds_now(figures: Ask) -> None:
    series = Series()
    series.join("GRENADE", "speaker", "mentor")
    series.join("TERO", "godparent")
    series.join("GRENADE", "mentor")
    series.join("TERO")
    series.join("expert", "mentor", name=None, person_id=named("person", "expert"))

    found = figures(series)

    assert found[partner.ORGANISATIONS].value == 2
    assert parts(found, partner.COMMITMENTS_HELD) == {"mentor": 2}


def test_messages_belong_to_the_edition_of_what_they_tell_or_are_about(
    figures: Ask, hear: Callable[[list[Heard]], None]
) -> None:
    elsewhere = Series(edition=named("edition", "2021"))
    elsewhere.send(elsewhere.receive(99))
    hear(elsewhere.heard)
    series = Series()
    received = series.receive(1)
    planned = series.plan("mai")
    series.send(received)
    series.send(planned, "reminder", cause=None)
    series.send(received, "sign-in", about_id=None, cause=None)
    series.fail(received)

    found = figures(series)

    assert parts(found, message.SENT) == {"receipt": 1, "reminder": 1}
    assert parts(found, message.FAILED) == {"no_address": 1}


def test_published_facts_are_those_of_the_edition_and_of_its_programme_alone(
    figures: Ask, hear: Callable[[list[Heard]], None]
) -> None:
    other = Series(edition=named("edition", "other"), programme="amesud")
    other.join("GRAP", "mentor")
    hear(other.heard)
    series = Series()
    series.join("GRAP", "mentor")
    series.send(series.receive(1))

    found = figures(series)

    assert parts(found, fact.BY_TYPE) == {
        "essaim.candidatures.partner.joined.v1": 1,
        "essaim.candidatures.application.received.v1": 1,
        "essaim.notifications.message.sent.v1": 1,
    }


def test_an_edition_of_which_nothing_was_said_has_figures_of_zero(db: sa.Connection) -> None:
    found = figures_of(db, Scope(EDITION, PROGRAMME))

    assert {figure.value for figure in found.by_code.values()} == {0}
    assert found.value(attendance.RATE) is None
    assert found.stream_seq == 0
