"""Letters leave: to a mail server one by one, or into the mailbox when there is no server.

A letter is marked `sending` and committed, then handed to the server with no transaction open,
then marked by the answer. If the service dies in between, nobody knows whether the server has it.
It is then sent once more, under the same Message-ID, because a convocation that comes twice does
less harm than one that never comes; a second doubt is left to a human.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import aiosmtplib
import sqlalchemy as sa
import structlog
from essaim.keeping.database import in_words, is_outage
from essaim.loops import cancel, goes_on, said_once, wait_for, waits
from essaim.observing.tracing import Origin, current_origin
from essaim.running.runtime import Runtime
from essaim.text.mail_address import wire_address
from essaim.threads import in_thread
from essaim.work import Work

from notifications import store
from notifications.commands import delivery
from notifications.commands.message import REAL_TIME, say_unwritable
from notifications.letters.letter import (
    Letter,
    Parts,
    Sender,
    has_usable_address,
    mime,
    parts,
)
from notifications.message import Outcome, Template
from notifications.settings import NotificationsSettings, sender_of, settings_of
from notifications.smtp import SERVER_PATIENCE, ServerTrouble, Try, connection, hand_over
from notifications.store.mailbox import ReceivedLetter

log = structlog.get_logger()

T = TypeVar("T")

POLL_SECONDS = 2.0
"""A net only, for what another instance queued: our own commits wake the worker."""
MAILBOX_CHUNK = 100
LETTERS_PER_CONNECTION = 100
SERVER_GRACE = 30.0
"""Seconds the mail server may be away before this service is not ready: some are, each night."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0
"""A server that is back is soon seen; to ask it no more often than that presses nobody."""


async def send_queued(runtime: Runtime) -> None:
    """The worker. When it is cancelled, the letter in hand is finished first."""
    await run_to_its_end(_Worker(runtime), runtime, SERVER_PATIENCE)


class Stoppable(Protocol):
    """What ends by itself once `stopping` is set, and sleeps until `woken`."""

    stopping: asyncio.Event
    woken: asyncio.Event

    async def run(self) -> None: ...


async def run_to_its_end(worker: Stoppable, runtime: Runtime, last_moment: float) -> None:
    """Run it, woken by commits. Cancelled, it has so many seconds for what is in hand.

    Cancelled again, it has none. Nothing of it runs on after that.
    """
    running = asyncio.create_task(worker.run())
    with woken_by_commits(runtime, worker.woken):
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            worker.stopping.set()
            worker.woken.set()
            await asyncio.wait({running}, timeout=last_moment)
            raise
        finally:
            await cancel([running])


@contextmanager
def woken_by_commits(runtime: Runtime, woken: asyncio.Event) -> Iterator[None]:
    """Each commit of this process sets the event: something may be due."""
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


