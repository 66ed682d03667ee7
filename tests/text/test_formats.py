from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from essaim.text import formats

CLOSING = datetime.fromisoformat("2020-01-15T17:00:00+00:00")


def plain(text: str) -> str:
    """With ordinary spaces, whatever kind keeps numbers and units together."""
    return " ".join(text.replace("\u202f", " ").split())


def test_an_instant_is_written_in_paris() -> None:
    assert plain(formats.instant(CLOSING, "fr")) == "mercredi 15 janvier 2020 à 18 h 00"
    assert plain(formats.instant(CLOSING, "en")) == "Wednesday 15 January 2020 at 18:00"
    assert plain(formats.time(CLOSING, "fr")) == "18 h 00"
    assert formats.local_input(CLOSING, "fr") == "2020-01-15T18:00"


def test_a_full_day_has_its_weekday() -> None:
    assert formats.full_day(CLOSING, "fr") == "mercredi 15 janvier 2020"
    assert formats.full_day(date(2020, 3, 1), "fr") == "dimanche 1er mars 2020"
    assert formats.full_day(date(2020, 3, 1), "en") == "Sunday 1 March 2020"


def test_a_period_says_its_day_once_and_both_days_over_midnight() -> None:
    late = datetime.fromisoformat("2020-01-15T23:30:00+00:00")

    assert plain(formats.period(CLOSING, CLOSING + timedelta(hours=2), "fr")) == (
        "mercredi 15 janvier 2020, de 18 h 00 à 20 h 00"
    )
    assert formats.period(CLOSING, CLOSING + timedelta(hours=2), "en") == (
        "Wednesday 15 January 2020, from 18:00 to 20:00"
    )
    assert plain(formats.period(CLOSING, late, "fr")) == (
        "du mercredi 15 janvier 2020 à 18 h 00 au jeudi 16 janvier 2020 à 0 h 30"
    )
    assert formats.period(CLOSING, late, "en") == (
        "from Wednesday 15 January 2020 at 18:00 to Thursday 16 January 2020 at 00:30"
    )


def test_a_day_is_that_of_paris_and_the_first_is_an_ordinal_in_french() -> None:
    late = datetime.fromisoformat("2020-06-30T23:30:00+00:00")

    assert formats.day(late, "fr") == "1er juillet 2020"
    assert formats.day(date(2020, 7, 21), "fr") == "21 juillet 2020"
    assert formats.day(date(2020, 7, 1), "en") == "1 July 2020"


def test_euros_show_cents_only_when_there_are_some() -> None:
    assert plain(formats.euros(36_000, "fr")) == "36 000 €"
    assert formats.euros(36_000, "en") == "€36,000"
    assert plain(formats.euros(Decimal("12.5"), "fr")) == "12,50 €"


@pytest.mark.parametrize(
    ("minutes", "french", "english"),
    [
        (150, "2 h 30", "2 h 30 min"),
        (125, "2 h 05", "2 h 05 min"),
        (120, "2 h", "2 h"),
        (45, "45 min", "45 min"),
        (0, "0 min", "0 min"),
        (-90, "\u22121 h 30", "\u22121 h 30 min"),
        (90_000, "1 500 h", "1,500 h"),
    ],
)
def test_minutes_are_written_as_hours(minutes: int, french: str, english: str) -> None:
    assert plain(formats.hours(minutes, "fr")) == french
    assert plain(formats.hours(minutes, "en")) == english


def test_a_share_is_written_as_a_percentage() -> None:
    assert plain(formats.percent(0.25, "fr")) == "25 %"


def test_what_is_unknown_is_a_dash() -> None:
    written = {name: write(None, "fr") for name, write in formats.FILTERS.items()}

    assert written.pop("local_input") == ""
    assert set(written.values()) == {"–"}
