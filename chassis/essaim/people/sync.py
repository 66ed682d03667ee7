"""Carries the directory between its keeper's database, the key-value bucket and the others.

The keeper (candidatures) puts each changed person and purges each erased one; every other
service follows the bucket and keeps a local copy, so that pages and sign-in never wait for it.
The bucket brings persons; that one is to be forgotten comes as a fact, which is confirmed (see
`erasure`).
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
import structlog
from nats.js.client import JetStreamContext
from nats.js.kv import KV_DEL, KV_PURGE, KeyValue

from essaim.broker.connection import Broker
from essaim.broker.topology import DIRECTORY
from essaim.keeping.database import Database
from essaim.keeping.tables import unshared
from essaim.loops import keep_running, said_once, wait_for
from essaim.people import directory, ended
from essaim.person import Person
from essaim.threads import in_thread

log = structlog.get_logger()

LOOK_EVERY = 3.0
_STREAM = f"KV_{DIRECTORY}"


class _Entry(NamedTuple):
    """A person as the bucket holds her; `value` is None once she was purged."""

    id: UUID
    revision: int
    value: bytes | None


class _Bucket:
    """The bucket that we found. Each look asks whether another stands in its place: a watcher of
    a deleted one hears nothing any more, and nobody tells it.
    """

    def __init__(self, stream: JetStreamContext, keys: KeyValue, created: datetime | None) -> None:
        self.stream = stream
        self.keys = keys
        self._created = created
        self._next_look = time.monotonic() + LOOK_EVERY

    async def look(self) -> None:
        """
        Raises:
            ConnectionError: it was replaced; NotFoundError: there is none.
        """
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY
        if (await self.stream.stream_info(_STREAM)).created != self._created:
            raise ConnectionError("the directory bucket was replaced by another")


class DirectorySync:
    """Runs until cancelled. `wake` is set by every commit of the keeper."""

    def __init__(self, database: Database, broker: Broker, *, keeps: bool) -> None:
        self._database = database
        self._broker = broker
        self._keeps = keeps
        self.wake = asyncio.Event()
        self.trouble: str | None = "starting"

    async def run(self) -> None:
        """Nothing is lost by an error: what is unshared stays queued, and following starts anew."""
        await keep_running(self._share if self._keeps else self._follow, self._say_trouble)

    def _say_trouble(self, error: Exception) -> None:
        self.trouble = said_once(
            "directory waits", f"{type(error).__name__}: {error}", self.trouble
        )

    async def _share(self) -> None:
        """Queue what the bucket has otherwise (it may have been lost), then every change."""
        connection = self._broker.reconnects
        bucket = await self._bucket()
        entries = await self._whole(bucket)
        await in_thread(self._queue_differing, entries)
        held = {id: entry.revision for id, entry in entries.items()}
        while self._broker.reconnects == connection:
            await bucket.look()
            self.wake.clear()
            queued = await in_thread(self._queued)
            self.trouble = None
            for id in queued:
                value = await in_thread(self._value, id)
                if id in held:
                    # A purge alone leaves the text in the server's file; this overwrites it.
                    await bucket.stream.delete_msg(_STREAM, held.pop(id))
                if value is None:
                    await bucket.keys.purge(str(id))
                else:
                    held[id] = await bucket.keys.put(str(id), value)
            if queued:
                await in_thread(self._done, queued)
                continue
            await wait_for(self.wake, 1.0)

    async def _follow(self) -> None:
        bucket = await self._bucket()
        async with aclosing(self._entries(bucket)) as entries:
            async for entry in entries:
                if entry is None:
                    self.trouble = None
                elif entry.value is not None:
                    await in_thread(self._save, entry.id, entry.value)

    async def _bucket(self) -> _Bucket:
        if not self._broker.is_connected:
            raise ConnectionError("the broker is not connected")
        stream = self._broker.connection.jetstream(timeout=5)
        keys = await stream.key_value(DIRECTORY)
        return _Bucket(stream, keys, (await stream.stream_info(_STREAM)).created)

    async def _whole(self, bucket: _Bucket) -> dict[UUID, _Entry]:
        """What the bucket holds now, by person."""
        found: dict[UUID, _Entry] = {}
        async with aclosing(self._entries(bucket)) as entries:
            async for entry in entries:
                if entry is None:
                    return found
                found[entry.id] = entry
        raise ConnectionError("the broker was lost while the directory was read")

    async def _entries(self, bucket: _Bucket) -> AsyncGenerator[_Entry | None, None]:
        """All the bucket holds, then None, then every change, while the connection lasts."""
        connection = self._broker.reconnects
        watcher = await bucket.keys.watchall()
        try:
            while self._broker.is_connected and self._broker.reconnects == connection:
                try:
                    entry = await watcher.updates(timeout=1.0)  # type: ignore[no-untyped-call]
                except TimeoutError:
                    await bucket.look()
                    continue
                if entry is None:
                    yield None
                    continue
                gone = entry.operation in (KV_DEL, KV_PURGE)
                yield _Entry(UUID(entry.key), entry.revision, None if gone else entry.value)
        finally:
            with suppress(Exception):
                await watcher.stop()  # type: ignore[no-untyped-call]

    def _queue_differing(self, entries: dict[UUID, _Entry]) -> None:
        with self._database.write() as db:
            ended_by = ended.all_ended(db)
            known = {
                person.id: _json(person, ended_by.get(person.id, {}))
                for person in directory.all_people(db)
            }
            held = {id: entry.value for id, entry in entries.items() if entry.value is not None}
            differing = [id for id in known.keys() | held.keys() if known.get(id) != held.get(id)]
            if differing:
                log.info("directory differs from the bucket", persons=len(differing))
                db.execute(sa.insert(unshared), [{"id": id} for id in differing])

    def _queued(self) -> dict[UUID, int]:
        query = sa.select(unshared.c.id, unshared.c.position).order_by(unshared.c.position)
        with self._database.read() as db:
            return {row.id: row.position for row in db.execute(query.limit(500))}

    def _value(self, id: UUID) -> bytes | None:
        with self._database.read() as db:
            known = directory.find_person(db, id)
            return _json(known, ended.ended_of(db, id)) if known else None

    def _done(self, shared: dict[UUID, int]) -> None:
        last = max(shared.values())
        with self._database.write() as db:
            db.execute(
                sa.delete(unshared).where(unshared.c.position <= last, unshared.c.id.in_(shared))
            )

    def _save(self, id: UUID, value: bytes) -> None:
        with self._database.write() as db:
            # The fact may have come before what the bucket still held.
            if not directory.is_erased(db, id):
                entry = json.loads(value)
                directory.save_person(db, directory.from_json(entry), share=False)
                ended.note_ended(db, id, _ended_in(entry))


def _json(person: Person, ended_by: dict[UUID, datetime]) -> bytes:
    """Her entry of the bucket: who she is, and which of her sign-ins are over before their time."""
    over = {str(id): ends_at.isoformat() for id, ends_at in ended_by.items()}
    return json.dumps(directory.to_json(person) | {"ended_sign_ins": over}).encode()


def _ended_in(entry: dict[str, Any]) -> dict[UUID, datetime]:
    over = entry.get("ended_sign_ins", {})
    return {UUID(id): datetime.fromisoformat(ends_at) for id, ends_at in over.items()}


def count_unshared(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(unshared)).scalar_one())
