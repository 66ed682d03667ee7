from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from essaim.clock import PARIS
from essaim.ids import new_id
from essaim_contracts.scheduling import SessionKind, SessionMode
from essaim_contracts.words import SESSION_KINDS
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from scheduling.feed import feed_id_of, feed_of, token_of
from scheduling.session import Session, SessionState

PAGE = "https://premices.example/scheduling/sessions/{id}"

instants = st.datetimes(datetime(2019, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff"),
    min_size=1,
    max_size=100,
)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    starts_at = draw(instants)
    return Session(
        id=draw(st.uuids(version=4)),
        programme="premices",
        edition_id=UUID(int=1),
        kind=draw(st.sampled_from(SessionKind)),
        title=draw(texts),
        topics=tuple(draw(st.lists(texts, max_size=3))),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=draw(st.integers(1, 3000))),
        mode=draw(st.sampled_from(SessionMode)),
        place=draw(st.none() | texts),
        state=draw(st.sampled_from(SessionState)),
        sequence=draw(st.integers(0, 50)),
        changed_at=draw(instants),
    )


@given(st.lists(sessions(), max_size=5, unique_by=lambda session: session.id))
def test_a_calendar_program_reads_back_every_session_as_it_is(known: list[Session]) -> None:
    calendar = Calendar.from_ical(feed_of(known, "Prémices", PAGE, "fr"))

    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert set(events) == {f"{session.id}@essaim" for session in known}
    for session in known:
        event = events[f"{session.id}@essaim"]
        assert event["summary"] == session.title
        assert event["sequence"] == session.sequence
        assert event.decoded("dtstart").astimezone(UTC) == session.starts_at
        assert event.decoded("dtend").astimezone(UTC) == session.ends_at
        assert event.decoded("last-modified") == session.changed_at
        assert event.get("location") == session.place
        cancelled = session.state == SessionState.CANCELLED
        assert event["status"] == ("CANCELLED" if cancelled else "CONFIRMED")
        assert not event.errors
    zones = [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")]
    assert zones == ["Europe/Paris"]


def test_nine_in_paris_is_nine_in_the_calendar_in_summer_and_in_winter() -> None:
    days = [datetime(2020, 7, 1, 9, 0, tzinfo=PARIS), datetime(2020, 12, 1, 9, 0, tzinfo=PARIS)]
    known = [a_session(starts_at=day.astimezone(UTC)) for day in days]

    lines = feed_of(known, "Prémices", PAGE, "fr").decode().splitlines()

    assert "DTSTART;TZID=Europe/Paris:20200701T090000" in lines
    assert "DTSTART;TZID=Europe/Paris:20201201T090000" in lines
    assert f"CATEGORIES:{SESSION_KINDS[known[0].kind].label('fr')}" in lines


def test_a_session_for_one_project_alone_says_for_which() -> None:
    project = new_id()
    alone = replace(a_session(), title="Mentorat", project_ids=(project,))
    known = [alone, replace(a_session(), title="Journée")]

    calendar = Calendar.from_ical(feed_of(known, "P", PAGE, "fr", {project: "La Marmite"}))

    found = {str(event["summary"]) for event in calendar.walk("VEVENT")}
    assert found == {"Mentorat – La Marmite", "Journée"}


def test_a_feed_without_a_session_is_a_calendar_all_the_same() -> None:
    calendar = Calendar.from_ical(feed_of([], "Prémices", PAGE, "fr"))

    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]


def test_the_clocks_of_a_feed_go_forward_at_two_and_back_at_three() -> None:
    (zone,) = Calendar.from_ical(feed_of([a_session()], "Prémices", PAGE, "fr")).walk("VTIMEZONE")

    changes = {
        part.name: (part.decoded("rrule")["bymonth"], part.decoded("dtstart"))
        for part in zone.walk()[1:]
    }
    assert changes == {
        "DAYLIGHT": ([3], datetime(1996, 3, 31, 2)),
        "STANDARD": ([10], datetime(1996, 10, 27, 3)),
    }


def test_a_feed_that_did_not_change_has_the_same_bytes() -> None:
    one, other = a_session(), a_session()

    assert feed_of([one, other], "P", PAGE, "fr") == feed_of([other, one], "P", PAGE, "fr")


def test_a_feed_is_opened_by_its_own_token_alone() -> None:
    feed_id = new_id()
    token = token_of("a secret", feed_id)

    assert feed_id_of("a secret", token) == feed_id
    assert feed_id_of("another secret", token) is None
    assert feed_id_of("a secret", token_of("another secret", feed_id)) is None


@given(st.text(max_size=80))
def test_a_token_nobody_signed_opens_nothing(token: str) -> None:
    assert feed_id_of("a secret", token) is None


def a_session(starts_at: datetime = datetime(2020, 7, 1, 7, 0, tzinfo=UTC)) -> Session:
    return Session(
        id=new_id(),
        programme="premices",
        edition_id=UUID(int=1),
        kind=SessionKind.WORKSHOP,
        title="Atelier",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        mode=SessionMode.ONLINE,
        changed_at=datetime(2020, 2, 20, tzinfo=UTC),
    )
