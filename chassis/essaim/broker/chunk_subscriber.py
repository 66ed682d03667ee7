"""FastStream's subscriber of a service's facts. Its unit is a chunk, and it pulls nothing itself.

The inbox pulls, keeps the position and acknowledges; FastStream's life cycle and middlewares stand
around each chunk. Without middlewares the inbox goes past it: the dozen turns of the event loop
that FastStream's pipeline takes make a lone fact a quarter slower.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from faststream import AckPolicy, Context
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.message import NatsBatchMessage
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from essaim.broker.topology import FACTS


class KeptBack(Exception):
    """A middleware kept a chunk, or its failure, to itself."""

    def __init__(self) -> None:
        super().__init__("a middleware of FastStream kept the chunk, or its failure, to itself")


class _Elsewhere:
    """The subscription of a subscriber that is fed by another's pull."""

    async def unsubscribe(self) -> None:
        """Nothing of FastStream's to end."""


class ChunkSubscriber:
    """One for each service and connection."""

    def __init__(self, nats: NatsBroker, service: str) -> None:
        self._subscriber = nats.subscriber(
            stream=JStream(FACTS, declare=False),
            durable=service,
            pull_sub=PullSub(batch=True),
            config=ConsumerConfig(filter_subjects=["essaim.>"]),
            ack_policy=AckPolicy.MANUAL,
            decoder=_as_it_came,
            include_in_schema=False,
        )
        # Where there is a subscription FastStream makes none, so it never pulls beside us.
        self._subscriber.subscription = _Elsewhere()  # type: ignore[assignment]
        self._subscriber(self._pass_on)
        self._handle: Callable[[], Awaitable[None]] | None = None

    async def consume(self, chunk: Sequence[Msg], handle: Callable[[], Awaitable[None]]) -> None:
        """Have a chunk handled inside FastStream's middlewares. Raises what `handle` raises.

        Raises:
            KeptBack: it was not handled, or failed and nobody said so.
        """
        self._handle = handle
        await self._subscriber.process_message(list(chunk))
        if self._handle is not None:
            self._handle = None
            raise KeptBack

    async def _pass_on(self, message: Annotated[NatsBatchMessage, Context("message")]) -> None:
        if self._handle is not None:
            await self._handle()
            self._handle = None


async def _as_it_came(message: StreamMessage[list[Msg]]) -> None:
    """One message that is no JSON must not cost the chunk: the inbox reads each by itself."""
