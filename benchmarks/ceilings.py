"""What the machine and the usual way can do without us, measured in the same run."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import cast

import sqlalchemy as sa
from essaim.broker.rights import inbox_prefix
from essaim.broker.topology import FACTS, OPERATOR
from essaim.hearing import message as stream
from essaim.hearing.inbox import CHUNK
from essaim.hearing.projection import Projection
from essaim.hearing.pull import Pull
from essaim.keeping.database import Database, insert
from essaim.keeping.tables import inbox
from essaim_contracts.scheduling import SessionHeld
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.security import NatsNKey
from ground import Ground, fill_stream, until
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy as NatsAckPolicy
from nats.js.api import ConsumerConfig
from report import Pace, pace_of
from sample import Message

HALF_A_MINUTE = 30.0


async def one_by_one(connection: Client, messages: list[Message]) -> Pace:
    """Each fact published and acknowledged before the next."""
    jetstream = connection.jetstream(timeout=10)
    with pace_of(len(messages)) as pace:
        for subject, headers, body in messages:
            await jetstream.publish(subject, body, headers=headers)
    return pace


async def atomic_batches(connection: Client, messages: list[Message]) -> Pace:
    """Atomic batches of the relay's size, from memory."""
    with pace_of(len(messages)) as pace:
        await fill_stream(connection, messages)
    return pace


async def faststream_one_by_one(ground: Ground, database: Database, projection: Projection) -> Pace:
    """A transaction for each of 1,000 facts, a hundred of them fetched at once."""

    async def handle(message: NatsMessage) -> int:
        await asyncio.to_thread(_handle, database, projection, [message.raw_message])
        return 1

    return await _faststream(ground, handle, PullSub(100, timeout=0.05), 1_000)


async def faststream_batches(
    ground: Ground, database: Database, projection: Projection, count: int
) -> Pace:
    """Its best form: a transaction for each batch of 256, and no long wait for a batch's last.

    With the usual wait of 5 s it stalls on each batch that is not full.
    """

    async def handle(batch: NatsMessage) -> int:
        letters = cast(list[Msg], batch.raw_message)
        await asyncio.to_thread(_handle, database, projection, letters)
        return len(letters)

    return await _faststream(ground, handle, PullSub(256, timeout=0.05, batch=True), count)


async def _faststream(
    ground: Ground, handle: Callable[[NatsMessage], Awaitable[int]], pull: PullSub, count: int
) -> Pace:
    """Facts a second from the first that came, so that the start costs it nothing."""
    broker = NatsBroker(
        ground.server.url,
        security=NatsNKey.from_seed(ground.seeds[OPERATOR]),
        inbox_prefix=inbox_prefix(OPERATOR),
        logger=None,
    )
    came: list[tuple[float, int]] = []

    subscriber = broker.subscriber(
        "essaim.>",
        stream=JStream(FACTS, declare=False),
        durable="bench",
        pull_sub=pull,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        config=ConsumerConfig(ack_wait=30, max_ack_pending=1000),
    )

    async def take(message: NatsMessage) -> None:
        handled = await handle(message)
        came.append((time.perf_counter(), handled))

    subscriber(take)

    def is_over() -> bool:
        late = bool(came) and time.perf_counter() - came[0][0] > HALF_A_MINUTE
        return late or sum(handled for _, handled in came) >= count

    cpu = time.process_time()
    async with broker:
        await broker.start()
        await until(is_over)
        cpu, ended = time.process_time() - cpu, time.perf_counter()
    await _delete_consumer(ground, "bench")
    return Pace(sum(handled for _, handled in came[1:]), ended - came[0][0], cpu)


async def _delete_consumer(ground: Ground, name: str) -> None:
    connection = await ground.connect()
    await connection.jetstream().delete_consumer(FACTS, name)
    await connection.close()


def _handle(database: Database, projection: Projection, letters: list[Msg]) -> None:
    """Each fact claimed once, and what is new given to the projection."""
    arrived = [stream.message_of(letter) for letter in letters]
    heard = [(one, fact) for one in arrived if (fact := stream.read_fact(one)) is not None]
    with database.write() as db:
        fresh = [fact for one, fact in heard if _is_claimed(db, one, fact)]
        if fresh:
            projection.write(db, fresh)


def _is_claimed(db: sa.Connection, arrived: stream.Message, fact: stream.Heard) -> bool:
    values = {"identity": fact.envelope.identity, "stream_seq": arrived.seq}
    claim = insert(db, inbox).values(values).on_conflict_do_nothing()
    return db.execute(claim.returning(inbox.c.identity)).first() is not None


def bare_statements(
    database: Database, act: Callable[[sa.Connection, SessionHeld], None], facts: list[SessionHeld]
) -> Pace:
    """`act` for each fact, as many in a transaction as the inbox has, and nothing else done."""
    with pace_of(len(facts)) as pace:
        for first in range(0, len(facts), CHUNK):
            with database.write() as db:
                for fact in facts[first : first + CHUNK]:
                    act(db, fact)
    return pace


async def bare_pull(connection: Client, count: int) -> Pace:
    """Facts read from the stream, acknowledged, and thrown away."""
    consumer = ConsumerConfig(
        name="bench-pull", ack_policy=NatsAckPolicy.ALL, max_ack_pending=65536, mem_storage=True
    )
    await connection.jetstream().add_consumer(FACTS, consumer)
    pull = Pull(connection, FACTS, "bench-pull", ahead=8192)
    last = 0
    with pace_of(count) as pace:
        await pull.start()
        while last < count:
            chunk = await pull.next_chunk(2048, 5.0)
            if chunk:
                last = chunk[-1].seq
                await chunk[-1].acknowledge()
    await pull.stop()
    await connection.jetstream().delete_consumer(FACTS, "bench-pull")
    return pace


async def bare_path(
    connection: Client,
    commit_here: Callable[[], None],
    commit_there: Callable[[], None],
    messages: list[Message],
    pause: float,
) -> list[float]:
    """Seconds from a commit here to a commit there: publish, wait, be pushed it, commit."""
    arrived: asyncio.Queue[None] = asyncio.Queue()
    jetstream = connection.jetstream(timeout=10)
    loop, seconds = asyncio.get_running_loop(), []

    async def take(message: Msg) -> None:
        await loop.run_in_executor(None, commit_there)
        arrived.put_nowait(None)

    subscription = await jetstream.subscribe("essaim.>", cb=take, ordered_consumer=True)
    for subject, headers, body in messages:
        await loop.run_in_executor(None, commit_here)
        start = time.perf_counter()
        await jetstream.publish(subject, body, headers=headers)
        await arrived.get()
        seconds.append(time.perf_counter() - start)
        await asyncio.sleep(pause)
    await subscription.unsubscribe()
    return seconds
