from decimal import Decimal

import pytest
from essaim.text.formats import number
from essaim.text.written_number import Bounds, plain_number, read_number
from hypothesis import given
from hypothesis import strategies as st

WHOLE = Bounds(Decimal(0), Decimal(1_000_000))
WITH_CENTS = Bounds(Decimal("-1000"), Decimal(1_000_000), decimals=2)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("45000", "45000"),
        ("45 000", "45000"),
        ("45\u00a0000", "45000"),
        ("45\u202f000", "45000"),
        ("45\u2009000", "45000"),
        ("1 000 000", "1000000"),
        (" 7 ", "7"),
        ("007", "7"),
        ("+7", "7"),
        ("-0", "0"),
    ],
)
def test_a_whole_number_is_read_as_people_type_it(typed: str, kept: str) -> None:
    number = read_number(typed, WHOLE)

    assert number is not None
    assert plain_number(number) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        *(("3,5", "3.5"), ("3.5", "3.5"), ("3,50", "3.5"), ("1 500,25", "1500.25"), ("3", "3")),
        *(("-12,3", "-12.3"), ("\u221212,3", "-12.3"), ("0,10", "0.1"), ("1000000", "1000000")),
    ],
)
def test_decimals_follow_a_comma_or_a_point(typed: str, kept: str) -> None:
    number = read_number(typed, WITH_CENTS)

    assert number is not None
    assert plain_number(number) == kept


NO_NUMBERS = """
beaucoup 1.500 1,500 3,5 -1 1000001 1e3 0x10 1_000 1,5,0 NaN inf ,5 5, ٣ ½ ² 4² ４５
"""


@pytest.mark.parametrize(
    "typed", [*NO_NUMBERS.split(), "", "4 5", "45 00", "1 0000", "1\n2", "9" * 5000]
)
def test_what_is_no_whole_number_asked_is_none(typed: str) -> None:
    assert read_number(typed, WHOLE) is None


def test_more_decimals_than_are_asked_are_not_rounded_away() -> None:
    assert read_number("3,505", WITH_CENTS) is None
    assert read_number("1.000", WITH_CENTS) is None
    assert read_number("-1000,01", WITH_CENTS) is None


@given(st.decimals(-1000, 1_000_000, places=2))
def test_a_number_shown_in_french_or_english_is_read_again_as_it_was(shown: Decimal) -> None:
    french = number(shown, "fr")

    assert read_number(french, WITH_CENTS) == shown
    assert read_number(plain_number(shown), WITH_CENTS) == shown


def test_no_decimal_of_an_exact_number_is_cut_when_it_is_shown() -> None:
    assert number(Decimal("1234.56789"), "fr") == "1\u202f234,56789"
    assert number(Decimal("999999999999"), "fr").replace("\u202f", "") == "999999999999"
