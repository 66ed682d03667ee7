"""Hear facts with FastStream: `pip install 'essaim-contracts[faststream]'`.

    broker = FactBroker("tls://broker.example:4222", user="press", seed="SU…", memory="press.db")
    app = FastStream(broker)

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded, told: Told) -> None:
        print(f"{told.programme}: {awarded.title}")

Facts come one at a time, in order and typed. Each is handled once; twice only when the program dies
between what your function did and the note of it in `memory`. While your function fails on a fact,
all later ones wait: it is tried again after 1 s, 5 s, 30 s, 2 min and 10 min. Then, or at once when
it cannot be read or your function raises FastStream's `RejectMessage`, it is put aside into
`memory`, and the broker tells the operator.

Where it would otherwise idle, the program says why and ends: let something start it again.
"""

import asyncio
import inspect
import logging
import sqlite3
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar, get_type_hints

from faststream import AckPolicy, BaseMiddleware, Depends
from faststream.exceptions import RejectMessage
from faststream.nats import JStream, NatsBroker, NatsMessage, NatsRouter, PullSub
from faststream.nats.annotations import NatsMessage as Message
from faststream.nats.security import NatsNKey, NatsSecurity
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import ConsumerConfig
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError, ServiceUnavailableError

from essaim_contracts.envelope import Envelope, MalformedEnvelope, from_message, subjects_of
from essaim_contracts.fact import Fact
from essaim_contracts.memory import Memory

log = logging.getLogger(__name__)

STREAM = "ESSAIM"
PAUSES = (1.0, 5.0, 30.0, 120.0, 600.0)
"""Seconds before each next try of a fact that a function failed on."""
LOOK = 5.0
"""Seconds between two looks at the consumer."""
PATIENCE = 60.0
"""Seconds without a connection before the program ends."""

F = TypeVar("F", bound=Fact)
P = ParamSpec("P")
R = TypeVar("R")
Call = Callable[[], Awaitable[Any]]


def _envelope(message: Message) -> Envelope:
    subject = message.raw_message.subject
    return from_message(message.headers, message.body, subject=subject)[0]


Told = Annotated[Envelope, Depends(_envelope)]
"""Beside the fact, for a function that wants it: its id, programme, time and cause."""


class UnfitConsumer(Exception):
    """The durable consumer of this user does not fit this program."""

    def __init__(self, consumer: str, trouble: str) -> None:
        super().__init__(
            f"The durable consumer {consumer!r} of the stream {STREAM} {trouble}. Ask the operator "
            "for one that is pulled, with ack_policy explicit, max_ack_pending 1, and the facts "
            "that you hear."
        )


