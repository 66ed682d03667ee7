"""Carries the directory between its keeper's database, the key-value bucket and the others.

The keeper (candidatures) puts each changed person, purges each erased one, and removes what it did
not write; every other service follows the bucket and keeps a local copy, so that pages and sign-in
never wait for it. The bucket brings persons; that one is to be forgotten comes as a fact, which is
confirmed (see `erasure`). An entry that is no person is passed over and said, and stops nobody.
"""

import asyncio
import json
from collections.abc import Sequence, Set
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
import structlog

from essaim.broker.connection import Broker
from essaim.hearing.message import storable
from essaim.hearing.pull import PullLost
from essaim.keeping.database import Database, in_words, is_outage
from essaim.keeping.tables import unshared
from essaim.loops import alive, cancel, keep_running, said_once, wait_for
from essaim.people import directory, ended
from essaim.people.bucket import (
    Bucket,
    BucketRefused,
    Entry,
    Known,
    NoPerson,
    is_a_persons,
    known_in,
)
from essaim.person import Person
from essaim.threads import in_thread

log = structlog.get_logger()


class DirectorySync:
    """Runs until cancelled. `wake` is set by every commit of the keeper."""

    def __init__(self, database: Database, broker: Broker, service: str, *, keeps: bool) -> None:
        self._database = database
        self._broker = broker
        self._service = service
        self._keeps = keeps
        self._connection = -1
        self.wake = asyncio.Event()
        self.trouble: str | None = "starting"
        self.skipped: dict[str, str] = {}
        """Entries of the bucket that are no person: why, by key."""

    async def run(self) -> None:
        """Nothing is lost by an error: what is unshared stays queued, and following starts anew."""
        await keep_running(self._share if self._keeps else self._follow, self._say_trouble)

    @property
    def words(self) -> str:
        """How it goes while there is no trouble."""
        skipped = list(self.skipped.items())
        if not skipped:
            return "in step"
        key, reason = skipped[0]
        return (
            f"in step; {len(skipped)} of the bucket's entries are no person and are passed "
            f"over, such as {key} ({reason})"
        )

    def _say_trouble(self, error: Exception) -> None:
        self.trouble = said_once(
            "directory waits", f"{type(error).__name__}: {error}", self.trouble
        )

    async def _follow(self) -> None:
        self.skipped.clear()
        bucket = await self._bucket()
        try:
            while True:
                entries = await self._changes(bucket)
                await in_thread(self._save_all, entries)
                if bucket.is_read:
                    self.trouble = None
        finally:
            await bucket.stop()

    async def _share(self) -> None:
        """Make the bucket what our database says (it may have been lost), then every change."""
        bucket = await self._bucket()
        held: dict[str, int] = {}
        watching: list[asyncio.Task[None]] = []
        try:
            entries = await self._whole(bucket)
            _note(held, entries)
            await in_thread(partial(self._queue_differing, entries, everybody=True))
            await self._remove_foreign(bucket, held)
            watching.append(asyncio.ensure_future(self._watch(bucket, held)))
            while not watching[0].done():
                self.wake.clear()
                shared, refusal = await self._share_queued(bucket, held)
                self.trouble = refusal and said_once("directory waits", refusal, self.trouble)
                if not shared:
                    await wait_for(self.wake, 1.0)
            watching[0].result()
        finally:
            await cancel(watching)
            await bucket.stop()

    async def _share_queued(self, bucket: Bucket, held: dict[str, int]) -> tuple[bool, str | None]:
        """Bring what is queued to the bucket: whether something was, and what keeps others back.

        Whom the server refuses stays queued, and holds up nobody: another's erasure least of all.
        """
        shared, refusal = {}, None
        for id, position in (await in_thread(self._queued)).items():
            try:
                await self._share_one(bucket, held, id)
            except BucketRefused as error:
                refusal = str(error)
            else:
                shared[id] = position
        if shared:
            await in_thread(self._done, shared)
        return bool(shared), refusal

    async def _share_one(self, bucket: Bucket, held: dict[str, int], id: UUID) -> None:
        value = await in_thread(self._value, id)
        key = str(id)
        if key in held:
            await bucket.overwrite(held.pop(key))
        if value is None:
            await bucket.purge(key)
        else:
            held[key] = await bucket.put(key, value)

    async def _watch(self, bucket: Bucket, held: dict[str, int]) -> None:
        """See that the bucket stays what we made it; until it is lost."""
        while True:
            # What we have overwritten meanwhile may still come.
            entries = [
                entry
                for entry in await self._changes(bucket)
                if entry.revision > held.get(entry.key, 0)
            ]
            _note(held, entries)
            await self._remove_foreign(bucket, held)
            if await in_thread(self._queue_differing, entries):
                self.wake.set()

    async def _remove_foreign(self, bucket: Bucket, held: dict[str, int]) -> None:
        """Remove keys that are nobody's id. Who is nobody of ours is queued, and purged then."""
        for key in [key for key in held if not is_a_persons(key)]:
            log.warning("an entry that is no person is removed", key=storable(key, 64))
            await bucket.overwrite(held.pop(key))
            await bucket.purge(key)

    async def _bucket(self) -> Bucket:
        if not self._broker.is_connected:
            raise ConnectionError("the broker is not connected")
        self._connection = self._broker.reconnects
        bucket = Bucket(self._broker.connection, self._service)
        await bucket.start()
        return bucket

    async def _whole(self, bucket: Bucket) -> list[Entry]:
        """What the bucket holds now."""
        found: list[Entry] = []
        while not bucket.is_read:
            found += await self._changes(bucket)
        return found

    async def _changes(self, bucket: Bucket) -> Sequence[Entry]:
        alive()
        if not self._broker.is_connected or self._broker.reconnects != self._connection:
            raise PullLost("the connection to the broker was lost")
        return await bucket.changes(1.0)

    def _queue_differing(self, entries: Sequence[Entry], *, everybody: bool = False) -> int:
        """Queue who is otherwise in the bucket than here, or `everybody` is here and not there."""
        held = {UUID(entry.key): entry.value for entry in entries if is_a_persons(entry.key)}
        if not held and not everybody:
            return 0
        with self._database.write() as db:
            known = _known(db, None if everybody else held.keys())
            waiting = set(db.scalars(sa.select(unshared.c.id)))
            ids = (known.keys() | held.keys()) - waiting
            differing = [id for id in ids if known.get(id) != held.get(id)]
            if differing:
                log.info("directory differs from the bucket", persons=len(differing))
                db.execute(sa.insert(unshared), [{"id": id} for id in differing])
        return len(differing)

    def _queued(self) -> dict[UUID, int]:
        query = sa.select(unshared.c.id, unshared.c.position).order_by(unshared.c.position)
        with self._database.read() as db:
            return {row.id: row.position for row in db.execute(query.limit(500))}

    def _value(self, id: UUID) -> bytes | None:
        with self._database.read() as db:
            return _known(db, {id}).get(id)

    def _done(self, shared: dict[UUID, int]) -> None:
        last = max(shared.values())
        with self._database.write() as db:
            db.execute(
                sa.delete(unshared).where(unshared.c.position <= last, unshared.c.id.in_(shared))
            )

    def _save_all(self, entries: Sequence[Entry]) -> None:
        """Save a chunk in one transaction; where one entry breaks it, each in one of its own."""
        people = [(entry, found) for entry in entries if (found := self._read(entry))]
        try:
            self._save([known for _, known in people])
        except Exception as error:
            if is_outage(error):
                raise
            for entry, known in people:
                self._save_alone(entry, known)

    def _save_alone(self, entry: Entry, known: Known) -> None:
        try:
            self._save([known])
        except Exception as error:
            # Whatever the database has against it, the entries behind it are not to wait.
            if is_outage(error):
                raise
            self._skip(entry, in_words(error))

    def _save(self, people: Sequence[Known]) -> None:
        if not people:
            return
        with self._database.write() as db:
            # The fact may have come before what the bucket still held.
            erased = directory.erased_ids(db)
            for person, over in people:
                if person.id not in erased:
                    directory.save_person(db, person, share=False)
                    ended.note_ended(db, person.id, over)

    def _read(self, entry: Entry) -> Known | None:
        self.skipped.pop(storable(entry.key, 64), None)
        if entry.value is None:
            return None
        try:
            return known_in(entry.key, entry.value)
        except NoPerson as error:
            self._skip(entry, str(error))
            return None

    def _skip(self, entry: Entry, reason: str) -> None:
        key = storable(entry.key, 64)
        self.skipped[key] = reason
        log.warning("an entry of the directory is no person", key=key, reason=reason)


def _note(held: dict[str, int], entries: Sequence[Entry]) -> None:
    """Keep which revision of which key the bucket holds."""
    for entry in entries:
        if entry.value is None:
            held.pop(entry.key, None)
        else:
            held[entry.key] = entry.revision


def _known(db: sa.Connection, ids: Set[UUID] | None) -> dict[UUID, bytes]:
    """The entries of those of these persons who are known, or of everybody."""
    if ids is None:
        ended_by = ended.all_ended(db)
        people = directory.all_people(db)
        return {one.id: _json(one, ended_by.get(one.id, {})) for one in people}
    found = (directory.find_person(db, id) for id in ids)
    return {one.id: _json(one, ended.ended_of(db, one.id)) for one in found if one}


def _json(person: Person, ended_by: dict[UUID, datetime]) -> bytes:
    """Her entry of the bucket: who she is, and which of her sign-ins are over before their time."""
    over = {str(id): ends_at.isoformat() for id, ends_at in ended_by.items()}
    return json.dumps(directory.to_json(person) | {"ended_sign_ins": over}).encode()


def count_unshared(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(unshared)).scalar_one())