class _Worker:
    """Sends what is due until `stopping` is set; sleeps until `woken` when nothing is."""

    def __init__(self, runtime: Runtime) -> None:
        self.stopping = asyncio.Event()
        self.woken = asyncio.Event()
        self._runtime = runtime
        self._recovered = False

    async def run(self) -> None:
        trouble_pause = 0.0
        while not self.stopping.is_set():
            self.woken.clear()
            rest = self.woken
            try:
                await self._recover()
                pause = 0.0 if await self._send_due() else POLL_SECONDS
                trouble_pause = 0.0
                goes_on()
            except (aiosmtplib.SMTPException, OSError) as error:
                # More letters are no reason to press a server that is in trouble.
                rest, pause = self.stopping, (trouble_pause := _longer(trouble_pause))
                trouble = f"{type(error).__name__}: {in_words(error)}"
                waits(f"letters wait for the mail server: {trouble}", SERVER_GRACE)
                with suppress(sa.exc.SQLAlchemyError):
                    await in_thread(_note_trouble, self._runtime, trouble)
            except sa.exc.SQLAlchemyError as error:
                # A claim whose commit got no answer may have been made.
                self._recovered = False
                rest, pause = self.stopping, (trouble_pause := _longer(trouble_pause))
                # Not the whole error: it repeats the texts that were to be saved.
                waits(f"letters wait for the database: {type(error).__name__}")
            await wait_for(rest, pause)

    async def _recover(self) -> None:
        if not self._recovered:
            await in_thread(_recover, self._runtime)
            self._recovered = True

    async def _send_due(self) -> bool:
        """Send what is due, or a good part of it. False when nothing was."""
        if not await in_thread(_something_due, self._runtime):
            return False
        settings = settings_of(self._runtime)
        if settings.keeps_mail_here:
            await in_thread(fill_mailbox, self._runtime)
        else:
            await self._send_by_smtp(settings)
        return True

    async def _send_by_smtp(self, settings: NotificationsSettings) -> None:
        """Send what is due over one connection, as long as it holds.

        Raises:
            ServerTrouble, aiosmtplib.SMTPException, OSError: the server cannot be used now.
        """
        sender = sender_of(self._runtime)
        async with connection(settings.smtp_url.get_secret_value()) as client:
            claimed = await in_thread(_claim_first, self._runtime, sender)
            for left in reversed(range(LETTERS_PER_CONNECTION)):
                if claimed is None:
                    return
                with _span(self._runtime, claimed.letter):
                    tried = await _try(client, claimed, sender)
                    goes_on = tried.is_connected and left > 0 and not self.stopping.is_set()
                    claimed = await self._note_try(sender, claimed.letter, tried, goes_on)
                if tried.outcome in (Outcome.NOT_REACHED, Outcome.UNCERTAIN):
                    raise ServerTrouble(tried.answer)

    async def _note_try(
        self, sender: Sender, letter: Letter, tried: Try, goes_on: bool
    ) -> "_Claimed | None":
        """Save how a try ended and claim the next letter.

        While the database is out we keep what only we know: a letter whose answer is forgotten is
        in doubt, and goes to its reader twice.
        """
        pause, waits = 0.0, None
        while True:
            try:
                return await in_thread(_end_try, self._runtime, sender, letter, tried, goes_on)
            except sa.exc.SQLAlchemyError as error:
                if not is_outage(error) or self.stopping.is_set():
                    raise
                waits = said_once("the end of a try waits for the database", in_words(error), waits)
                # The mail server does not wait that long for another letter.
                goes_on, pause = False, _longer(pause)
            await wait_for(self.stopping, pause)


def _longer(pause: float) -> float:
    return min(max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE)


def _recover(runtime: Runtime) -> None:
    with runtime.work() as work:
        delivery.recover_interrupted(work)


def _span(runtime: Runtime, letter: Letter) -> AbstractContextManager[Origin]:
    """What is done in it follows from what led to the letter."""
    return runtime.tracing.span("send a letter", letter.origin, template=letter.template)


def _something_due(runtime: Runtime) -> bool:
    with runtime.read() as db:
        return store.delivery.something_due(db, REAL_TIME.now())


# ---- without a mail server


def fill_mailbox(runtime: Runtime) -> None:
    """Put what is due into the mailbox, in one transaction: here nothing is ever uncertain."""
    sender = sender_of(runtime)
    with runtime.work() as work:
        delivery.give_up_late(work)
        for letter in delivery.claim(work, MAILBOX_CHUNK):
            with _span(runtime, letter):
                mine = replace(work, origin=current_origin())
                kept = _keep(letter, sender, work)
                delivery.end_try(mine, letter, kept.outcome, kept.answer)


