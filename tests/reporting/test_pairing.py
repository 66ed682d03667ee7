"""Pairings that last, and those that were broken."""

from reporting.indicators import pairing

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts
from tests.reporting.series import (
    Series,
)


def test_godparents_are_counted_once_each_and_not_when_they_were_replaced(
    figures: Ask,
) -> None:
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
