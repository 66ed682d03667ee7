"""Letters leave, whatever the mail server does: once, and none is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from backbone import until
from essaim.keeping.tables import outbox
from essaim.observing.tracing import Origin, following
from essaim.running.runtime import Runtime
from essaim_contracts.notifications import Channel, FailureReason, MessageFailed, MessageSent
from essaim_contracts.questions import SendSignInLink
from notifications import store, worker
from notifications.answers import send_sign_in_link
from notifications.commands import delivery
from notifications.commands.message import REAL_TIME
from notifications.message import Outcome, after_try
from notifications.settings import NotificationsSettings
from notifications.store.message import message as messages
from notifications.worker import fill_mailbox, send_queued
from pydantic import SecretStr, ValidationError

from tests.notifications.correspondence import (
    MailServer,
    Programme,
    calendar_in,
    event_in,
    instant,
    only,
    read_mail,
)


@pytest.fixture
def settings(settings: NotificationsSettings, mail_server: MailServer) -> NotificationsSettings:
    """With the mail server configured."""
    return settings.model_copy(update={"smtp_url": mail_server.url})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once: what counts is their order, not their intervals."""
    at_once = (timedelta(milliseconds=1),)

    monkeypatch.setattr(delivery, "after_try", partial(after_try, retry_after=at_once))
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.01)


@asynccontextmanager
async def sending(runtime: Runtime) -> AsyncIterator[None]:
    """The worker runs, as it does while this instance holds the lease."""
    running = asyncio.create_task(send_queued(runtime))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def all_are(programme: Programme, state: str) -> Callable[[], bool]:
    def so() -> bool:
        states = {found for _, found in programme.states()}
        return states == {state}

    return so


def subjects(mail_server: MailServer) -> list[str]:
    return [str(read_mail(raw)["Subject"]) for raw in mail_server.letters]


