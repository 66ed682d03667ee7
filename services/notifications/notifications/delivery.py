"""Letters leave: to a mail server one by one, or into the mailbox when there is no server.

A letter is marked `sending` and committed, then handed to the server with no transaction open,
then marked by the answer. If the service dies in between, nobody knows whether the server has it.
It is then sent once more, under the same Message-ID, because a convocation that comes twice does
less harm than one that never comes; a second doubt is left to a human.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import aiosmtplib
import sqlalchemy as sa
import structlog
from essaim.keeping.database import in_words, is_outage
from essaim.running.runtime import Runtime
from essaim.work import Work

from notifications import outgoing, store
from notifications.letters import Letter, Parts, Sender, has_usable_address, in_ascii, mime, parts
from notifications.messages import Outcome
from notifications.queue import REAL_TIME
from notifications.settings import NotificationsSettings

log = structlog.get_logger()

POLL_SECONDS = 1.0
"""A net only, for what another instance queued: our own commits wake the worker."""
MAILBOX_CHUNK = 100
LETTERS_PER_CONNECTION = 100
SERVER_PATIENCE = 30.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


class ServerTrouble(OSError):
    """The mail server fails us in a way that concerns every letter, not this one."""


async def send_queued(runtime: Runtime) -> None:
    """The worker. When it is cancelled, the letter in hand is finished first."""
    stopping, woken = asyncio.Event(), asyncio.Event()
    sending = asyncio.create_task(_send_until(stopping, woken, runtime))
    with _woken_by_commits(runtime, woken):
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            stopping.set()
            woken.set()
            await asyncio.wait({sending}, timeout=SERVER_PATIENCE)
            sending.cancel()
            raise


@contextmanager
def _woken_by_commits(runtime: Runtime, woken: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def wake() -> None:
        # A thread may still commit while the program ends.
        if not loop.is_closed():
            loop.call_soon_threadsafe(woken.set)

    runtime.database.on_commit.append(wake)
    try:
        yield
    finally:
        runtime.database.on_commit.remove(wake)


async def _send_until(stopping: asyncio.Event, woken: asyncio.Event, runtime: Runtime) -> None:
    recovered = False
    pause = 0.0
    while not stopping.is_set():
        woken.clear()
        rest = woken
        try:
            if not recovered:
                await asyncio.to_thread(_recover, runtime)
                recovered = True
            pause = POLL_SECONDS if await _send_due(runtime, stopping) else 0.0
        except (aiosmtplib.SMTPException, OSError) as error:
            # More letters are no reason to press a server that is in trouble.
            rest, pause = stopping, min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)
            with suppress(sa.exc.SQLAlchemyError):
                await asyncio.to_thread(_note_trouble, runtime, f"{type(error).__name__}: {error}")
        except sa.exc.SQLAlchemyError as error:
            # A claim whose commit got no answer may have been made.
            recovered = False
            rest, pause = stopping, min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)
            # Not the whole error: it repeats the texts that were to be saved.
            log.warning("letters wait for the database", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(rest.wait(), pause)


def _recover(runtime: Runtime) -> None:
    with runtime.work() as work:
        outgoing.recover_interrupted(work)


async def _send_due(runtime: Runtime, stopping: asyncio.Event) -> bool:
    """Send what is due, or a good part of it. True when nothing was."""
    if not await asyncio.to_thread(_something_due, runtime):
        return True
    settings = settings_of(runtime)
    if settings.keeps_mail_here:
        await asyncio.to_thread(fill_mailbox, runtime)
    else:
        await _send_by_smtp(runtime, settings, stopping)
    return False


def _something_due(runtime: Runtime) -> bool:
    with runtime.read() as db:
        return store.something_due(db, REAL_TIME.now())


def settings_of(runtime: Runtime) -> NotificationsSettings:
    return cast(NotificationsSettings, runtime.settings)


def sender_of(settings: NotificationsSettings) -> Sender:
    return Sender(
        address=settings.mail_from,
        name=settings.mail_from_name,
        reply_to=settings.mail_reply_to,
        pages=settings.public_url,
    )


# ---- without a mail server


def fill_mailbox(runtime: Runtime) -> None:
    """Put what is due into the mailbox, in one transaction: here nothing is ever uncertain."""
    sender = sender_of(settings_of(runtime))
    with runtime.work() as work:
        outgoing.give_up_late_reminders(work)
        letters = outgoing.due_letters(work, MAILBOX_CHUNK)
        rows = [_mailbox_row(letter, parts(letter, sender, work.now), work) for letter in letters]
        store.put_in_mailbox(work.db, rows)
        for letter in letters:
            outgoing.begin_try(work, letter)
            outgoing.end_try(work, letter, Outcome.ACCEPTED, None)


def _mailbox_row(letter: Letter, parts: Parts, work: Work) -> dict[str, Any]:
    return {
        "id": letter.id,
        "recipient_id": letter.recipient_id,
        "name": letter.to.name,
        "address": letter.to.address,
        "template": letter.template,
        "language": letter.language,
        "subject": letter.text.subject,
        "text": parts.text,
        "html": parts.html,
        "ics": parts.ics,
        "received_at": work.now,
    }


# ---- with a mail server


@dataclass(frozen=True)
class Try:
    """How the server took one letter. `is_connected` says whether it can be given another."""

    outcome: Outcome
    answer: str | None = None
    is_connected: bool = True


@dataclass(frozen=True)
class _Claimed:
    """A letter marked as being sent; `mime` is None when its address cannot be written to."""

    letter: Letter
    mime: bytes | None


@asynccontextmanager
async def _connection(settings: NotificationsSettings) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connection to the mail server, always encrypted when there is a password to protect."""
    url = urlsplit(settings.smtp_url.get_secret_value())
    is_encrypted = url.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=is_encrypted,
        start_tls=True if url.username and not is_encrypted else None,
        timeout=SERVER_PATIENCE,
    )
    await client.connect()
    try:
        yield client
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()


