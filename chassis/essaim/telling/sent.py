"""Facts that are in the stream, and of which the outbox does not say so yet.

Noting them is a transaction of its own: done a little later, and for many at once, it keeps nobody
waiting for the disk. Until then they are not sent again; after a crash they are, and the stream
drops them by their ids.
"""

import asyncio
import time
from contextlib import suppress

from essaim.keeping.database import Database
from essaim.telling.outbox import mark_published
from essaim.threads import in_thread

NOTE = 0.05
"""Seconds until a fact's place is noted, at most, while all is well."""
MANY = 500


class Sent:
    """What one relay has sent, until it is noted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._places: dict[int, int] = {}
        """Their places in the stream, by those in the outbox."""
        self._since = 0.0
        self._noting: asyncio.Task[None] | None = None

    @property
    def positions(self) -> set[int]:
        return set(self._places)

    @property
    def is_due(self) -> bool:
        """Whether it is time to note them."""
        late = time.monotonic() - self._since > NOTE
        return bool(self._places) and (late or len(self._places) >= MANY)

    def add(self, places: dict[int, int]) -> None:
        if not self._places:
            self._since = time.monotonic()
        self._places |= places

    async def note_meanwhile(self) -> None:
        """Begin to note them; waits for what was begun before."""
        await self._begun()
        self._noting = asyncio.ensure_future(self._note_some())

    async def note_all(self) -> None:
        await self._begun()
        while self._places:
            await self._note_some()

    async def note_at_end(self) -> None:
        """The same for whoever ends: what is not noted is not lost."""
        with suppress(Exception):
            await self.note_all()

    async def _begun(self) -> None:
        noting, self._noting = self._noting, None
        if noting is not None:
            await noting

    async def _note_some(self) -> None:
        some, self._since = dict(self._places), time.monotonic()
        if not some:
            return
        await in_thread(mark_published, self._database, some)
        for position in some:
            del self._places[position]
