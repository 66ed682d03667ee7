"""What an operator reads of a stream, with a consumer of its own that ends with the reading."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, ServiceUnavailableError

from essaim.hearing.message import Message
from essaim.hearing.pull import AHEAD, Pull, PullLost
from essaim.ids import new_id
from essaim.loops import rest

_TRIES = 20
_PAUSE = 0.5


@asynccontextmanager
async def reading(
    connection: Client, stream: str, first: int, ahead: int = AHEAD, subject: str | None = None
) -> AsyncIterator[Pull]:
    """A pull that begins at the place `first` of a stream, of these subjects alone."""
    jetstream = connection.jetstream(timeout=10)
    name = f"operator-{new_id().hex}"
    made = await jetstream.add_consumer(
        stream,
        ConsumerConfig(
            name=name,
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=max(1, first),
            filter_subject=subject,
            mem_storage=True,
            inactive_threshold=60,
        ),
    )
    pull = Pull(connection, stream, name, ahead)
    await pull.start()
    pull.is_at_end = made.num_pending == 0
    try:
        yield pull
    finally:
        await pull.stop()
        with suppress(APIError, NoAnswer):  # gone already, or goes by itself a minute later
            await jetstream.delete_consumer(stream, name)


async def read_to_end(
    connection: Client, stream: str, first: int = 1, *, subject: str | None = None
) -> AsyncIterator[Message]:
    """Every message that a stream holds now, from the place `first` on, of these subjects alone.

    A reading whose consumer goes with its server begins again behind the last message.

    Raises:
        PullLost: it went again and again, and not one message came between.
    """
    state = (await connection.jetstream(timeout=10).stream_info(stream)).state
    if state.messages == 0:
        return
    lost = 0
    while first <= state.last_seq:
        try:
            async for message in _read_on(connection, stream, first, state.last_seq, subject):
                first, lost = message.seq + 1, 0
                yield message
            return
        except (PullLost, ServiceUnavailableError):
            lost += 1
            if lost == _TRIES:
                raise
            await rest(_PAUSE)  # a cluster chooses who leads the stream now


async def _read_on(
    connection: Client, stream: str, first: int, last: int, subject: str | None
) -> AsyncIterator[Message]:
    async with reading(connection, stream, first, ahead=4096, subject=subject) as pull:
        while not pull.is_at_end:
            for message in await pull.next_chunk(4096, 2.0):
                yield message
                if message.seq >= last or message.pending == 0:
                    return
