"""What a service sees of its own facts in the stream by its own key: the last of each subject."""

import asyncio
import sys
from dataclasses import dataclass, field

from essaim.broker.connection import Broker
from essaim.keeping.database import Database
from essaim.operating.journal import Told, digest_of, read_journal
from essaim.telling.publisher import Newest, newest_of
from essaim.threads import in_thread

AT_ONCE = 100
"""Subjects asked after at one time."""


@dataclass
class OwnVerified:
    """What a service found of its own facts; where a list names facts, it is by their identities.

    Of each subject the newest message was looked at, and no other.
    """

    service: str
    told: int = 0
    unpublished: int = 0
    subjects: int = 0
    """Those of which it has published something."""
    missing: list[str] = field(default_factory=list)
    """Published, says the journal; the newest message of its subject came before it."""
    altered: list[str] = field(default_factory=list)
    """The newest of its subject, in other words than the journal's."""
    unknown: list[str] = field(default_factory=list)
    """Subjects whose newest message the journal does not know."""

    @property
    def sound(self) -> bool:
        return not (self.missing or self.altered or self.unknown)


async def verify_own(broker: Broker, service: str, database: Database) -> OwnVerified:
    """Compare what the stream holds last of each subject with the journal, by its own rights."""
    result = OwnVerified(service)
    for facts, newest in await read_own(broker, database):
        published = [one for one in facts if one.seq is not None]
        result.told += len(facts)
        result.unpublished += len(facts) - len(published)
        result.subjects += bool(published)
        result.missing += [one.identity for one in published if one.position > held_until(newest)]
        result.altered += [
            one.identity
            for one in facts
            if one.position == newest.position and one.digest != digest_of(one.subject, newest.body)
        ]
        if newest.seq is not None and newest.position is None:
            result.unknown.append(facts[0].subject)
    return result


async def read_own(broker: Broker, database: Database) -> list[tuple[list[Told], Newest]]:
    """All that a service told on each of its subjects, and what the stream holds there last.

    Raises:
        TimeoutError: the server does not say.
    """
    told: dict[str, list[Told]] = {}
    for one in await in_thread(lambda: list(read_journal(database))):
        told.setdefault(one.subject, []).append(one)
    found: list[tuple[list[Told], Newest]] = []
    subjects = list(told)
    for start in range(0, len(subjects), AT_ONCE):
        some = subjects[start : start + AT_ONCE]
        newest = await asyncio.gather(*(newest_of(broker, database, one) for one in some))
        found += zip((told[one] for one in some), newest, strict=True)
    return found


def held_until(newest: Newest) -> int:
    """The place in the journal of what the stream holds of a subject last.

    A message that the journal does not know came after all it knows: a backup was put back.
    """
    if newest.seq is None:
        return 0
    return sys.maxsize if newest.position is None else newest.position
