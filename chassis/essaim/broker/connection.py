"""The connection to NATS: made by FastStream, kept for ever, and honest about refusals."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from essaim_contracts.questions import A, Question
from faststream import ContextRepo
from faststream.nats import NatsBroker, NatsRouter
from faststream.nats.security import NatsNKey, NatsSecurity
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError

from essaim.broker.asking import AskFailed, Follows, answer_on, ask
from essaim.broker.chunk_subscriber import ChunkSubscriber
from essaim.broker.client import speaks_tls, trusting
from essaim.broker.frames import read_at_a_glance
from essaim.broker.rights import inbox_prefix
from essaim.keeping.database import in_words
from essaim.loops import Run, cancel, rest, said_once, wait_for
from essaim.settings import Settings

log = structlog.get_logger()

_REFUSED = "Authorization Violation"
_BEGINS = 5.0
"""Seconds that a first connection may take before anybody says that it waits for it."""


def trouble_of(error: Exception) -> str:
    """Why relay, inbox or directory wait, in one line for an operator."""
    if isinstance(error, NoRespondersError):
        return "the broker's JetStream does not answer; see the broker's log"
    if isinstance(error, TimeoutError):
        return "the broker does not answer in time"
    return in_words(error)


class Broker:
    """One service's connection: answers questions, asks them, lends itself to relay and inbox.

    `context` is what the functions that answer may ask FastStream for, by name; `middlewares` are
    FastStream's, around each question and each chunk of facts.
    """

    def __init__(
        self,
        settings: Settings,
        service: str,
        questions: Iterable[NatsRouter] = (),
        context: dict[str, Any] | None = None,
        middlewares: Sequence[Any] = (),
    ) -> None:
        self._settings = settings
        self._service = service
        self._questions = tuple(questions)
        self._context = context or {}
        self._middlewares = middlewares
        self.refused: dict[str, str] = {}
        """Subjects the server refused us, with its words."""
        self.disturbed = asyncio.Event()
        """Set when the server refused something or the connection was lost."""
        self.reconnects = 0
        self._closed = asyncio.Event()
        self._begun = asyncio.Event()
        self.trouble: str | None = "not connected yet"
        """Why there is no connection; None while there is one."""
        self._nats = self._made()

    def _made(self) -> NatsBroker:
        self._seed = self._settings.read_nats_seed()
        made = NatsBroker(
            self._settings.nats_urls,
            name=f"essaim-{self._service}",
            security=_security(self._settings, self._seed),
            inbox_prefix=inbox_prefix(self._service),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=5,
            ping_interval=5,
            max_outstanding_pings=2,
            reconnected_cb=self._on_reconnected,
            disconnected_cb=self._on_disconnected,
            closed_cb=self._on_closed,
            logger=None,
            context=ContextRepo(self._context),
            middlewares=(Follows, *self._middlewares),
        )
        # FastStream's wrapper of it raises what it is told, which ends nats-py's reconnecting.
        made._connection_kwargs["error_cb"] = self._on_error
        answer_on(made, self._questions)
        self._facts = ChunkSubscriber(made, self._service)
        return made

    async def start(self) -> None:
        """Connect, however long it takes, and begin to answer questions.

        `trouble` says meanwhile why it takes long.
        """
        while not await self._connects():
            await self._make_anew()

    async def _connects(self) -> bool:
        """Whether it did; otherwise it is to be tried with another client."""
        self._closed.clear()
        starting = asyncio.ensure_future(self._nats.start())
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((starting, closed), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                return False
            await starting
            read_at_a_glance(self.connection)
            self.trouble = None
            self._begun.set()
            log.info("broker connected", user=self._service)
            return True
        finally:
            await cancel([starting, closed])

    async def stay(self) -> None:
        """Connect and be connected until cancelled, also after nats-py gave up for good.

        It does when the server closes on us for a reason: a message too large, a user unknown.
        """
        while True:
            try:
                await self.start()
                while not self._closed.is_set():
                    await wait_for(self._closed, 60.0)
            except Exception as error:
                # nats-py tries again by itself; whatever it throws otherwise, so do we.
                self._say_trouble(error)
            await self._make_anew()

    async def _make_anew(self) -> None:
        """In a moment, a client of which nothing has happened yet."""
        await rest(1.0)
        await self._end_for_good()
        # A stopped one would not answer questions again.
        self._nats = self._made()
        self.reconnects += 1

    async def _end_for_good(self) -> None:
        """Also while it reconnects: nats-py would go on trying with the key it knows."""
        client = self._nats._connection
        with suppress(Exception):
            await self.stop()
        if client is not None and not client.is_closed:
            with suppress(Exception):
                await asyncio.wait_for(client.close(), 5)

    def once_begun(self, run: Run) -> Run:
        """A part that begins beside the connection: it gives that a moment before it needs it."""

        async def begun() -> None:
            await wait_for(self._begun, _BEGINS)
            await run()

        return begun

    async def stop(self) -> None:
        await self._nats.stop()

    @property
    def is_connected(self) -> bool:
        connection = self._nats._connection
        return connection is not None and connection.is_connected

    @property
    def connection(self) -> Client:
        """The nats-py client; only once `start` returned."""
        return self._nats.connection

    async def ask(self, question: Question[A], patience: float = 5.0, service: str = "") -> A:
        """Ask another service, and wait `patience` seconds for its answer.

        `service` is which one, for a question that several are asked.

        Raises:
            AskFailed: nobody answered, or the answer was a failure.
        """
        if not self.is_connected:
            raise AskFailed(question.subject_at(service), "the broker is not connected")
        return await ask(self._nats, question, patience, service)

    async def ask_each(
        self, questions: Mapping[str, Question[A]], patience: float
    ) -> dict[str, A | AskFailed]:
        """Ask several services at once, each by its name; why there is no answer, where none is."""

        async def answer(service: str, question: Question[A]) -> A | AskFailed:
            try:
                return await self.ask(question, patience, service)
            except AskFailed as failed:
                return failed

        answers = await asyncio.gather(*(answer(*one) for one in questions.items()))
        return dict(zip(questions, answers, strict=True))

    async def around_chunk(
        self, chunk: Sequence[Msg], handle: Callable[[], Awaitable[None]]
    ) -> None:
        """Handle a chunk inside FastStream's middlewares, where there are any.

        Raises:
            KeptBack: one of them swallowed the chunk; it is to be given again.
        """
        if self._middlewares:
            await self._facts.consume(chunk, handle)
        else:
            await handle()

    async def _on_error(self, error: Exception) -> None:
        words = str(error)
        if "permissions violation" in words.lower():
            subject = words.split('"')[1] if '"' in words else words
            self.refused[subject] = words
            self.disturbed.set()
        self._say_trouble(error)
        if self._is_stuck(error) or (_REFUSED in words and self._has_a_new_seed()):
            self._closed.set()

    def _is_stuck(self, error: Exception) -> bool:
        """nats-py waits for ever for the end of a first connection whose TLS came to nothing."""
        is_first = self._nats._connection is None
        is_of_tls = speaks_tls(self._settings.nats_url) and isinstance(
            error, ssl.SSLError | TimeoutError | ConnectionError
        )
        return is_first and is_of_tls

    def _has_a_new_seed(self) -> bool:
        with suppress(OSError):
            return self._settings.read_nats_seed() != self._seed
        return False

    def _say_trouble(self, error: Exception) -> None:
        words = str(error).removeprefix("nats: ") or repr(error)
        if isinstance(error, ConnectionResetError) and _REFUSED in (self.trouble or ""):
            return  # the server hung up on whom it had just refused
        if isinstance(error, ConnectionResetError):
            # Said in several ways by turns, which would be a line a second.
            words = "connection reset by the broker, or by what stands before it"
        if _REFUSED in words:
            words = (
                f"{words}: the broker does not know our key (ESSAIM_NATS_SEED_FILE or "
                f"ESSAIM_NATS_SEED) as {self._service}'s, or not any more; ask the operator"
            )
        self.trouble = said_once("broker error", words, self.trouble, service=self._service)

    async def _on_reconnected(self) -> None:
        self.reconnects += 1
        self.trouble = None
        log.info("broker reconnected")

    async def _on_disconnected(self) -> None:
        self.disturbed.set()
        self.trouble = "the connection was lost"
        log.warning("broker disconnected")

    async def _on_closed(self) -> None:
        self._closed.set()


def _security(settings: Settings, seed: str) -> NatsSecurity:
    context, first = trusting(settings.nats_url, settings.nats_ca), speaks_tls(settings.nats_url)
    if not seed:
        return NatsSecurity(ssl_context=context, tls_handshake_first=first)
    return NatsNKey.from_seed(seed, ssl_context=context, tls_handshake_first=first)
