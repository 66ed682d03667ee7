"""The MIME that leaves, and the invitation in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import icalendar
import pytest
from essaim.ids import new_id
from essaim.observing.tracing import new_origin
from hypothesis import given
from hypothesis import strategies as st
from notifications.letters.invitation import Attendee
from notifications.letters.letter import Letter, Sender, has_usable_address, mime, parts
from notifications.letters.preview import SAMPLES
from notifications.letters.text import write
from notifications.message import Template, Text

from tests.notifications.correspondence import calendar_in, event_in, instant, parts_of, read_mail

NOW = datetime(2020, 9, 1, 12, 0, 30, tzinfo=UTC)
SENDER = Sender(
    "bonjour@premices.example",
    "L'équipe Prémices",
    "coop@premices.example",
    "https://premices.example",
    lambda service, path: f"https://premices.example/{service}/{path}",
    lambda person, category: f"{category}/{person}",
)


def a_letter(template: Template, **details: object) -> Letter:
    (sample, *_) = SAMPLES[template].values()
    filled = sample | details
    return Letter(
        id=new_id(),
        template=template,
        recipient_id=new_id(),
        to=Attendee("Maëlle Çelik", "maelle@exemple.fr"),
        language="fr",
        text=write(template, "fr", "Maëlle Çelik", filled),
        page=filled.get("page"),
        attempts=1,
        origin=new_origin(),
        link=filled.get("url"),
        session=filled if "session_id" in filled else None,
    )


def received(letter: Letter) -> EmailMessage:
    """What a mail program makes of the letter."""
    sent = mime(letter, parts(letter, SENDER, NOW), SENDER, NOW).as_bytes()
    return read_mail(sent)


def event(letter: Letter) -> icalendar.Event:
    return event_in(calendar_in(received(letter)))


def test_a_letter_says_who_writes_to_whom_and_that_nobody_typed_it() -> None:
    letter = a_letter(Template.APPLICATION_RECEIVED)

    headers = received(letter)

    assert str(headers["From"]) == "L'équipe Prémices <bonjour@premices.example>"
    assert str(headers["To"]) == "Maëlle Çelik <maelle@exemple.fr>"
    assert headers["Reply-To"] == "coop@premices.example"
    assert headers["Subject"] == letter.text.subject
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"] == f"<{letter.id}@premices.example>"
    assert headers["Content-Language"] == "fr"


@pytest.mark.parametrize(
    ("programme", "name"),
    [
        ("Prémices.coop", "Prémices.coop"),
        ("Appel <a@b>,\nBcc: x", "Appel <a@b>, Bcc: x"),
        (None, "Essaim"),
    ],
)
def test_without_a_name_of_the_operator_a_letter_comes_from_its_programme(
    programme: str | None, name: str
) -> None:
    letter = replace(a_letter(Template.SESSION_CONVOCATION), programme=programme)
    nameless = replace(SENDER, name="")

    sent = read_mail(mime(letter, parts(letter, nameless, NOW), nameless, NOW).as_bytes())

    (sender,) = sent["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, SENDER.address)
    assert event_in(calendar_in(sent))["ORGANIZER"].params["CN"] == name
    assert "Bcc" not in sent


def test_a_letter_has_the_same_message_id_at_every_try() -> None:
    letter = a_letter(Template.APPLICATION_RECEIVED)

    again = replace(letter, attempts=2)

    assert received(letter)["Message-ID"] == received(again)["Message-ID"]


def test_a_plain_letter_has_a_text_and_an_html_part() -> None:
    message = received(a_letter(Template.APPLICATION_RECEIVED))

    kinds = [part.get_content_type() for part in message.iter_parts()]

    assert message.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html"]
    text = parts_of(message)[0].get_content()
    assert "Bonjour Maëlle Çelik," in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "https://premices.example" in text


def test_a_letter_is_made_of_plain_ascii_lines_that_every_server_carries() -> None:
    letter = a_letter(Template.SESSION_CONVOCATION)

    sent = mime(letter, parts(letter, SENDER, NOW), SENDER, NOW).as_bytes()

    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998


def test_a_convocation_comes_last_among_the_alternatives_with_its_method() -> None:
    message = received(a_letter(Template.SESSION_CONVOCATION))

    last = parts_of(message)[-1]

    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert last.get_param("method") == "REQUEST"
    assert last.get_param("charset") == "utf-8"
    assert last.get_content_disposition() is None
    assert calendar_in(message)["METHOD"] == "REQUEST"
    assert not last.get_content().endswith("\n\n")


def test_a_convocation_puts_the_session_into_the_calendar_at_paris_time() -> None:
    found = event(a_letter(Template.SESSION_CONVOCATION))

    assert found["UID"] == "01900000-0000-7000-8000-000000000001@essaim"
    assert found["SEQUENCE"] == 0
    assert found["STATUS"] == "CONFIRMED"
    assert instant(found, "DTSTAMP") == NOW
    assert found["DTSTART"].params["TZID"] == "Europe/Paris"
    assert instant(found, "DTSTART").astimezone(UTC) == datetime(2020, 10, 8, 7, tzinfo=UTC)
    assert instant(found, "DTEND").astimezone(UTC) == datetime(2020, 10, 8, 15, tzinfo=UTC)
    assert found["LOCATION"] == "Les Amanins"
    assert found["ORGANIZER"] == "mailto:bonjour@premices.example"
    assert found["ORGANIZER"].params["CN"] == "L'équipe Prémices"
    page = "https://premices.example/scheduling/sessions/01900000-0000-7000-8000-000000000001"
    assert found["URL"] == page
    assert found["ATTENDEE"] == "mailto:maelle@exemple.fr"
    assert found["ATTENDEE"].params["CN"] == "Maëlle Çelik"


@pytest.mark.parametrize(
    ("day", "hour"),
    [("2021-01-19", 16), ("2020-03-28", 16), ("2020-03-30", 15), ("2020-10-26", 16)],
)
def test_the_time_zone_in_the_invitation_follows_summer_time(day: str, hour: int) -> None:
    letter = a_letter(
        Template.SESSION_CONVOCATION,
        starts_at=f"{day}T{hour:02}:00:00+00:00",
        ends_at=f"{day}T{hour + 1:02}:00:00+00:00",
    )
    calendar = calendar_in(received(letter))

    (zone,) = calendar.walk("VTIMEZONE")
    assert isinstance(zone, icalendar.Timezone)
    found = event_in(calendar)

    wall = instant(found, "DTSTART").replace(tzinfo=None)
    assert wall.replace(tzinfo=zone.to_tz()).astimezone(UTC).hour == hour
    assert wall.hour == 17


def test_a_move_updates_the_same_event_in_place() -> None:
    convened = event(a_letter(Template.SESSION_CONVOCATION))
    moved = event(
        a_letter(
            Template.SESSION_MOVED,
            starts_at="2020-10-09T09:00:00+02:00",
            ends_at="2020-10-09T17:00:00+02:00",
        )
    )

    assert moved["UID"] == convened["UID"]
    assert moved.decoded("SEQUENCE") > convened.decoded("SEQUENCE")
    assert instant(moved, "DTSTART").day == 9


def test_a_cancellation_takes_the_same_event_out_of_the_calendar() -> None:
    letter = a_letter(Template.SESSION_CANCELLED)
    message = received(letter)

    assert parts_of(message)[-1].get_param("method") == "CANCEL"
    assert calendar_in(message)["METHOD"] == "CANCEL"
    assert event(letter)["STATUS"] == "CANCELLED"
    assert event(letter)["UID"] == event(a_letter(Template.SESSION_CONVOCATION))["UID"]


def test_a_reminder_leaves_the_calendar_alone() -> None:
    kinds = [
        part.get_content_type()
        for part in received(a_letter(Template.SESSION_REMINDER_1_DAY)).iter_parts()
    ]

    assert kinds == ["text/plain", "text/html"]


SPACES = st.sampled_from(" \N{NO-BREAK SPACE}")


@given(subject=st.text(st.characters(exclude_categories=["C", "Z"]) | SPACES, min_size=1))
def test_any_subject_arrives_as_it_was_written(subject: str) -> None:
    subject = re.sub(" +", " ", subject).strip() or "x"
    letter = replace(a_letter(Template.APPLICATION_RECEIVED), text=Text(subject, "Bonjour"))

    assert received(letter)["Subject"] == subject


@given(name=st.text(st.characters(exclude_categories=["C"]), max_size=80))
def test_any_name_makes_a_letter_that_can_be_sent(name: str) -> None:
    letter = replace(
        a_letter(Template.SESSION_CONVOCATION), to=Attendee(" ".join(name.split()), "a@exemple.fr")
    )

    assert received(letter)["To"].addresses[0].addr_spec == "a@exemple.fr"
    assert event(letter)["ATTENDEE"] == "mailto:a@exemple.fr"


def test_a_domain_with_an_accent_is_written_as_mail_servers_know_it() -> None:
    to = Attendee("Zoé", "zoe@café-des-possibles.fr")
    letter = replace(a_letter(Template.SESSION_CONVOCATION), to=to)

    assert has_usable_address(letter)
    known = "zoe@xn--caf-des-possibles-dtb.fr"
    assert received(letter)["To"].addresses[0].addr_spec == known
    assert event(letter)["ATTENDEE"] == f"mailto:{known}"


@pytest.mark.parametrize(
    ("domain", "known"),
    [
        ("straße.example.org", "xn--strae-oqa.example.org"),
        ("xn--strae-oqa.example.org", "xn--strae-oqa.example.org"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("faς.gr", "xn--fa-tbc.gr"),
    ],
)
def test_a_letter_goes_to_the_domain_that_was_typed_and_to_no_other(
    domain: str, known: str
) -> None:
    letter = replace(a_letter(Template.SESSION_CONVOCATION), to=Attendee("Lou", f"lou@{domain}"))

    assert received(letter)["To"].addresses[0].addr_spec == f"lou@{known}"
    assert event(letter)["ATTENDEE"] == f"mailto:lou@{known}"


@pytest.mark.parametrize(
    "address",
    [
        *("", "nobody", "a b@exemple.fr", "a@b, c@d", "a@exemple.fr\r\nRCPT TO:<x@y>", "é@x.fr"),
        # What Python's own headers refuse in the midst of composing.
        *("a..b@exemple.fr", ".lou@exemple.fr", "lou@x.", '"a b"@exemple.fr', "lou@a\u200db.fr"),
    ],
)
def test_what_is_no_address_is_never_given_to_a_server(address: str) -> None:
    letter = a_letter(Template.APPLICATION_RECEIVED)

    assert not has_usable_address(replace(letter, to=Attendee("X", address)))


def test_an_invitation_says_for_which_project_it_is() -> None:
    letter = a_letter(Template.SESSION_CONVOCATION, project_title="La Marmite")

    written = mime(letter, parts(letter, SENDER, NOW), SENDER, NOW)

    event = event_in(calendar_in(read_mail(written.as_bytes())))
    assert str(event["summary"]).endswith(" – La Marmite")
