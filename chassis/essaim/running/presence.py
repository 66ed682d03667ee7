"""Which of the other partners were heard lately, and whether anybody can be heard at all.

Each service says every few seconds that it is there, on a subject of its own that no stream keeps;
the broker proves whose it is. Times are real ones, and outlast a restart.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from nats.aio.client import Client
from nats.aio.msg import Msg

from essaim.broker.connection import Broker
from essaim.broker.rights import HERE, says_here
from essaim.consortium.partners import Consortium, Partner
from essaim.keeping.database import Database, is_outage, upsert
from essaim.keeping.tables import partner_heard as table
from essaim.loops import rest
from essaim.threads import in_thread

BEAT = 5.0
"""Seconds between two words of a service that it is there."""
AWAY = timedelta(seconds=20)
"""Silence after which a partner is said to be away."""
NOTED = timedelta(seconds=60)
"""A crash forgets no more than this of when a partner was heard."""


@dataclass(frozen=True)
class Absence:
    """Who is away, and since when; nobody in particular where it is we who are cut off."""

    partner: Partner | None
    since: datetime


class Presence:
    """What one instance knows of the others, which says so of itself if it `speaks`.

    `run` until cancelled.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        service: str,
        consortium: Callable[[], Consortium],
        speaks: bool = True,
    ) -> None:
        self._speaks = speaks
        self._database = database
        self._broker = broker
        self._service = service
        self._consortium = consortium
        self._listening: Client | None = None
        self._reconnects = -1
        self._noted: dict[str, datetime] = {}
        self._tick = time.monotonic()
        self.heard: dict[str, datetime] = {}
        """When each other service was heard last, as far back as we know."""
        self._cut_since: datetime | None = datetime.now(UTC)
        self._whole_since = datetime.now(UTC)

    async def run(self) -> None:
        self.heard = await in_thread(self._load) | self.heard
        while True:
            await self._say_and_listen()
            if self._speaks and self._not_noted():
                await in_thread(self._note)
            await rest(BEAT)

    def absences(self, now: datetime | None = None) -> list[Absence]:
        """Whom we miss of those we hear or ask: nobody, while we cannot know yet."""
        now = now or datetime.now(UTC)
        if not self._broker.is_connected:
            return [Absence(None, self._cut_since or now)]
        if self._cut_since is not None or now - self._whole_since < AWAY:
            return []
        return [
            Absence(partner, self.heard[partner.service])
            for partner in self._consortium().needed_by(self._service)
            if now - self.heard.get(partner.service, now) > AWAY
        ]

    def heard_last(self, service: str) -> datetime | None:
        """When a partner was heard last; None where we do not remember it."""
        return self.heard.get(service)

    def heard_at(self) -> dict[str, float]:
        """When each partner's service was heard last, in seconds since 1970."""
        known = set(self._consortium().services)
        return {name: at.timestamp() for name, at in sorted(self.heard.items()) if name in known}

    def words(self) -> str:
        """For an operator: when each was heard."""
        said = (f"{name} {time.time() - at:.0f} s ago" for name, at in self.heard_at().items())
        return "heard " + (", ".join(said) or "nobody yet")

    async def _say_and_listen(self) -> None:
        if not self._broker.is_connected:
            self._cut_since = self._cut_since or datetime.now(UTC)
            return
        connection = self._broker.connection
        if connection is not self._listening:
            await connection.subscribe(f"{HERE}.*", cb=self._hear)
            self._listening = connection
        late = time.monotonic() - self._tick > AWAY.total_seconds() / 2
        if self._cut_since or late or self._broker.reconnects != self._reconnects:
            # What we missed meanwhile was perhaps said: only from now on silence means something.
            self._whole_since = datetime.now(UTC)
            self._cut_since, self._reconnects = None, self._broker.reconnects
        self._tick = time.monotonic()
        if self._speaks:
            await connection.publish(says_here(self._service), b"")

    async def _hear(self, message: Msg) -> None:
        service = message.subject.removeprefix(f"{HERE}.")
        if service != self._service:
            self.heard[service] = datetime.now(UTC)

    def _load(self) -> dict[str, datetime]:
        with self._database.read() as db:
            return {row.service: row.heard_at for row in db.execute(sa.select(table))}

    def _not_noted(self) -> dict[str, datetime]:
        return {
            service: at
            for service, at in self.heard.items()
            if service not in self._noted or at - self._noted[service] > NOTED
        }

    def _note(self) -> None:
        new = self._not_noted()
        rows = [{"service": service, "heard_at": at} for service, at in new.items()]
        try:
            with self._database.write() as db:
                upsert(db, table, rows)
        except sa.exc.SQLAlchemyError as error:
            # Others are to know that we are there, also while our database is not.
            if not is_outage(error):
                raise
            return
        self._noted |= new
