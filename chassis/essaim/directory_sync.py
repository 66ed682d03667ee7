"""Carries the directory between its keeper's database, the key-value bucket and the others.

The keeper (candidatures) puts each changed person and purges each erased one; every other
service follows the bucket and keeps a local copy, so that pages and sign-in never wait for it.
"""

import asyncio
import json
from contextlib import suppress
from uuid import UUID

import sqlalchemy as sa
import structlog
from nats.js.kv import KV_DEL, KV_PURGE, KeyValue

from essaim import directory
from essaim.broker import Broker
from essaim.database import Database
from essaim.person import Person
from essaim.tables import person, unshared
from essaim.threads import in_thread
from essaim.topology import DIRECTORY

log = structlog.get_logger()


class DirectorySync:
    """Runs until cancelled. `wake` is set by every commit of the keeper."""

    def __init__(self, database: Database, broker: Broker, *, keeps: bool) -> None:
        self._database = database
        self._broker = broker
        self._keeps = keeps
        self.wake = asyncio.Event()
        self.trouble: str | None = "starting"

    async def run(self) -> None:
        while True:
            try:
                await (self._share() if self._keeps else self._follow())
            except Exception as error:
                # Nothing is lost: what is unshared stays queued, and following starts anew.
                words = f"{type(error).__name__}: {error}"
                if words != self.trouble:
                    log.warning("directory waits", reason=words)
                self.trouble = words
                await asyncio.sleep(0.5)

    async def _bucket(self) -> KeyValue:
        if not self._broker.is_connected:
            raise ConnectionError("the broker is not connected")
        return await self._broker.connection.jetstream(timeout=5).key_value(DIRECTORY)

    async def _share(self) -> None:
        bucket = await self._bucket()
        while True:
            self.wake.clear()
            queued = await in_thread(self._queued)
            self.trouble = None
            for id in queued:
                known = await in_thread(self._find, id)
                if known is None:
                    await bucket.purge(str(id))
                else:
                    await bucket.put(str(id), json.dumps(directory.to_json(known)).encode())
            if queued:
                await in_thread(self._done, queued)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), 1.0)

    async def _follow(self) -> None:
        """Take the whole bucket, drop who is no longer in it, then every change as it comes."""
        bucket = await self._bucket()
        connection = self._broker.reconnects
        watcher = await bucket.watchall()
        seen: set[UUID] = set()
        whole = False
        try:
            while self._broker.is_connected and self._broker.reconnects == connection:
                try:
                    entry = await watcher.updates(timeout=1.0)  # type: ignore[no-untyped-call]
                except TimeoutError:
                    continue
                if entry is None:
                    if not whole:
                        await in_thread(self._drop_all_but, seen)
                        whole = True
                        self.trouble = None
                    continue
                id = UUID(entry.key)
                gone = entry.operation in (KV_DEL, KV_PURGE)
                if not gone:
                    seen.add(id)
                await in_thread(self._save, id, None if gone else entry.value)
        finally:
            with suppress(Exception):
                await watcher.stop()  # type: ignore[no-untyped-call]

    def _queued(self) -> dict[UUID, int]:
        query = sa.select(unshared.c.id, unshared.c.position).order_by(unshared.c.position)
        with self._database.read() as db:
            return {row.id: row.position for row in db.execute(query.limit(500))}

    def _find(self, id: UUID) -> Person | None:
        with self._database.read() as db:
            return directory.find_person(db, id)

    def _done(self, shared: dict[UUID, int]) -> None:
        last = max(shared.values())
        with self._database.write() as db:
            db.execute(
                sa.delete(unshared).where(unshared.c.position <= last, unshared.c.id.in_(shared))
            )

    def _save(self, id: UUID, value: bytes | None) -> None:
        with self._database.write() as db:
            if value is None:
                directory.erase_person(db, id, share=False)
            else:
                directory.save_person(db, directory.from_json(json.loads(value)), share=False)

    def _drop_all_but(self, seen: set[UUID]) -> None:
        with self._database.write() as db:
            known = set(db.scalars(sa.select(person.c.id)))
            for id in known - seen:
                directory.erase_person(db, id, share=False)


def count_unshared(db: sa.Connection) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(unshared)).scalar_one())
