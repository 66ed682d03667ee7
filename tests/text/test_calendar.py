from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from essaim.clock import PARIS
from essaim.text.calendar import calendar_of, session_event
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

SESSION = UUID(int=7)
NINE = datetime(2020, 10, 8, 9, 0, tzinfo=PARIS)

instants = st.datetimes(datetime(2019, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=100
)


def an_event(starts_at: datetime = NINE, *, cancelled: bool = False) -> Event:
    return session_event(
        SESSION,
        "Journée collective",
        starts_at,
        starts_at + timedelta(hours=8),
        sequence=2,
        stamped_at=datetime(2020, 9, 1, 8, 30, 5, 123456, tzinfo=UTC),
        topics=("Statuts ; gouvernance", "Budget"),
        place="Lyon, 3e",
        cancelled=cancelled,
    )


def test_a_feed_carries_its_name_and_its_sessions_at_the_time_of_paris() -> None:
    written = calendar_of([an_event()], "scheduling", name="Prémices").decode()

    lines = written.replace("\r\n ", "").splitlines()
    assert sorted(line for line in lines if line.startswith(("X-", "REF", "PROD", "METHOD"))) == [
        "PRODID:-//Essaim//scheduling//FR",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-CALNAME:Prémices",
        "X-WR-TIMEZONE:Europe/Paris",
    ]
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    assert sorted(event) == [
        r"DESCRIPTION:Statuts \; gouvernance\nBudget",
        "DTEND;TZID=Europe/Paris:20201008T170000",
        "DTSTAMP:20200901T083005Z",
        "DTSTART;TZID=Europe/Paris:20201008T090000",
        r"LOCATION:Lyon\, 3e",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "SUMMARY:Journée collective",
        f"UID:{SESSION}@essaim",
    ]


def test_a_cancellation_names_the_same_event() -> None:
    written = calendar_of([an_event(cancelled=True)], "notifications", method="CANCEL")

    calendar = Calendar.from_ical(written)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["method"], event["status"]) == ("CANCEL", "CANCELLED")
    assert event["uid"] == f"{SESSION}@essaim"
    assert "x-wr-calname" not in calendar


def test_the_clocks_of_paris_go_forward_at_two_and_back_at_three() -> None:
    (zone,) = Calendar.from_ical(calendar_of([], "scheduling")).walk("VTIMEZONE")

    rules = {part.name: part.to_ical().decode().splitlines()[1:5] for part in zone.walk()[1:]}
    assert rules == {
        "DAYLIGHT": [
            "DTSTART:19960331T020000",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
            "TZNAME:CEST",
            "TZOFFSETFROM:+0100",
        ],
        "STANDARD": [
            "DTSTART:19961027T030000",
            "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
            "TZNAME:CET",
            "TZOFFSETFROM:+0200",
        ],
    }


@pytest.mark.parametrize(
    ("starts_at", "written"),
    [
        ("2020-07-01T07:00:00+00:00", "DTSTART;TZID=Europe/Paris:20200701T090000"),
        ("2020-12-01T08:00:00+00:00", "DTSTART;TZID=Europe/Paris:20201201T090000"),
        # That night 2:30 comes twice, and calendars take it for the first.
        ("2020-10-25T00:30:00+00:00", "DTSTART;TZID=Europe/Paris:20201025T023000"),
        ("2020-10-25T01:30:00+00:00", "DTSTART:20201025T013000Z"),
    ],
)
def test_a_time_is_that_of_paris_and_never_another_hour(starts_at: str, written: str) -> None:
    event = an_event(datetime.fromisoformat(starts_at))

    assert written in calendar_of([event], "scheduling").decode().splitlines()


@given(title=texts, topics=st.lists(texts, max_size=3), place=st.none() | texts, starts_at=instants)
def test_a_calendar_program_reads_back_what_was_written(
    title: str, topics: list[str], place: str | None, starts_at: datetime
) -> None:
    event = session_event(
        SESSION, title, starts_at, starts_at, sequence=0, stamped_at=starts_at, topics=topics,
        place=place,
    )  # fmt: skip

    (read,) = Calendar.from_ical(calendar_of([event], "scheduling")).walk("VEVENT")

    assert read["summary"] == title
    assert read.get("location") == place
    assert read.get("description") == ("\n".join(topics) or None)
    assert read.decoded("dtstart").astimezone(UTC) == starts_at
    assert not read.errors