async def test_a_queued_message_leaves_and_is_said_to_have_been_sent(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr", language="en")
    received = programme.application(ada.id)

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (message,) = programme.messages()
    assert subjects(mail_server) == [message.subject]
    assert programme.told() == [
        MessageSent(
            message_id=message.id,
            recipient_id=ada.id,
            template="application-received",
            language="en",
            channel=Channel.EMAIL,
            about_id=received.application_id,
            cause=message.cause,
            cause_source=message.cause_source,
            attempts=1,
            sent_at=programme.clock.now(),
        )
    ]


async def test_a_message_leaves_as_soon_as_it_is_queued(
    programme: Programme, runtime: Runtime, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 3600.0)
    ada = programme.knows("Ada", "ada@exemple.fr")

    async with sending(runtime):
        programme.application(ada.id)
        await until(all_are(programme, "sent"))
        programme.session(ada.id)
        await until(all_are(programme, "sent"))

    assert len(mail_server.letters) == 2


async def test_many_messages_share_one_connection(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    people = [programme.knows(f"P{n}", f"p{n}@exemple.fr") for n in range(60)]
    programme.session(*(person.id for person in people))

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    assert len(mail_server.letters) == 60
    assert mail_server.connections == 1


async def test_a_calendar_follows_a_session_from_convocation_to_cancellation(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    async with sending(runtime):
        await until(lambda: len(mail_server.letters) == 1 and all_are(programme, "sent")())
        programme.hears(programme.moved(planned, sequence=1))
        await until(lambda: len(mail_server.letters) == 2 and all_are(programme, "sent")())
        programme.hears(programme.cancelled(planned, sequence=2))
        await until(lambda: len(mail_server.letters) == 3)

    calendars = [calendar_in(read_mail(raw)) for raw in mail_server.letters]
    events = [event_in(calendar) for calendar in calendars]
    assert [str(calendar["METHOD"]) for calendar in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {str(event["UID"]) for event in events} == {f"{planned.session_id}@essaim"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [instant(event, "DTSTART").day for event in events] == [8, 9, 9]
    assert {str(event["ORGANIZER"]) for event in events} == {"mailto:bonjour@premices.example"}


async def test_a_message_postponed_by_the_server_is_tried_again(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    mail_server.answers = ["451 try later", "452 still not"]

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (message,) = programme.messages()
    assert (message.attempts, len(mail_server.letters)) == (3, 1)
    assert only(MessageSent, programme.told()).attempts == 3


async def test_a_message_refused_by_the_server_fails_and_the_others_leave(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada, bob = programme.knows("Ada", "ada@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    planned = programme.session(ada.id, bob.id)
    mail_server.answers = ["550 no such mailbox"]

    async with sending(runtime):
        await until(lambda: len(programme.told()) == 2)

    first, second = programme.messages()
    assert (first.state, first.reason, first.answer) == (
        "failed", "refused_by_server", "550 no such mailbox",
    )  # fmt: skip
    assert second.state == "sent"
    assert programme.told()[0] == MessageFailed(
        message_id=first.id,
        recipient_id=first.recipient_id,
        template="session-convocation",
        channel=Channel.EMAIL,
        about_id=planned.session_id,
        reason=FailureReason.REFUSED_BY_SERVER,
        attempts=1,
        failed_at=programme.clock.now(),
    )


@pytest.mark.parametrize(
    "address", ["ada@exemple.fr> SIZE=1\r\nRCPT TO:<eve@exemple.fr", "a..b@exemple.fr", "lou@x."]
)
async def test_an_address_that_is_none_fails_and_reaches_no_server(
    programme: Programme, runtime: Runtime, mail_server: MailServer, address: str
) -> None:
    ada = programme.knows("Ada", address)
    programme.application(ada.id)

    async with sending(runtime):
        await until(all_are(programme, "failed"))

    assert mail_server.letters == []
    assert programme.messages()[0].reason == "no_address"


async def test_a_letter_goes_to_the_domain_with_a_sharp_s_and_not_to_its_namesake(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    lou = programme.knows("Lou", "lou@straße.example.org")
    programme.session(lou.id)

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    assert mail_server.recipients == ["lou@xn--strae-oqa.example.org"]


def test_in_the_mailbox_too_a_bad_address_stops_nobody_elses_letter(
    programme: Programme, runtime: Runtime
) -> None:
    bad, good = programme.knows("Ada", "a..b@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    programme.session(bad.id, good.id)

    fill_mailbox(runtime)

    assert [(one.state, one.reason) for one in programme.messages()] == [
        ("failed", "no_address"),
        ("sent", None),
    ]


async def test_with_the_server_down_messages_wait_and_its_trouble_is_known(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    await mail_server.stop()
    programme.application(ada.id)

    async with sending(runtime):
        trouble = await until(lambda: trouble_of(runtime))
        assert "SMTPConnectError" in trouble
        assert programme.messages()[0].attempts == 0
        await mail_server.start()
        await until(all_are(programme, "sent"))

    assert trouble_of(runtime) is None
    assert len(mail_server.letters) == 1


async def test_a_server_that_goes_down_in_the_middle_loses_and_doubles_nothing(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    people = [programme.knows(f"P{n}", f"p{n}@exemple.fr") for n in range(20)]
    programme.session(*(person.id for person in people))
    mail_server.goes_down_at = 7

    async with sending(runtime):
        await until(lambda: not mail_server.is_up)
        await until(lambda: trouble_of(runtime))
        await mail_server.start()
        await until(all_are(programme, "sent"))

    assert len(subjects(mail_server)) == 20
    to = sorted(str(read_mail(raw)["To"]) for raw in mail_server.letters)
    assert to == sorted(f"{person.name} <{person.email}>" for person in people)


async def test_a_sender_the_server_refuses_fails_no_message(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    mail_server.refused_senders = {"bonjour@premices.example"}

    async with sending(runtime):
        trouble = await until(lambda: trouble_of(runtime))
        assert "550 this sender may not send" in trouble
        mail_server.refused_senders = set()
        await until(all_are(programme, "sent"))


async def test_a_mail_server_that_is_back_waits_for_no_letter_longer_than_a_quarter_of_a_minute(
    programme: Programme, runtime: Runtime, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    pauses: list[float] = []

    async def tried(rest: asyncio.Event, pause: float) -> None:
        """No time passes: what is due stays so, and the server down until the last of them."""
        pauses.append(pause)
        await mail_server.start() if len(pauses) == 7 else None
        rest.set()
        sent = all_are(programme, "sent")()
        running.stopping.set() if sent else running.stopping.clear()

    monkeypatch.setattr(worker, "wait_for", tried)
    running = worker._Worker(runtime)
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    await mail_server.stop()

    await running.run()

    assert pauses == [1, 2, 4, 8, 15, 15, 15, 0]


async def test_a_message_in_doubt_is_sent_once_more_under_the_same_message_id(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    mail_server.hangs_up_after_data = 1

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (message,) = programme.messages()
    ids = [read_mail(raw)["Message-ID"] for raw in mail_server.letters]
    assert ids == [f"<{message.id}@premices.example>"] * 2
    assert message.uncertain


async def test_a_message_in_doubt_twice_is_left_to_a_human(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    mail_server.hangs_up_after_data = 5

    async with sending(runtime):
        await until(all_are(programme, "failed"))

    assert len(mail_server.letters) == 2
    failed = only(MessageFailed, programme.told())
    assert (failed.reason, failed.attempts) == (FailureReason.SERVER_UNREACHABLE, 2)


async def test_a_message_interrupted_by_a_crash_is_in_doubt_and_sent_again(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    with runtime.work() as work:
        assert delivery.claim(work, 1)

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (message,) = programme.messages()
    assert (message.attempts, message.uncertain, len(mail_server.letters)) == (2, True, 1)


async def test_a_letter_taken_while_the_database_goes_out_is_not_sent_twice(
    programme: Programme, runtime: Runtime, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[int] = []
    end_try = delivery.end_try

    def out_at_first(*args: Any) -> None:
        if len(refused) < 3:
            refused.append(1)
            raise sa.exc.TimeoutError("no connection to be had")
        end_try(*args)

    monkeypatch.setattr(delivery, "end_try", out_at_first)
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (message,) = programme.messages()
    assert (message.attempts, message.uncertain, len(mail_server.letters)) == (1, False, 1)


async def test_a_letter_claimed_as_the_database_goes_out_leaves_without_a_restart(
    programme: Programme, runtime: Runtime, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim was committed; that it was, nobody heard."""
    lost: list[int] = []
    claim_first = worker._claim_first

    def claimed_unheard(*args: Any) -> Any:
        claimed = claim_first(*args)
        if not lost:
            lost.append(1)
            raise sa.exc.TimeoutError("the connection was lost")
        return claimed

    monkeypatch.setattr(worker, "_claim_first", claimed_unheard)
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    assert len(mail_server.letters) == 1


async def test_an_instance_that_lost_its_lease_does_not_overwrite_what_its_successor_did(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    with runtime.work() as work:
        (letter,) = delivery.claim(work, 1)
    async with sending(runtime):
        await until(all_are(programme, "sent"))
    (before,) = programme.messages()

    with runtime.work() as work:
        delivery.end_try(work, letter, Outcome.REFUSED, "550 no")

    assert programme.messages() == [before]
    assert len(programme.told()) == 1


async def test_a_worker_that_is_stopped_finishes_the_letter_in_hand(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    people = [programme.knows(f"P{n}", f"p{n}@exemple.fr") for n in range(50)]
    programme.session(*(person.id for person in people))

    async with sending(runtime):
        await until(lambda: len(mail_server.letters) >= 3)

    states = [state for _, state in programme.states()]
    assert states.count("sent") == len(mail_server.letters)
    assert states.count("sending") == 0
    assert states.count("queued") == 50 - len(mail_server.letters)


async def test_what_waited_for_days_for_a_server_that_is_down_is_given_up(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    await mail_server.stop()
    programme.application(ada.id)
    with runtime.work() as work:
        past = REAL_TIME.now() - timedelta(seconds=1)
        work.db.execute(sa.update(messages).values(give_up_at=past))

    async with sending(runtime):
        await until(all_are(programme, "failed"))

    failed = only(MessageFailed, programme.told())
    assert failed.reason == FailureReason.SERVER_UNREACHABLE


async def test_a_message_goes_to_the_address_its_reader_has_now(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@ancienne.example")
    programme.application(ada.id)
    programme.learns(replace(ada, email="ada@nouvelle.example"))

    async with sending(runtime):
        await until(all_are(programme, "sent"))

    (letter,) = mail_server.letters
    assert message_from_bytes(letter, policy=default)["To"].addresses[0].addr_spec == (
        "ada@nouvelle.example"
    )


def test_without_a_server_messages_stay_in_the_mailbox(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.session(ada.id)

    fill_mailbox(runtime)

    (message,) = programme.messages()
    assert message.state == "sent"
    with runtime.read() as db:
        kept = store.mailbox.find(db, message.id)
    assert kept is not None
    assert kept.ics is not None
    assert (kept.name, kept.address, kept.subject) == ("Ada", "ada@exemple.fr", message.subject)
    assert "BEGIN:VCALENDAR" in kept.ics
    assert "Bonjour Ada," in kept.html
    assert [type(fact) for fact in programme.told()] == [MessageSent]


ACT = Origin("the-act", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")


def origins_told(runtime: Runtime) -> list[tuple[str, str]]:
    """The correlation id and the trace of each fact told."""
    with runtime.read() as db:
        told = [json.loads(headers) for headers in db.scalars(sa.select(outbox.c.headers))]
    return [(one["ce-correlationid"], one["traceparent"].split("-")[1]) for one in told]


@pytest.mark.parametrize("answer", ["250 accepted", "550 no such mailbox"])
async def test_what_is_said_of_a_letter_is_part_of_what_led_to_it(
    programme: Programme, runtime: Runtime, mail_server: MailServer, answer: str
) -> None:
    with following(ACT):
        programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    mail_server.answers = [answer]

    async with sending(runtime):
        await until(programme.told)

    assert origins_told(runtime) == [("the-act", ACT.traceparent.split("-")[1])]
    with runtime.read() as db:
        kept = db.execute(sa.select(messages.c.correlation_id, messages.c.traceparent)).one()
    assert kept == (None, None), "it stands in the fact, and rows stay small"


def test_what_is_said_of_letters_that_stay_here_is_part_of_what_led_to_each(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    with following(ACT):
        programme.application(ada.id)
    with following(replace(ACT, correlation_id="another")):
        programme.application(ada.id)

    fill_mailbox(runtime)

    assert [id for id, _ in origins_told(runtime)] == ["the-act", "another"]


async def test_the_log_of_a_link_that_did_not_leave_names_its_request_and_not_its_address(
    programme: Programme, runtime: Runtime, mail_server: MailServer
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    token = "a-secret-token-of-a-link"
    with following(ACT):
        send_sign_in_link(SendSignInLink(person_id=ada.id, token=token, language="fr"), runtime)
    mail_server.answers = ["550 no such mailbox"]

    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        async with sending(runtime):
            (line,) = await until(lambda: lines)

    assert (line["correlation_id"], line["template"]) == ("the-act", "sign-in-link")
    assert token not in str(lines)
    assert programme.told() == []


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp:587"])
def test_a_setting_that_names_no_server_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValidationError, match="ESSAIM_SMTP_URL names no mail server"):
        NotificationsSettings(smtp_url=SecretStr(url))


def trouble_of(runtime: Runtime) -> str | None:
    with runtime.read() as db:
        trouble = store.mail_server.trouble(db)
    return trouble.reason if trouble else None


async def test_a_worker_that_is_cancelled_twice_leaves_nothing_that_runs(
    programme: Programme, runtime: Runtime, settings: NotificationsSettings
) -> None:
    connected, silent = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        runtime.settings = settings.model_copy(
            update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")}
        )
        programme.application(programme.knows("Ada", "ada@exemple.fr").id)
        running = asyncio.create_task(send_queued(runtime))
        await connected.wait()
        before = asyncio.all_tasks() - {running}

        running.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running})

        (sending,) = [task for task in before if "_Worker.run" in repr(task)]
        assert sending.cancelled()
        silent.set()
