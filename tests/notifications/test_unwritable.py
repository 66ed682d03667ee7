"""A letter that cannot be composed fails alone, and says so to who can do something about it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog
from backbone import until
from essaim.keeping.listed import with_keys
from essaim.running.runtime import Runtime
from essaim_contracts.notifications import FailureReason, MessageFailed, MessageSent
from essaim_contracts.questions import SendSignInLink
from notifications import labels, store, worker
from notifications.answers import send_sign_in_link
from notifications.commands import delivery
from notifications.commands import message as queueing
from notifications.letters import letter as letters
from notifications.letters import text
from notifications.message import OwnFailure
from notifications.session import Session
from notifications.settings import NotificationsSettings
from notifications.store.message import message as messages

from tests.notifications.correspondence import MailServer, Programme, only
from tests.notifications.test_delivery import impatient, sending

__all__ = ["impatient"]


class Odd(Exception):
    pass


def breaks_on_zoe(act: Callable[..., Any]) -> Callable[..., Any]:
    def break_on_zoe(*args: Any, **more: Any) -> Any:
        if "zoe" in repr(args).lower():
            raise Odd("zoe@exemple.fr wrote something odd")
        return act(*args, **more)

    return break_on_zoe


@pytest.fixture(params=["server", "mailbox"])
def settings(
    request: pytest.FixtureRequest, settings: NotificationsSettings, mail_server: MailServer
) -> NotificationsSettings:
    if request.param == "mailbox":
        return settings
    return settings.model_copy(update={"smtp_url": mail_server.url})


COMPOSING = {
    "the words": (letters, "write"),
    "the address": (delivery, "address"),
    "the HTML": (letters, "to_html"),
    "the invitation": (letters, "invitation"),
    "the parts": (worker, "parts"),
}
FOR_A_SERVER = {
    "the check of the address": (worker, "has_usable_address"),
    "the form for mail servers": (worker, "mime"),
    "the command to the server": (worker, "wire_address"),
}


def outcomes(programme: Programme) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in programme.messages()]


def failed_alone(programme: Programme) -> bool:
    return outcomes(programme) == [("failed", "unwritable"), ("sent", None)]


@pytest.mark.parametrize("step", [*COMPOSING, *FOR_A_SERVER])
async def test_whatever_breaks_while_a_letter_is_composed_it_fails_and_the_others_leave(
    programme: Programme,
    runtime: Runtime,
    settings: NotificationsSettings,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    if step in FOR_A_SERVER and settings.keeps_mail_here:
        return
    module, name = (COMPOSING | FOR_A_SERVER)[step]
    zoe, bob = programme.knows("Zoe", "zoe@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    programme.session(zoe.id)
    programme.session(bob.id)
    if step == "the words":
        forget_the_words(runtime)
    monkeypatch.setattr(module, name, breaks_on_zoe(getattr(module, name)))

    with structlog.testing.capture_logs() as lines:
        async with sending(runtime):
            await until(lambda: failed_alone(programme))

    told = {type(fact): fact for fact in programme.told()}
    failed, sent = told[MessageFailed], told[MessageSent]
    assert isinstance(failed, MessageFailed)
    assert isinstance(sent, MessageSent)
    assert (failed.recipient_id, failed.reason) == (zoe.id, FailureReason.REFUSED_BY_SERVER)
    assert sent.recipient_id == bob.id
    (line,) = [line for line in lines if line["event"] == "a letter cannot be composed"]
    assert "Odd" in line["reason"]
    assert "zoe@exemple.fr" not in str(lines)


def forget_the_words(runtime: Runtime) -> None:
    """They are written as the letter leaves, as those of a secret are."""
    with runtime.work() as work:
        work.db.execute(sa.update(messages).values(with_keys(messages, {"subject": None})))


async def test_a_link_that_cannot_be_written_is_given_up_and_others_leave(
    programme: Programme, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, bob = programme.knows("Zoe", "zoe@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    token = "a-secret-token-of-a-test-long-enough"
    send_sign_in_link(SendSignInLink(person_id=zoe.id, token=token, language="fr"), runtime)
    programme.session(bob.id)
    monkeypatch.setattr(letters, "write", breaks_on_zoe(text.write))

    with structlog.testing.capture_logs() as lines:
        async with sending(runtime):
            await until(lambda: outcomes(programme) == [("sent", None)])

    assert token not in str(lines)


async def test_a_text_that_cannot_be_written_fails_for_one_reader_and_the_fact_is_handled(
    programme: Programme, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, bob = programme.knows("Zoe", "zoe@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    monkeypatch.setattr(queueing, "write", breaks_on_zoe(text.write))

    programme.session(zoe.id, bob.id)

    states = {one.recipient_id: (one.state, one.reason) for one in programme.messages()}
    assert states == {zoe.id: ("failed", "unwritable"), bob.id: ("queued", None)}
    assert only(MessageFailed, programme.told()).recipient_id == zoe.id


def test_what_waits_for_its_reader_and_cannot_be_written_fails_alone(
    programme: Programme, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, bob = programme.knows("Zoe"), programme.knows("Bob")
    programme.session(zoe.id)
    programme.session(bob.id)
    programme.learns(replace(zoe, email="zoe@exemple.fr"))
    programme.learns(replace(bob, email="bob@exemple.fr"))
    monkeypatch.setattr(queueing, "write", breaks_on_zoe(text.write))

    runtime.run_timers()

    assert outcomes(programme) == [("failed", "unwritable"), ("queued", None)]


@pytest.mark.parametrize("broken", ["template", "details"])
async def test_what_cannot_be_read_of_a_queued_letter_keeps_no_other_letter(
    programme: Programme, runtime: Runtime, broken: str
) -> None:
    """A template that only a newer version knows waits for it; details that are none fail."""
    zoe = programme.knows("Zoe", "zoe@exemple.fr")
    programme.session(zoe.id)
    with runtime.work() as work:
        row = work.db.execute(sa.select(messages)).one()
        # PostgreSQL takes no details that are no JSON.
        odd = "{" if runtime.database.is_sqlite else "[]"
        value = "letter-of-tomorrow" if broken == "template" else odd
        work.db.execute(sa.text(f"UPDATE message SET {broken} = '{value}'"))
    bob = programme.knows("Bob", "bob@exemple.fr")
    programme.session(bob.id)

    def states() -> dict[UUID, tuple[str, str | None]]:
        query = sa.select(messages.c.recipient_id, messages.c.state, messages.c.reason)
        with runtime.read() as db:
            return {one.recipient_id: (one.state, one.reason) for one in db.execute(query)}

    async with sending(runtime):
        await until(lambda: states()[bob.id] == ("sent", None))

    left = {"template": ("queued", None), "details": ("failed", "unwritable")}
    assert states() == {row.recipient_id: left[broken], bob.id: ("sent", None)}


def test_details_that_lack_what_a_template_asks_for_fail_their_message_alone(
    programme: Programme, runtime: Runtime
) -> None:
    zoe, bob = programme.knows("Zoe"), programme.knows("Bob", "bob@exemple.fr")
    programme.session(zoe.id)
    with runtime.work() as work:
        work.db.execute(sa.update(messages).values(details={"people": ["nobody"]}))
    programme.session(bob.id)
    programme.learns(replace(zoe, email="zoe@exemple.fr"))

    runtime.run_timers()

    assert outcomes(programme) == [("failed", "unwritable"), ("queued", None)]


def test_a_session_whose_reminder_breaks_keeps_no_other_session_from_its_own(
    programme: Programme, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, bob = programme.knows("Zoe", "zoe@exemple.fr"), programme.knows("Bob", "bob@exemple.fr")
    broken, sound = programme.session(zoe.id), programme.session(bob.id)
    names = store.session.public_names

    def break_on_one(db: sa.Connection, session: Session) -> Any:
        if session.id == broken.session_id:
            raise Odd
        return names(db, session)

    monkeypatch.setattr(store.session, "public_names", break_on_one)
    runtime.set_clock(sound.starts_at - timedelta(days=7))

    reminded = [one.about_id for one in programme.messages(template="session-reminder-7-days")]
    assert reminded == [sound.session_id]


def test_a_coordinator_reads_what_to_do_about_a_letter_that_could_not_be_composed() -> None:
    assert labels.REASONS[OwnFailure.UNWRITABLE] == "La lettre n’a pas pu être composée"
    assert "prévenez l’exploitant" in labels.advice(OwnFailure.UNWRITABLE, uncertain=False)


async def test_a_mail_server_that_is_away_is_said_at_once_and_after_a_while_is_trouble(
    programme: Programme,
    runtime: Runtime,
    mail_server: MailServer,
    settings: NotificationsSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if settings.keeps_mail_here:
        return
    monkeypatch.setattr(worker, "SERVER_GRACE", 0.2)
    await mail_server.stop()
    programme.application(programme.knows("Zoe", "zoe@exemple.fr").id)
    runtime.parts.start("send_queued", lambda: worker.send_queued(runtime))
    (part,) = runtime.parts

    assert "letters wait for the mail server" in await until(lambda: part.remark)
    await until(lambda: "letters wait for the mail server" in (part.trouble or ""))
    await mail_server.start()
    await until(lambda: part.remark is None and part.trouble is None)
    await runtime.parts.end()
