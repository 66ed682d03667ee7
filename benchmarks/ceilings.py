"""What the machine and the usual way can do without us, measured in the same run."""

import asyncio
import time
from collections.abc import Callable

import sqlalchemy as sa
from essaim.broker.rights import inbox_prefix
from essaim.broker.topology import FACTS, OPERATOR
from essaim.hearing import message as stream
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


async def faststream_subscriber(
    ground: Ground, database: Database, projection: Projection, count: int
) -> Pace:
    """An ordered FastStream subscriber with one transaction for each fact."""
    broker = NatsBroker(
        ground.server.url,
        security=NatsNKey.from_seed(ground.seeds[OPERATOR]),
        inbox_prefix=inbox_prefix(OPERATOR),
        logger=None,
    )
    handled = 0

    @broker.subscriber(
        "essaim.>",
        stream=JStream(FACTS, declare=False),
        durable="bench",
        pull_sub=PullSub(1),
        ack_policy=AckPolicy.NACK_ON_ERROR,
        config=ConsumerConfig(ack_wait=30, max_ack_pending=1000),
    )
    async def handle(message: NatsMessage) -> None:
        nonlocal handled
        arrived = stream.message_of(message.raw_message)
        await asyncio.to_thread(_handle_once, database, projection, arrived)
        handled += 1

    async with broker:
        with pace_of(count) as pace:
            await broker.start()
            await until(lambda: handled >= count)
            pace.facts = handled
    return pace


def _handle_once(database: Database, projection: Projection, arrived: stream.Message) -> None:
    heard = stream.read_fact(arrived)
    assert heard is not None
    values = {"identity": heard.envelope.identity, "stream_seq": arrived.seq}
    with database.write() as db:
        claim = insert(db, inbox).values(values).on_conflict_do_nothing()
        if db.execute(claim.returning(inbox.c.identity)).first():
            projection.write(db, [heard])


def bare_statements(
    database: Database, act: Callable[[sa.Connection, SessionHeld], None], facts: list[SessionHeld]
) -> Pace:
    """`act` for each fact, 256 in a transaction, and nothing else done."""
    with pace_of(len(facts)) as pace:
        for first in range(0, len(facts), 256):
            with database.write() as db:
                for fact in facts[first : first + 256]:
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
