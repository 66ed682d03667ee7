"""Organisations and what they commit to."""

from reporting.indicators import partner

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import Series, named


def test_a_partner_has_one_row_per_commitment_and_one_even_without_any() -> None:
    series = Series()

    committed = rows_of(series.join("GRENADE", "speaker", "mentor"))["partner_joined"]
    released = rows_of(series.join("GRENADE"))["partner_joined"]

    assert [row["commitment"] for row in committed] == ["speaker", "mentor"]
    assert [row["commitment"] for row in released] == [""]


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
