"""The keeper's side of the directory: the bucket says of people what our database says.

Each changed person is put there once for each service that is told of her, with what that one is
told; purged where it is told no longer, or she is erased. What the keeper did not write is removed,
what others changed is written again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence, Set
from datetime import date
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
import structlog

from essaim.broker.connection import Broker
from essaim.clock import PARIS, Clock
from essaim.consortium.partners import Consortium, Partner
from essaim.hearing.message import storable
from essaim.hearing.pull import HEARTBEAT
from essaim.keeping.database import Database
from essaim.keeping.tables import unshared
from essaim.loops import cancel, keep_running, said_once, wait_for
from essaim.people import directory, ended, sight
from essaim.people.bucket import ALL, Bucket, BucketRefused, Entry, person_in
from essaim.person import Person
from essaim.threads import in_thread

log = structlog.get_logger()

NET = 2.0
"""Seconds after which we look for changes though nobody said that there are any."""
AT_ONCE = 100
"""People whose entries are written side by side."""


class Held(NamedTuple):
    """What the bucket holds under a key, as far as we know."""

    revision: int
    digest: bytes | None


Holding = dict[str, Held]
"""By key."""
Told = dict[str, bytes]
"""What is told of one person, by the service that is."""


class DirectoryKeeper:
    """Runs until cancelled. `consortium` says who is told of people, also when that changes."""

    def __init__(
        self, database: Database, broker: Broker, clock: Clock, service: str,
        consortium: Callable[[], Consortium],
    ) -> None:  # fmt: skip
        self._database = database
        self._broker = broker
        self._clock = clock
        self._service = service
        self.consortium = consortium
        self._woken = asyncio.Event()
        self.trouble: str | None = "starting"
        self.words = "in step"
        """How it goes while there is no trouble."""

    async def run(self) -> None:
        """Nothing is lost by an error: what is unshared stays queued."""
        await keep_running(self._share, self._say_trouble)

    def wake(self) -> None:
        """Somebody may have changed; every commit says so."""
        self._woken.set()

    def _say_trouble(self, error: Exception) -> None:
        self.trouble = said_once(
            "directory waits", f"{type(error).__name__}: {error}", self.trouble
        )

    async def _share(self) -> None:
        """Make the bucket what our database says (it may have been lost), then every change."""
        bucket = Bucket(self._broker, self._service)
        await bucket.start()
        held: Holding = {}
        watching: list[asyncio.Task[None]] = []
        wanted = None
        try:
            while not bucket.is_read:
                _note(held, await bucket.changes(1.0))
            watching.append(asyncio.ensure_future(self._watch(bucket, held)))
            while not watching[0].done():
                self._woken.clear()
                if wanted != (wanted := (self._today, self._readers)):
                    # Roles end with a day, and with some of them what a partner is told.
                    await self._remove_foreign(bucket, held, list(held))
                    await in_thread(partial(self._queue_differing, dict(held)))
                if not await self._share_queued(bucket, held):
                    await wait_for(self._woken, NET)
            watching[0].result()
        finally:
            await cancel(watching)
            await bucket.stop()

    async def _share_queued(self, bucket: Bucket, held: Holding) -> bool:
        """Bring what is queued to the bucket: whether something was.

        Whom the server refuses stays queued, and holds up nobody: another's erasure least of all.
        """
        shared, refusal = 0, None
        queued = await in_thread(self._queued)
        for some in _in_parts(queued):
            told = await in_thread(partial(self._told, set(some)))
            tries = [self._share_one(bucket, held, id, told[id]) for id in some]
            refused = dict(zip(some, await _all_of(tries), strict=True))
            done = {id: at for id, at in some.items() if refused[id] is None}
            if done:
                await in_thread(partial(self._done, done))
            shared += len(done)
            refusal = next(filter(None, refused.values()), refusal)
        if not queued:
            refusal = await self._say_all(bucket, held)
        self.trouble = refusal and said_once("directory waits", refusal, self.trouble)
        return bool(shared)

    async def _share_one(
        self, bucket: Bucket, held: Holding, id: UUID, told: Told | None
    ) -> str | None:
        """Why the server refuses something of hers; None where it took all.

        `told` is None once she is erased.
        """
        refusal = None
        for reader in self._readers:
            path, value = f"{reader}.{id}", (told or {}).get(reader)
            if _digest(value) == (held[path].digest if path in held else None):
                continue
            try:
                await self._write(bucket, held, path, value, left=told is not None)
            except BucketRefused as error:
                refusal = str(error)
        return refusal

    async def _write(
        self, bucket: Bucket, held: Holding, path: str, value: bytes | None, *, left: bool = False
    ) -> None:
        if path in held:
            await bucket.overwrite(held.pop(path).revision)
        if value is None:
            await bucket.purge(path, left=left)
        else:
            held[path] = Held(await bucket.put(path, value), _digest(value))

    async def _say_all(self, bucket: Bucket, held: Holding) -> str | None:
        """Tell each reader that it was told all there is; why the server refuses that."""
        try:
            for reader in self._readers:
                if f"{reader}.{ALL}" not in held:
                    await self._write(bucket, held, f"{reader}.{ALL}", b"true")
        except BucketRefused as error:
            return str(error)
        return None

    async def _watch(self, bucket: Bucket, held: Holding) -> None:
        """See that the bucket stays what we made it; until it is lost."""
        while True:
            # What we have overwritten meanwhile may still come.
            entries = [
                entry
                for entry in await bucket.changes(HEARTBEAT)
                if entry.path not in held or entry.revision > held[entry.path].revision
            ]
            _note(held, entries)
            await self._remove_foreign(bucket, held, [entry.path for entry in entries])
            ids = {id for entry in entries if (id := entry.person_id)}
            differing = 0
            if ids:
                differing = await in_thread(partial(self._queue_differing, dict(held), ids))
            if differing:
                self.wake()

    async def _remove_foreign(self, bucket: Bucket, held: Holding, paths: Iterable[str]) -> None:
        """Remove what stands under a key that is none of ours.

        An earlier version's are among them, under a person's id alone, for all readers.
        """
        for path in paths:
            if path in held and not self._is_ours(path):
                log.info("an entry that is not ours is removed", key=storable(path, 64))
                try:
                    await self._write(bucket, held, path, None, left=True)
                except BucketRefused as error:
                    log.warning("an entry cannot be removed", reason=str(error))

    def _is_ours(self, path: str) -> bool:
        reader, _, key = path.partition(".")
        return reader in self._readers and (key == ALL or person_in(key) is not None)

    @property
    def _readers(self) -> dict[str, Partner]:
        return {one.service: one for one in self.consortium().told_of_people}

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(PARIS).date()

    def _queue_differing(self, held: Holding, ids: Set[UUID] | None = None) -> int:
        """Queue who is otherwise in the bucket than here; of these alone, where they are named."""
        with self._database.read() as db:
            told = self._told_in(db, ids)
            waiting = set(db.scalars(sa.select(unshared.c.id)))
        wanted = {
            f"{reader}.{id}": _digest(value)
            for id, entries in told.items()
            for reader, value in (entries or {}).items()
        }
        found = {
            path: one.digest
            for path, one in held.items()
            if (id := person_in(path.partition(".")[2])) and (ids is None or id in ids)
        }
        paths = (path for path in wanted.keys() | found if wanted.get(path) != found.get(path))
        differing = {UUID(path.partition(".")[2]) for path in paths} - waiting
        if differing:
            log.info("directory differs from the bucket", persons=len(differing))
            with self._database.write() as db:
                db.execute(sa.insert(unshared), [{"id": id} for id in differing])
        return len(differing)

    def _queued(self) -> dict[UUID, int]:
        query = sa.select(unshared.c.id, unshared.c.position).order_by(unshared.c.position)
        with self._database.read() as db:
            return {row.id: row.position for row in db.execute(query)}

    def _told(self, ids: Set[UUID]) -> dict[UUID, Told | None]:
        with self._database.read() as db:
            return self._told_in(db, ids)

    def _told_in(self, db: sa.Connection, ids: Set[UUID] | None) -> dict[UUID, Told | None]:
        """What is told of each of these people, or of everybody; None of who is erased."""
        ended_by = ended.all_ended(db)
        people = directory.all_people(db) if ids is None else _those(db, ids)
        readers, day = self._readers.values(), self._today
        nobody: dict[UUID, Told | None] = {
            id: None if directory.is_erased(db, id) else {} for id in ids or ()
        }
        return nobody | {
            one.id: sight.entries(readers, one, ended_by.get(one.id, {}), day) for one in people
        }

    def _done(self, shared: dict[UUID, int]) -> None:
        last = max(shared.values())
        with self._database.write() as db:
            db.execute(
                sa.delete(unshared).where(unshared.c.position <= last, unshared.c.id.in_(shared))
            )


def _in_parts(queued: dict[UUID, int]) -> Iterator[dict[UUID, int]]:
    items = iter(queued.items())
    while part := dict(islice(items, AT_ONCE)):
        yield part


def _note(held: Holding, entries: Sequence[Entry]) -> None:
    """Keep which revision of which key the bucket holds."""
    for entry in entries:
        if entry.value is None:
            held.pop(entry.path, None)
        else:
            held[entry.path] = Held(entry.revision, _digest(entry.value))


def _digest(value: bytes | None) -> bytes | None:
    return None if value is None else sha256(value).digest()


def _those(db: sa.Connection, ids: Set[UUID]) -> list[Person]:
    found = (directory.find_person(db, id) for id in ids)
    return [one for one in found if one]


async def _all_of(tries: Sequence[Awaitable[str | None]]) -> list[str | None]:
    """Side by side, and none is under way any more when one has failed."""
    ended = await asyncio.gather(*tries, return_exceptions=True)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    return [one for one in ended if not isinstance(one, BaseException)]


def count_unshared(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(unshared)).scalar_one())
