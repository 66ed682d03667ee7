"""A letter that came back: somebody should phone, and the address is left in peace."""

from pathlib import Path
from uuid import UUID

import pytest
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from essaim_contracts.notifications import FailureReason, MessageFailed
from notifications import store
from notifications.answers import what_waits
from notifications.bounce import Noted, read_bounce
from notifications.bounce_worker import read_reports
from notifications.commands.bounce import note_report
from notifications.commands.message import retry
from notifications.message import Message

from tests.notifications.correspondence import Programme


def report(
    id: UUID,
    address: str = "ada@exemple.fr",
    action: str = "failed",
    status: str = "5.1.1",
) -> bytes:
    """As a mail server writes it (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.exemple.fr
To: bonjour@premices.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.fr

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--b
Content-Type: text/rfc822-headers

Message-ID: <{id}@premices.example>
Subject: Votre candidature

--b--
""".replace("\n", "\r\n").encode()


def sent(programme: Programme, name: str = "Ada") -> Message:
    person = programme.knows(name, f"{name.lower()}@exemple.fr")
    application = programme.application(person.id)
    programme.mailbox()
    (message,) = programme.messages(about_id=application.application_id)
    return message


def note(runtime: Runtime, raw: bytes) -> Noted:
    with runtime.work() as work:
        return note_report(work, raw)


def test_a_letter_that_came_back_is_said_to_have_failed(
    programme: Programme, runtime: Runtime
) -> None:
    message = sent(programme)

    assert note(runtime, report(message.id)) == Noted.NOTED
    assert note(runtime, report(message.id)) == Noted.KNOWN

    (failed,) = programme.messages()
    assert (failed.state, failed.reason) == ("failed", "bounced")
    assert failed.answer == "5.1.1 smtp; 550 5.1.1 User unknown"
    told = programme.told()[-1]
    assert isinstance(told, MessageFailed)
    assert told.reason == FailureReason.REFUSED_BY_SERVER


def test_nothing_more_leaves_for_that_address_until_it_changes(
    programme: Programme, runtime: Runtime
) -> None:
    message = sent(programme)
    note(runtime, report(message.id))

    programme.application(message.recipient_id or new_id())
    assert programme.mailbox() == []
    assert programme.states()[-1] == ("application-received", "failed")

    programme.learns(Person(message.recipient_id or new_id(), "Ada", "ada@ailleurs.fr"))
    programme.application(message.recipient_id or new_id())
    assert [one.address for one in programme.mailbox()] == ["ada@ailleurs.fr"]


def test_once_somebody_phoned_it_is_tried_again(programme: Programme, runtime: Runtime) -> None:
    message = sent(programme)
    note(runtime, report(message.id))

    with runtime.work() as work:
        retry(work, message.id)
    programme.later(seconds=1)

    assert [one.address for one in programme.mailbox()] == ["ada@exemple.fr"]


@pytest.mark.parametrize(
    ("action", "status", "address", "noted"),
    [
        ("delayed", "4.4.7", "ada@exemple.fr", Noted.DELAYED),
        ("failed", "4.4.7", "ada@exemple.fr", Noted.NOTED),
        ("failed", "5.1.1", "elsewhere@exemple.fr", Noted.NOTED),
    ],
)
def test_an_address_is_blamed_only_for_good_and_only_if_it_is_hers(
    programme: Programme, runtime: Runtime, action: str, status: str, address: str, noted: Noted
) -> None:
    message = sent(programme)

    assert note(runtime, report(message.id, address, action, status)) == noted

    with runtime.read() as db:
        assert store.bounced.every(db) == set()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00" * 50,
        b"Subject: hello\r\n\r\nI am on holiday.",
        report(new_id()).replace(b"Action", b"Reaction"),
        report(new_id()).replace(b"@premices", b"premices"),
        b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 20_000,
    ],
)
def test_what_is_no_report_is_put_aside(raw: bytes) -> None:
    assert read_bounce(raw) is None


def test_a_report_of_a_letter_that_is_none_of_ours_changes_nothing(runtime: Runtime) -> None:
    assert note(runtime, report(new_id())) == Noted.NOT_OURS


def test_a_maildir_is_read_once(programme: Programme, runtime: Runtime, tmp_path: Path) -> None:
    message = sent(programme)
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1.a").write_bytes(report(message.id))
    (tmp_path / "new" / "2.b").write_bytes(b"Subject: hello\r\n\r\n")

    read_reports(runtime, tmp_path)

    assert list((tmp_path / "new").iterdir()) == []
    assert len(list((tmp_path / "cur").iterdir())) == 2
    assert programme.states() == [("application-received", "failed")]


def test_the_first_page_says_that_somebody_should_phone(
    programme: Programme, runtime: Runtime
) -> None:
    note(runtime, report(sent(programme).id))
    person = Person(new_id(), "Camille", roles=(RoleHeld(Role.COORDINATOR, "premices"),))

    with runtime.read() as db:
        waits = what_waits(db, person, programme.clock.now(), tongue_of("notifications", "fr"))

    (one,) = waits.to_do
    assert one.text == "Quelqu’un devrait téléphoner\N{NO-BREAK SPACE}: 1 message est revenu"
