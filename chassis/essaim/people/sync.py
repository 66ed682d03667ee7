"""Follows what the directory tells this service of people, into a table of its own database.

So pages and sign-in never wait for it. The bucket brings persons, and of whom we are told no
longer; that one is to be forgotten comes as a fact, which is confirmed (see `erasure`). An entry
that is no person is passed over and said, and stops nobody.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog

from essaim.broker.connection import Broker
from essaim.hearing.message import storable
from essaim.hearing.pull import HEARTBEAT
from essaim.keeping.database import Database, in_words, is_outage
from essaim.loops import keep_running, said_once
from essaim.people import directory, ended
from essaim.people.bucket import ALL, Bucket, Entry, Known, NoPerson, known_in
from essaim.threads import in_thread

log = structlog.get_logger()


class DirectoryFollower:
    """Runs until cancelled."""

    def __init__(self, database: Database, broker: Broker, service: str) -> None:
        self._database = database
        self._broker = broker
        self._service = service
        self.trouble: str | None = "starting"
        self.skipped: dict[str, str] = {}
        """Entries of the bucket that are no person: why, by key."""

    async def run(self) -> None:
        """Nothing is lost by an error: following starts anew."""
        await keep_running(self._follow, self._say_trouble)

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

    def wake(self) -> None:
        """Nothing of ours is for the directory."""

    def _say_trouble(self, error: Exception) -> None:
        self.trouble = said_once(
            "directory waits", f"{type(error).__name__}: {error}", self.trouble
        )

    async def _follow(self) -> None:
        self.skipped.clear()
        bucket = Bucket(self._broker, self._service)
        await bucket.start()
        told = _Told()
        try:
            while True:
                entries = await bucket.changes(HEARTBEAT)
                if entries:
                    await in_thread(self._save_all, entries)
                told.note(entries)
                if bucket.is_read:
                    if told.is_all:
                        await in_thread(self._drop_others, told)
                    self.trouble = None
        finally:
            await bucket.stop()

    def _save_all(self, entries: Sequence[Entry]) -> None:
        """Save a chunk in one transaction; where one entry breaks it, each in one of its own."""
        people = [(entry, found) for entry in entries if (found := self._read(entry))]
        try:
            self._save([found for _, found in people])
        except Exception as error:
            if is_outage(error):
                raise
            for entry, found in people:
                self._save_alone(entry, found)

    def _save_alone(self, entry: Entry, found: Known | UUID) -> None:
        try:
            self._save([found])
        except Exception as error:
            # Whatever the database has against it, the entries behind it are not to wait.
            if is_outage(error):
                raise
            self._skip(entry, in_words(error))

    def _save(self, people: Sequence[Known | UUID]) -> None:
        """Save these, and drop those of whom there is but the id."""
        if not people:
            return
        with self._database.write() as db:
            # The fact may have come before what the bucket still held.
            erased = directory.erased_ids(db)
            for found in people:
                if isinstance(found, UUID):
                    directory.drop_person(db, found)
                elif found.person.id not in erased:
                    directory.save_person(db, found.person, share=False)
                    ended.note_ended(db, found.person.id, found.ended_sign_ins)

    def _drop_others(self, told: "_Told") -> None:
        """Whoever is here and not in the bucket is nobody we are told of."""
        with self._database.read() as db:
            others = directory.known_ids(db) - told.ids
        if others:
            log.info("people we are told of no longer are dropped", persons=len(others))
            self._save(list(others))
        told.is_all = False

    def _read(self, entry: Entry) -> Known | UUID | None:
        """Whom an entry tells of, or who is to be dropped; None where it says neither."""
        self.skipped.pop(storable(entry.key, 64), None)
        if entry.value is None:
            return entry.person_id if entry.left else None
        if entry.key == ALL:
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


class _Told:
    """Whom the bucket holds for us, or held until she was erased: her fact is to find her here."""

    def __init__(self) -> None:
        self.ids: set[UUID] = set()
        self.is_all = False
        """Whether the keeper says that these are all, and we did not look yet who else is here."""

    def note(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.key == ALL and entry.value is not None:
                self.is_all = True
            elif (id := entry.person_id) is not None:
                (self.ids.discard if entry.left else self.ids.add)(id)
