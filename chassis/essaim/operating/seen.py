"""How each partner and reader was seen at the broker: connected or refused, heard, behind."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nats.aio.client import Client

from essaim.broker.api import ask_jetstream
from essaim.broker.server import Presence, presences
from essaim.broker.topology import FACTS, OPERATOR, SYSTEM
from essaim.consortium.partners import Consortium, Partner
from essaim.operating.desk import Desk, connection_of, former_keys, kept_keys

_LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Seen:
    """How a partner or a reader was seen at the broker, by what it signed on with."""

    connected: Presence | None = None
    refused: Presence | None = None
    heard: datetime | None = None
    """When it last said a fact."""
    waiting: int | None = None
    """How many facts its consumer has for it."""


def seen_at(desk: Desk) -> dict[str, Seen]:
    """How everybody was seen, by name; nothing while no broker runs.

    Raises:
        OSError, nats.errors.Error: the broker cannot be asked.
    """
    return asyncio.run(_seen_at(desk, desk.consortium())) if desk.url else {}


def refused_of_late(desk: Desk) -> list[tuple[str | None, Presence]]:
    """Whom the broker refused in the last hour, the last time: by name, None for nobody's key.

    Raises:
        OSError, nats.errors.Error: the broker cannot be asked.
    """

    async def asked() -> list[Presence]:
        async with connection_of(desk, SYSTEM) as connection:
            return await presences(connection)

    names = {**former_keys(desk.folder)}
    names |= {key: user for user, key in kept_keys(desk.folder).items()}
    names |= {one.key: one.name for one in desk.consortium().everybody if one.key}
    begin = datetime.now(UTC) - _LATE
    last = {one.key: one for one in asyncio.run(asked()) if one.is_refused and one.since > begin}
    return [(names.get(key), one) for key, one in last.items()]


async def _seen_at(desk: Desk, consortium: Consortium) -> dict[str, Seen]:
    async with connection_of(desk, SYSTEM) as connection:
        found = await presences(connection)
    connected = {one.key: one for one in found if not one.is_refused}
    refused = {one.key: one for one in found if one.is_refused}
    here = kept_keys(desk.folder)
    seen = {}
    async with connection_of(desk, OPERATOR) as connection:
        for who in consortium.everybody:
            key = who.key or here.get(who.name, "")
            heard = await _last_heard(connection, who.name) if isinstance(who, Partner) else None
            waiting = await _waiting(connection, who.name)
            seen[who.name] = Seen(connected.get(key), refused.get(key), heard, waiting)
    return seen


async def _last_heard(connection: Client, service: str) -> datetime | None:
    asked = {"last_by_subj": f"essaim.*.{service}.*.*.*.*"}
    found = await ask_jetstream(connection, f"STREAM.MSG.GET.{FACTS}", asked)
    return datetime.fromisoformat(found["message"]["time"]) if "message" in found else None


async def _waiting(connection: Client, consumer: str) -> int | None:
    found = await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{consumer}")
    return int(found["num_pending"]) if "num_pending" in found else None
