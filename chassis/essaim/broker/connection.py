"""The connection to NATS: made by FastStream, kept for ever, and honest about refusals."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.errors import NoRespondersError

from essaim.broker.rights import inbox_prefix
from essaim.keeping.database import in_words
from essaim.settings import Settings
from essaim.threads import in_thread

log = structlog.get_logger()

_REFUSED = "Authorization Violation"

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class AskFailed(Exception):
    """A question to another service got no answer: it is down, or the broker is."""

    def __init__(self, service: str, question: str, reason: str) -> None:
        super().__init__(
            f"{service} did not answer the question {question!r}: {reason}. "
            f"Check that {service} and the broker run, then try again."
        )


def trouble_of(error: Exception) -> str:
    """Why relay, inbox or directory wait, in one line for an operator."""
    if isinstance(error, NoRespondersError):
        return "the broker's JetStream does not answer; see the broker's log"
    if isinstance(error, TimeoutError):
        return "the broker does not answer in time"
    return in_words(error)


class Broker:
    """One service's connection: answers questions, asks them, lends itself to relay and inbox."""

    def __init__(self, settings: Settings, service: str, answers: dict[str, Answer]) -> None:
        self._settings = settings
        self._service = service
        self._answers = answers
        self._user = settings.nats_user or service
        self.refused: dict[str, str] = {}
        """Subjects the server refused us, with its words."""
        self.disturbed = asyncio.Event()
        """Set when the server refused something or the connection was lost."""
        self.reconnects = 0
        self._closed = asyncio.Event()
        self.trouble: str | None = "not connected yet"
        """Why there is no connection; None while there is one."""
        self._nats = self._made()

    def _made(self) -> NatsBroker:
        password = self._settings.nats_password.get_secret_value()
        made = NatsBroker(
            self._settings.nats_url,
            name=f"essaim-{self._service}",
            security=SASLPlaintext(self._user, password) if password else None,
            inbox_prefix=inbox_prefix(self._user),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=5,
            ping_interval=5,
            max_outstanding_pings=2,
            reconnected_cb=self._on_reconnected,
            disconnected_cb=self._on_disconnected,
            closed_cb=self._on_closed,
            logger=None,
        )
        # FastStream's wrapper of it raises what it is told, which ends nats-py's reconnecting.
        made._connection_kwargs["error_cb"] = self._on_error
        for question, answer in self._answers.items():
            self._answer(made, question, answer)
        return made

    async def start(self) -> None:
        """Connect, however long it takes, and begin to answer questions.

        `trouble` says meanwhile why it takes long.
        """
        await self._nats.start()
        self.trouble = None
        log.info("broker connected", user=self._user)

    async def stay(self) -> None:
        """Connect and be connected until cancelled, also after nats-py gave up for good.

        It does when the server closes on us for a reason: a message too large, a user unknown.
        """
        while True:
            self._closed.clear()
            try:
                await self.start()
                await self._closed.wait()
            except Exception as error:
                # nats-py tries again by itself; whatever it throws otherwise, so do we.
                self._say_trouble(error)
            await asyncio.sleep(1.0)
            with suppress(Exception):
                await self.stop()
            # A stopped one would not answer questions again.
            self._nats = self._made()
            self.reconnects += 1

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

    async def ask(
        self, service: str, question: str, payload: dict[str, Any], patience: float = 5.0
    ) -> dict[str, Any]:
        """Ask another service, and wait `patience` seconds for its answer.

        Raises:
            AskFailed: nobody answered, or the answer was a failure.
        """
        if not self.is_connected:
            raise AskFailed(service, question, "the broker is not connected")
        try:
            answer = await self._nats.request(
                payload, subject=f"essaim.ask.{service}.{question}", timeout=patience
            )
        except Exception as error:
            # nats-py has a dozen ways to say that nobody answered; each ends the same here.
            raise AskFailed(service, question, repr(error)) from error
        body = json.loads(answer.body)
        if "failure" in body:
            raise AskFailed(service, question, body["failure"])
        return dict(body)

    def _answer(self, nats: NatsBroker, question: str, answer: Answer) -> None:
        async def respond(payload: dict[str, Any]) -> dict[str, Any]:
            try:
                return await in_thread(answer, payload)
            except Exception as error:
                # The asker waits: she gets the failure at once instead of a timeout.
                log.exception("answer failed", question=question)
                return {"failure": f"{type(error).__name__}"}

        subject = f"essaim.ask.{self._service}.{question}"
        nats.subscriber(subject, queue=self._service)(respond)

    async def _on_error(self, error: Exception) -> None:
        words = str(error)
        if "permissions violation" in words.lower():
            subject = words.split('"')[1] if '"' in words else words
            self.refused[subject] = words
            self.disturbed.set()
        self._say_trouble(error)

    def _say_trouble(self, error: Exception) -> None:
        words = str(error).removeprefix("nats: ") or repr(error)
        if isinstance(error, ConnectionResetError) and _REFUSED in (self.trouble or ""):
            return  # the server hung up on whom it had just refused
        if _REFUSED in words:
            words = f"{words}: check ESSAIM_NATS_USER ({self._user}) and ESSAIM_NATS_PASSWORD"
        if words != self.trouble:
            log.warning("broker error", error=words)
        self.trouble = words

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
