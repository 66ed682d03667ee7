"""Figures as of a day, of one edition, and of nothing."""

from datetime import date
from pathlib import Path

import sqlalchemy as sa
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from reporting.figures import figure_of, figures_of
from reporting.indicators import application, attendance, fact
from reporting.indicators.catalogue import INDICATORS
from reporting.main import projection, service
from reporting.scope import Scope

from tests.reporting.conftest import Ask, Hear
from tests.reporting.rows import parts
from tests.reporting.series import (
    EDITION,
    PROGRAMME,
    Series,
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
    series.open_call()
    for number in range(applications):
        series.send(series.receive(number))
        series.send(series.decide(number, "refused"))
    return series


def _steps(path: Path, series: Series) -> dict[str, int]:
    """How many thousand steps SQLite takes for each figure."""
    database = Database(f"sqlite:///{path}")
    migrate(database, service)
    with database.write() as db:
        projection.write(db, series.heard)
    steps = dict.fromkeys(INDICATORS, 0)
    with database.read() as db:
        known = db.connection.driver_connection
        assert known is not None
        for code, indicator in INDICATORS.items():

            def count(code: str = code) -> None:
                steps[code] += 1

            known.set_progress_handler(count, 1000)
            figure_of(db, indicator, Scope(EDITION, PROGRAMME))
        known.set_progress_handler(None, 0)
    database.close()
    return steps


def test_a_figure_costs_in_proportion_to_the_applications(tmp_path: Path) -> None:
    """Four times as many, not sixteen times: a fact is looked up by an index, not among all."""
    one = _steps(tmp_path / "one.db", _edition_of(60))
    two = _steps(tmp_path / "two.db", _edition_of(240))

    assert {code: (one[code], two[code]) for code in two if two[code] > 8 * (one[code] + 1)} == {}
