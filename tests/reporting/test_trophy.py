"""Trophies and their prizes."""

from reporting.indicators import trophy

from tests.reporting.conftest import Ask
from tests.reporting.rows import parts, rows_of
from tests.reporting.series import (
    Series,
    a_prize,
    named,
)


def test_a_trophy_brings_one_row_per_prize() -> None:
    rows = rows_of(Series().award(1, a_prize("chèque", 5000), a_prize("film", 3000, "video")))

    assert len(rows["trophy_awarded"]) == 1
    assert [(row["kind"], row["value_eur"]) for row in rows["prize"]] == [
        ("money", 5000),
        ("video", 3000),
    ]


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
