"""Figures as of a day, of one edition, and of nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from essaim.hearing.message import Heard
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from reporting.figures import figures_of
from reporting.indicators import application, attendance, fact
from reporting.main import projection, service
from reporting.scope import Scope

from tests.reporting.conftest import Ask, Hear
from tests.reporting.rows import parts
from tests.reporting.series import (
    EDITION,
    PROGRAMME,
    Series,
    a_bearer,
    a_prize,
    a_project,
    named,
)


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


def test_another_edition_of_the_programme_counts_on_its_own(figures: Ask, hear: Hear) -> None:
    next_year = Series(edition=named("edition", "2021"))
    next_year.receive(99)
    hear(next_year.heard)
    series = Series()
    series.receive(1)

    assert figures(series)[application.RECEIVED].value == 1


def test_published_facts_are_those_of_the_edition_and_of_its_programme_alone(
    figures: Ask, hear: Hear
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


def _edition_of(applications: int) -> Series:
    """Nobody selected: what is looked up for each fact is what grows."""
    series = Series()
    series.join("GRAP", "mentor")
    series.open_call()
    for number in range(applications):
        series.send(series.receive(number))
        series.send(series.decide(number, "refused"))
        series.plan(f"séance {number}")
        series.hold(f"séance {number}", attendees=(a_bearer(number),))
        series.pair(number, f"partenaire {number}")
        series.form_cohort(a_project(number, jobs_min=1, jobs_max=2))
    return series


def _one_of_each(series: Series) -> list[Heard]:
    """What may be said next, about one project."""
    before = len(series.heard)
    series.on(date(2020, 2, 1))
    series.send(series.receive("new"))
    series.decide("new")
    series.withdraw("new")
    series.form_cohort(a_project("new", jobs_min=1, jobs_max=2))
    series.progress("new", "halted", jobs_min=1, jobs_max=3)
    series.plan("new")
    series.move("new")
    series.hold("new", attendees=(a_bearer("new"),))
    series.cancel("new")
    series.grant("new", 60)
    series.use("new", 60)
    series.pair("new", "TERO")
    series.unpair("new", "TERO", "replaced")
    series.hand_in("new", date(2020, 1, 20))
    series.award("new", a_prize("don", 10))
    series.join("TERO", "mentor")
    return series.heard[before:]


@contextmanager
def _steps(db: sa.Connection) -> Iterator[list[int]]:
    """Has an item for each hundred steps of SQLite within the block."""
    steps: list[int] = []
    known = db.connection.driver_connection
    assert known is not None
    known.set_progress_handler(lambda: steps.append(100), 100)
    yield steps
    known.set_progress_handler(None, 0)


def _cost(path: Path, applications: int) -> tuple[dict[str, int], int]:
    """Steps of SQLite to hear a fact of each type, and to read all figures."""
    series = _edition_of(applications)
    database = Database(f"sqlite:///{path}")
    migrate(database, service)
    with database.write() as db:
        projection.write(db, series.heard)
    hearing = {}
    for heard in _one_of_each(series):
        with database.write() as db, _steps(db) as steps:
            projection.write(db, [heard])
        hearing[heard.envelope.type] = sum(steps)
    with database.read() as db, _steps(db) as steps:
        figures_of(db, Scope(EDITION, PROGRAMME))
    database.close()
    return hearing, sum(steps)


def test_a_fact_and_the_figures_cost_the_same_whatever_was_heard_before(tmp_path: Path) -> None:
    few, figures_of_few = _cost(tmp_path / "few.db", 30)
    many, figures_of_many = _cost(tmp_path / "many.db", 240)

    assert {type: (few[type], many[type]) for type in many if many[type] > 2 * few[type]} == {}
    assert figures_of_many < 2 * figures_of_few
