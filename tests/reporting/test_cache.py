"""Figures asked twice are made once, and never outlive what they rest on."""

from datetime import date

import pytest
import sqlalchemy as sa
from reporting import cache
from reporting.cache import current_figure, current_figures
from reporting.indicators import application
from reporting.scope import Scope

from tests.reporting.conftest import Hear
from tests.reporting.series import EDITION, PROGRAMME, Series, named

SCOPE = Scope(EDITION, PROGRAMME)


@pytest.fixture(autouse=True)
def _nothing_cached() -> None:
    cache._CACHED.clear()


def test_figures_asked_twice_are_the_same_while_nothing_new_was_heard(
    db: sa.Connection, hear: Hear
) -> None:
    series = Series()
    hear([series.receive(1)])

    assert current_figures(db, SCOPE) is current_figures(db, SCOPE)


def test_a_fact_heard_a_moment_ago_is_counted_at_once(db: sa.Connection, hear: Hear) -> None:
    series = Series()
    hear([series.receive(1)])
    before = current_figures(db, SCOPE)[application.RECEIVED].value

    hear([series.receive(2)])

    assert (before, current_figures(db, SCOPE)[application.RECEIVED].value) == (1, 2)


def test_a_fact_that_was_waiting_is_counted_although_later_ones_were_heard_first(
    db: sa.Connection, hear: Hear
) -> None:
    series = Series()
    waiting, later = series.receive(1), series.receive(2)
    hear([later])
    before = current_figures(db, SCOPE)[application.RECEIVED].value

    hear([waiting])

    assert (before, current_figures(db, SCOPE)[application.RECEIVED].value) == (1, 2)


def test_one_figure_is_made_without_the_others(
    db: sa.Connection, hear: Hear, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = Series()
    hear([series.receive(1), series.receive(2)])
    monkeypatch.delattr(cache, "figures_of")

    figure, last = current_figure(db, SCOPE, application.RECEIVED)

    assert (figure.value, last) == (2, 2)
    assert current_figure(db, SCOPE, application.RECEIVED)[0] is figure


def test_each_edition_and_each_day_has_figures_of_its_own(db: sa.Connection, hear: Hear) -> None:
    series = Series()
    hear([series.receive(1), series.on(date(2020, 3, 1)).receive(2)])
    scopes = (SCOPE, Scope(EDITION, PROGRAMME, date(2020, 2, 1)), Scope(named("x", 1), PROGRAMME))

    values = [current_figures(db, scope)[application.RECEIVED].value for scope in scopes]

    assert values == [2, 1, 0]


def test_figures_are_made_again_after_a_minute_as_a_rebuild_may_mend_rows(
    db: sa.Connection, hear: Hear, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear([Series().receive(1)])
    now = 1000.0
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    first = current_figures(db, SCOPE)

    now += 61

    assert current_figures(db, SCOPE) is not first