class FactBroker(NatsBroker):
    """FastStream's broker on the durable consumer that the operator made for `user`.

    `seed` is this user's key, `ca` the file with which a `tls://` broker's certificate is checked,
    `memory` one that the program keeps (see `essaim_contracts.memory`). `options` are those of
    `NatsBroker`, which this one does not set itself.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str,
        seed: str = "",
        ca: str | Path | None = None,
        memory: str | Path,
        **options: Any,
    ) -> None:
        self._user = user
        self._memory = Memory(memory)
        self._heard: dict[str, type[Fact]] = {}
        self._hold = 10.0
        self._trouble = ""
        self._watching: asyncio.Task[None] | None = None
        # Two lines for each fact, also of those nobody hears, would hide what the program says.
        options.setdefault("log_level", logging.DEBUG)
        super().__init__(
            url,
            security=_security(url, seed.strip(), ca),
            inbox_prefix=f"_INBOX_{user}",  # the only one it may listen to
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=self._on_error,
            closed_cb=self._on_closed,
            **options,
        )
        router = NatsRouter(middlewares=(partial(_Settling, broker=self),))
        self._pull = router.subscriber(
            stream=JStream(STREAM, declare=False),
            durable=user,
            # One at a time is in order: more would be handled at once, in any order. And one pull
            # for all functions: of two on one consumer, each would get half of the facts.
            pull_sub=PullSub(batch_size=1),
            config=ConsumerConfig(filter_subjects=["essaim.>"]),
            ack_policy=AckPolicy.MANUAL,
            inbox_prefix=f"_INBOX_{user}.".encode(),
            decoder=self._read,
            title=user,
        )
        self.include_router(router)

    def facts(
        self, kind: type[F]
    ) -> Callable[[Callable[Concatenate[F, P], R]], Callable[Concatenate[F, P], R]]:
        """Hear the facts of this class, as FastStream's subscribers do: `Depends` and all.

        A plain function runs in a thread. Facts that no function hears are passed over.

        Raises:
            TypeError: the first parameter is of another class, or another function hears it.
        """

        def register(function: Callable[Concatenate[F, P], R]) -> Callable[Concatenate[F, P], R]:
            _check_function(function, kind)
            if kind.type in self._heard:
                raise TypeError(
                    f"{kind.__name__} is heard by a function already. Call both from one: a fact "
                    "that only one of two failed on could not be tried again."
                )
            stands_in = not self._heard
            self._heard[kind.type] = kind
            return self._pull(function, filter=partial(self._is_for, kind, stands_in))

        return register

    async def _is_for(self, kind: type[Fact], stands_in: bool, message: NatsMessage) -> bool:
        """The first function stands in for messages nobody hears: they too must be settled."""
        with suppress(MalformedEnvelope):
            type = _envelope(message).type
            if type in self._heard:
                return type == kind.type
        return stands_in

    async def _read(self, message: NatsMessage) -> Fact:
        # Not by FastStream's own model, which would refuse fields of a later minor version.
        envelope, payload = from_message(message.headers, message.body)
        fact = self._heard[envelope.type].read(payload)
        envelope.check_key(fact)
        return fact

    async def start(self) -> None:
        """Look at the consumer, then hear.

        Raises:
            UnfitConsumer: it is not there, or not as this program needs it.
            MemoryInUse: another program holds the memory.
        """
        await self.connect()
        self._hold = await self._check_consumer() / 3
        self._memory.open()
        await super().start()
        pull: Any = self._pull
        if isinstance(pull.subscription, JetStreamContext.PullSubscription):
            pull.subscription = _Patient(pull.subscription)
        self._watching = asyncio.create_task(self._watch())

    async def stop(self, *error: Any) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().stop(*error)
        self._memory.close()

    async def _check_consumer(self) -> float:
        """How long the consumer waits for an acknowledgement, in seconds."""
        try:
            info = await self.connection.jetstream().consumer_info(STREAM, self._user)
        except NotFoundError:
            raise UnfitConsumer(self._user, "is not there") from None
        except TimeoutError:
            raise UnfitConsumer(self._user, "is not shown to this user") from None
        config = info.config
        if config.deliver_subject:
            raise UnfitConsumer(self._user, "pushes its messages")
        if config.ack_policy != "explicit":
            raise UnfitConsumer(self._user, f"has ack_policy {config.ack_policy}")
        if config.max_ack_pending != 1:
            # What was on its way when a connection broke would be overtaken.
            raise UnfitConsumer(self._user, f"has max_ack_pending {config.max_ack_pending}")
        filters = config.filter_subjects or [config.filter_subject or ">"]
        for kind in self._heard.values():
            if not any(_meet(filter, subjects_of(kind)) for filter in filters):
                held = ", ".join(filters)
                raise UnfitConsumer(self._user, f"holds {held}: no {kind.__name__} would come")
        return config.ack_wait or 30.0

    async def _watch(self) -> None:
        """Notice what FastStream does not say.

        It asks a consumer that is gone again and again; and once the server refused our key,
        it has ended nats-py's reconnecting for good.
        """
        connected_at = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            if self.connection.is_connected:
                connected_at = time.monotonic()
            elif time.monotonic() - connected_at > PATIENCE:
                _end(f"no connection to the broker for {PATIENCE:g} s, {self._trouble}")
            try:
                await self.connection.jetstream().consumer_info(STREAM, self._user)
            except NotFoundError:
                _end(f"the durable consumer {self._user!r} is gone; ask the operator")
            except (Error, TimeoutError):
                pass  # the connection comes back, or patience ends

    async def _on_error(self, error: Exception) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            log.warning("broker: %s", error)

    async def _on_closed(self) -> None:
        if self.running:
            # FastStream would ask the closed connection for ever, which freezes the program.
            self._pull.running = False
            _end(f"the connection to the broker was closed for good, {self._trouble}")

    async def settle(self, call: Call, message: NatsMessage) -> None:
        """Handle one message by `call`, and acknowledge it or put it aside."""
        async with _held(message, self._hold):
            try:
                await self._settle(call, message)
            except sqlite3.Error as error:
                # To go on would hand later facts out before this one.
                _end(f"{self._memory.path} cannot be written: {error}")

    async def _settle(self, call: Call, message: NatsMessage) -> None:
        try:
            envelope = _envelope(message)
            is_new = envelope.type in self._heard and not self._memory.has_seen(envelope.identity)
            if is_new:
                await message.decode()
                await _try(call, envelope)
        except Exception as error:
            # Whatever it is: what cannot be handled must not hold back the rest for ever.
            subject = message.raw_message.subject
            self._memory.put_aside(subject, message.headers, message.body, error)
            log.error("%s is put aside in %s", subject, self._memory.path, exc_info=error)
            await message.reject()
        else:
            if is_new:
                self._memory.add_seen(envelope.identity)
            await message.ack()


class _Patient:
    """A pull subscription that rests when nobody answers: FastStream asks again at once, and
    thousands of requests a second would drown the question whether the consumer is still there."""

    def __init__(self, subscription: JetStreamContext.PullSubscription) -> None:
        self._subscription = subscription

    async def fetch(self, **how: Any) -> list[Msg]:
        try:
            return await self._subscription.fetch(**how)
        except ServiceUnavailableError:
            await asyncio.sleep(LOOK / 2)
            raise

    async def unsubscribe(self) -> None:
        await self._subscription.unsubscribe()


class _Settling(BaseMiddleware):
    def __init__(self, msg: Any, /, *, broker: FactBroker, **rest: Any) -> None:
        super().__init__(msg, **rest)
        self._broker = broker

    async def consume_scope(self, call_next: Any, msg: Any) -> None:
        await self._broker.settle(partial(call_next, msg), msg)


async def _try(call: Call, envelope: Envelope) -> None:
    """Call until it succeeds; the failure of the last try is raised."""
    for pause in PAUSES:
        try:
            await call()
            return
        except RejectMessage:
            raise
        except Exception as error:
            said = f"{envelope.type} {envelope.id} failed, next try in {pause:g} s"
            log.warning(said, exc_info=error)
        await asyncio.sleep(pause)
    await call()


@asynccontextmanager
async def _held(message: NatsMessage, every: float) -> AsyncIterator[None]:
    """Tell the server that a message is in work, so that it does not come a second time."""

    async def hold() -> None:
        while True:
            await asyncio.sleep(every)
            with suppress(Error):
                await message.in_progress()

    holding = asyncio.create_task(hold())
    try:
        yield
    finally:
        holding.cancel()


def _security(url: str, seed: str, ca: str | Path | None) -> NatsSecurity:
    is_tls = url.startswith("tls://")
    context = ssl.create_default_context(cafile=ca) if is_tls else None
    # Before the server says anything: nats-py would go on in the clear where it is told to.
    if not seed:
        return NatsSecurity(ssl_context=context, tls_handshake_first=is_tls)
    return NatsNKey.from_seed(seed, ssl_context=context, tls_handshake_first=is_tls)


def _check_function(function: Callable[..., Any], kind: type[Fact]) -> None:
    """Were it annotated with another class, every fact would be put aside, one after another."""
    first = next(iter(inspect.signature(function).parameters), "")
    hint = get_type_hints(function).get(first)
    if hint is not kind:
        raise TypeError(
            f"{function.__name__} hears {kind.__name__}: annotate its first parameter so. "
            f"It is {hint!r}."
        )


def _meet(one: str, other: str) -> bool:
    """Whether some subject fits both patterns."""
    for mine, theirs in zip_longest(one.split("."), other.split(".")):
        if mine is None or theirs is None:
            return False
        if ">" in (mine, theirs):
            return True
        if mine != theirs and "*" not in (mine, theirs):
            return False
    return True


def _end(reason: str) -> None:
    log.critical("The program ends: %s.", reason)
    asyncio.get_running_loop().call_soon(sys.exit, 1)
