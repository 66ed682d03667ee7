"""What an operator is told of the broker: who fills the stream, and what the directory holds."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from essaim.broker.api import ask_jetstream
from essaim.broker.topology import BUCKET, FACTS
from essaim.ids import new_id
from essaim.operating.reading import read_to_end
from essaim.people.bucket import ALL, NoPerson, entry_of, known_in

NEWEST = 1000
MANY = 100_000
"""Facts of one partner within a day that are worth a word: an edition has some thousands."""
HERE = 60.0
"""Seconds after its last sign in which a partner is taken to be here."""


@dataclass(frozen=True)
class Room:
    """How full the stream of facts is. `newest` are its newest messages' bytes, by who said them.

    The server holds no partner to a part of a stream. So that nobody fills it unseen, the operator
    is told whose messages they are.
    """

    used: int
    most: int
    newest: tuple[tuple[str, int], ...]

    @property
    def is_scarce(self) -> bool:
        return self.used > self.most * 3 // 4


async def look_at_room(connection: Client) -> Room:
    """Bytes of the stream, and of its newest messages."""
    found = await ask_jetstream(connection, f"STREAM.INFO.{FACTS}")
    state = found["state"]
    said: Counter[str] = Counter()
    async for message in read_to_end(connection, FACTS, state["last_seq"] - NEWEST + 1):
        said[message.subject.split(".")[2]] += len(message.body)
    return Room(state["bytes"], found["config"]["max_bytes"], tuple(said.most_common()))


async def told_in_a_day(connection: Client, names: Iterable[str]) -> dict[str, int]:
    """How many facts each of these told in the last 24 hours by the broker's clock, most first.

    The server counts them: nothing is read.
    """
    jetstream, since = connection.jetstream(timeout=10), datetime.now(UTC) - timedelta(days=1)
    counted = Counter[str]()
    for name in names:
        made = await jetstream.add_consumer(
            FACTS,
            ConsumerConfig(
                name=f"operator-{new_id().hex}",
                ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.BY_START_TIME,
                opt_start_time=since,
                filter_subject=f"essaim.*.{name}.>",
                mem_storage=True,
                inactive_threshold=60,
            ),
        )
        counted[name] = made.num_pending or 0
        await jetstream.delete_consumer(FACTS, made.name)
    return dict(counted.most_common())


@dataclass(frozen=True)
class Follower:
    """Who reads the stream with a consumer of its own, and how far it is behind.

    `silent` are the seconds since it last took or acknowledged a fact; None when it never did.
    """

    name: str
    behind: int
    pulls: bool
    silent: float | None

    @property
    def is_here(self) -> bool:
        return self.pulls or (self.silent is not None and self.silent < HERE)


async def look_at_followers(connection: Client, names: Iterable[str]) -> list[Follower]:
    """Those of these names that have a consumer."""
    found = []
    for name in names:
        info = await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{name}")
        if "error" not in info:
            found.append(_follower(name, info, datetime.now(UTC)))
    return found


def _follower(name: str, info: dict[str, Any], now: datetime) -> Follower:
    behind = int(info.get("num_pending", 0)) + int(info.get("num_ack_pending", 0))
    signs = [info.get(part, {}).get("last_active") for part in ("delivered", "ack_floor")]
    ages = [(now - datetime.fromisoformat(sign)).total_seconds() for sign in signs if sign]
    return Follower(name, behind, info.get("num_waiting", 0) > 0, min(ages, default=None))


async def clock_ahead(connection: Client, consumer: str = "") -> float:
    """How many seconds the broker's clock is ahead of ours; the way there and back is not told.

    A partner may ask about its own consumer only.
    """
    about = f"CONSUMER.INFO.{FACTS}.{consumer}" if consumer else f"STREAM.INFO.{FACTS}"
    asked = time.time()
    info = await ask_jetstream(connection, about)
    answered = time.time()
    there = datetime.fromisoformat(info["ts"]).timestamp()
    return there - min(max(there, asked), answered)


async def entries_of_nobody(connection: Client) -> dict[str, str]:
    """Entries of the directory that are no person: why, by key."""
    found = {}
    async for message in read_to_end(connection, BUCKET):
        entry = entry_of(message)
        if entry.value is None or entry.key == ALL:
            continue
        try:
            known_in(entry.key, entry.value)
        except NoPerson as error:
            found[entry.path] = str(error)
    return found