async def _send_by_smtp(
    runtime: Runtime, settings: NotificationsSettings, stopping: asyncio.Event
) -> None:
    """Send what is due over one connection, as long as it holds.

    Raises:
        ServerTrouble, aiosmtplib.SMTPException, OSError: the server cannot be used now.
    """
    sender = sender_of(settings)
    async with _connection(settings) as client:
        claimed = await asyncio.to_thread(_claim_first, runtime, sender)
        for left in reversed(range(LETTERS_PER_CONNECTION)):
            if claimed is None:
                return
            tried = await hand_over(client, claimed, sender.address)
            goes_on = tried.is_connected and left > 0 and not stopping.is_set()
            claimed = await _note_try(runtime, sender, claimed.letter, tried, goes_on, stopping)
            if tried.outcome in (Outcome.NOT_REACHED, Outcome.UNCERTAIN):
                raise ServerTrouble(tried.answer)


async def _note_try(
    runtime: Runtime,
    sender: Sender,
    letter: Letter,
    tried: Try,
    goes_on: bool,
    stopping: asyncio.Event,
) -> _Claimed | None:
    """Save how a try ended and claim the next letter.

    While the database is out we keep what only we know: a letter whose answer is forgotten is in
    doubt, and goes to its reader twice.
    """
    pause = 0.0
    while True:
        try:
            return await asyncio.to_thread(_end_try, runtime, sender, letter, tried, goes_on)
        except sa.exc.SQLAlchemyError as error:
            if not is_outage(error) or stopping.is_set():
                raise
            if not pause:
                log.warning("the end of a try waits for the database", reason=in_words(error))
            # The mail server does not wait that long for another letter.
            goes_on, pause = False, min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause)


async def hand_over(client: aiosmtplib.SMTP, claimed: _Claimed, sender: str) -> Try:
    """Give the server one letter. Until its text has begun to leave, a failure is no doubt."""
    address = in_ascii(claimed.letter.to.address)
    if claimed.mime is None:
        return Try(Outcome.UNADDRESSABLE, f"{address!r} is no mail address")
    try:
        await client.mail(sender)
        await client.rcpt(address)
    except aiosmtplib.SMTPSenderRefused as error:
        return Try(Outcome.NOT_REACHED, f"{error.code} {error.message}", is_connected=False)
    except aiosmtplib.SMTPResponseException as error:
        return await _refused(client, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Try(Outcome.NOT_REACHED, repr(error), is_connected=False)
    try:
        await client.data(claimed.mime)
    except aiosmtplib.SMTPResponseException as error:
        return await _refused(client, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Try(Outcome.UNCERTAIN, repr(error), is_connected=False)
    return Try(Outcome.ACCEPTED)


async def _refused(client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Try:
    outcome = Outcome.POSTPONED if 400 <= error.code < 500 else Outcome.REFUSED
    answer = f"{error.code} {error.message}"
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        # A server that says 421 closes the connection.
        return Try(outcome, answer, is_connected=False)
    return Try(outcome, answer)


def _claim_first(runtime: Runtime, sender: Sender) -> _Claimed | None:
    _note_trouble(runtime, None)
    with runtime.work() as work:
        outgoing.give_up_late_reminders(work)
        return _claim(work, sender)


def _end_try(
    runtime: Runtime, sender: Sender, letter: Letter, tried: Try, goes_on: bool
) -> _Claimed | None:
    """Save how a try ended and claim the next letter in one transaction: one commit a letter."""
    with runtime.work() as work:
        outgoing.end_try(work, letter, tried.outcome, tried.answer)
        return _claim(work, sender) if goes_on else None


def _claim(work: Work, sender: Sender) -> _Claimed | None:
    for letter in outgoing.due_letters(work, limit=1):
        outgoing.begin_try(work, letter)
        if not has_usable_address(letter):
            return _Claimed(letter, None)
        written = mime(letter, parts(letter, sender, work.now), sender, REAL_TIME.now())
        return _Claimed(letter, written.as_bytes())
    return None


def _note_trouble(runtime: Runtime, trouble: str | None) -> None:
    """Remember how the server fares, for the pages; what waited for days is given up."""
    with runtime.read() as db:
        known = store.trouble_of_server(db)
    if trouble is None and known is None:
        return
    if known is None:
        log.warning("mail server not reached; letters wait", reason=trouble)
    with runtime.work() as work:
        store.save_trouble(work.db, trouble, REAL_TIME.now())
        if trouble:
            outgoing.give_up_overdue(work)
