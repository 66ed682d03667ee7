"""Figures as of a day, of one edition, and of nothing."""

from datetime import date

import sqlalchemy as sa
from reporting.figures import figures_of
from reporting.indicators import application, attendance, fact
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