def _keep(letter: Letter, sender: Sender, work: Work) -> Try:
    """Put one letter into the mailbox, unless it would not leave by a server either."""
    usable = _composed(letter, has_usable_address)
    if usable is False:
        return Try(Outcome.UNADDRESSABLE, _no_address(letter))
    written = _composed(letter, lambda one: parts(one, sender, work.now)) if usable else None
    if written is None:
        return Try(Outcome.UNWRITABLE)
    store.mailbox.put(work.db, [_received(letter, written, work)])
    return Try(Outcome.ACCEPTED)


def _no_address(letter: Letter) -> str:
    return f"{letter.to.address!r} is no mail address"


def _received(letter: Letter, parts: Parts, work: Work) -> ReceivedLetter:
    # Whoever is forgotten is so in the mailbox too.
    is_forgotten = letter.template == Template.ERASURE_DONE
    return ReceivedLetter(
        id=letter.id,
        recipient_id=letter.recipient_id,
        name=letter.to.name,
        address="" if is_forgotten else letter.to.address,
        template=letter.template,
        language=letter.language,
        subject=letter.text.subject,
        text=parts.text,
        html=parts.html,
        ics=parts.ics,
        received_at=work.now,
    )


# ---- with a mail server


@dataclass(frozen=True)
class _Claimed:
    """A letter marked as being sent, as it is handed to the server.

    Without `mime` it is not, and `instead` says how its try ends.
    """

    letter: Letter
    address: str = ""
    mime: bytes | None = field(default=None, repr=False)
    instead: Try | None = None


async def _try(client: aiosmtplib.SMTP, claimed: _Claimed, sender: Sender) -> Try:
    if claimed.mime is None:
        return claimed.instead or Try(Outcome.UNWRITABLE)
    try:
        return await hand_over(client, sender.address, claimed.address, claimed.mime)
    except ValueError as error:
        # What the client will not put on the wire goes no other time either.
        say_unwritable(claimed.letter, error)
        return Try(Outcome.UNWRITABLE, is_connected=False)


def _claim_first(runtime: Runtime, sender: Sender) -> _Claimed | None:
    _note_trouble(runtime, None)
    with runtime.work() as work:
        delivery.give_up_late(work)
        return _claim(work, sender)


def _end_try(
    runtime: Runtime, sender: Sender, letter: Letter, tried: Try, goes_on: bool
) -> _Claimed | None:
    """Save how a try ended and claim the next letter in one transaction: one commit a letter."""
    with runtime.work() as work:
        delivery.end_try(work, letter, tried.outcome, tried.answer)
        return _claim(work, sender) if goes_on else None


def _claim(work: Work, sender: Sender) -> _Claimed | None:
    """The next letter; None when nothing is due."""
    while store.delivery.something_due(work.db, REAL_TIME.now()):
        for letter in delivery.claim(work, limit=1):
            return _written(letter, sender, work)
    return None


def _written(letter: Letter, sender: Sender, work: Work) -> _Claimed:
    def write(letter: Letter) -> _Claimed:
        if not has_usable_address(letter):
            return _Claimed(letter, instead=Try(Outcome.UNADDRESSABLE, _no_address(letter)))
        written = mime(letter, parts(letter, sender, work.now), sender, REAL_TIME.now())
        return _Claimed(letter, wire_address(letter.to.address), written.as_bytes())

    return _composed(letter, write) or _Claimed(letter)


def _composed(letter: Letter, compose: Callable[[Letter], T]) -> T | None:
    """What is made of a letter; None when it cannot be, whatever it breaks on."""
    try:
        return compose(letter)
    except Exception as error:
        say_unwritable(letter, error)
        return None


def _note_trouble(runtime: Runtime, reason: str | None) -> None:
    """Remember how the server fares, for the pages; what waited for days is given up."""
    with runtime.read() as db:
        known = store.mail_server.trouble(db)
    if reason is None and known is None:
        return
    if known is None:
        log.warning("mail server not reached; letters wait", reason=reason)
    with runtime.work() as work:
        store.mail_server.save_trouble(work.db, reason, REAL_TIME.now())
        if reason:
            delivery.give_up_overdue(work)
