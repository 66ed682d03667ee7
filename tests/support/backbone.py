"""The backbone as tests see it: a broker, two ends that tell and hear, and how to wait."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cluster import Cluster
from containers import NatsContainer
from essaim.broker.client import connect
from essaim.broker.connection import Broker
from essaim.broker.topology import Topology, TopologyRefused, apply
from essaim.clock import SystemClock
from essaim.consortium.file import of_services
from essaim.hearing.dead_copies import copy_new
from essaim.hearing.inbox import Inbox
from essaim.hearing.router import Hearing
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.loops import cancel
from essaim.running.nats_server import NatsServer
from essaim.service import installed_services
from essaim.settings import Settings
from essaim.telling.outbox import Pending, load_unpublished
from essaim.telling.relay import Relay
from essaim.work import open_work
from essaim_contracts import Fact
from essaim_contracts.scheduling import SessionHeld, SessionKind, SessionMode
from nats.aio.client import Client
from pydantic import SecretStr
from waiting import PATIENCE

INSTALLED = of_services(installed_services())
"""Who takes part where nobody says otherwise."""


@dataclass
class Consortium:
    """A running NATS server, and how to connect to it as one of its users."""

    server: NatsServer | NatsContainer | Cluster
    seeds: dict[str, str]

    async def connect(self, user: str, **options: Any) -> Client:
        return await connect(self.server.url, user, self.seeds[user], **options)

    def settings(self, user: str) -> Settings:
        return Settings(nats_url=self.server.url, nats_seed=SecretStr(self.seeds[user]))


@dataclass
class End:
    """One service on the backbone: its database, its connection, its relay and its inbox."""

    consortium: Consortium
    service: str
    database: Database
    hearing: Hearing
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def connect(self) -> None:
        self.broker = Broker(self.consortium.settings(self.service), self.service)
        await self.broker.start()
        copy = partial(copy_new, self.database, self.service)
        self.relay = Relay(self.database, self.broker, self.service, aside=copy)
        self.inbox = Inbox(
            self.database,
            self.broker,
            SystemClock(),
            self.service,
            self.hearing,
            self.relay.wake.set,
        )

    def start(self, *runs: Callable[[], Any]) -> None:
        """Run the relay and the inbox, or only what is named."""
        for run in runs or (self.relay.run, self.inbox.run):
            self._tasks.append(asyncio.ensure_future(run()))

    async def halt(self) -> None:
        """Stop at once, wherever it is, as a crash would; `connect` and `start` bring it back."""
        await cancel(self._tasks)
        with suppress(Exception):
            await self.broker.stop()

    def tell(self, *facts: Fact) -> None:
        with open_work(self.database, SystemClock()) as work:
            for fact in facts:
                work.tell(fact, programme="premices")
        self.relay.offer(work.saved)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        with self.database.read() as db:
            return list(db.execute(query))


def a_session_held(session_id: UUID | None = None, minutes: int = 60, **values: Any) -> SessionHeld:
    return SessionHeld(
        session_id=session_id or new_id(),
        edition_id=new_id(),
        kind=SessionKind.MENTORING,
        held_on=date(2020, 5, 7),
        minutes=minutes,
        half_days=1,
        mode=SessionMode.ONLINE,
        participants=2,
        **values,
    )


async def until(condition: Callable[[], Any]) -> Any:
    """Wait for something to be so, and give it back; fail when it is not in `PATIENCE` seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = await asyncio.to_thread(condition)
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still {found!r} after {PATIENCE:g} s")
        await asyncio.sleep(0.01)


async def make_anew(connection: Client, topology: Topology) -> None:
    """Apply a topology whose streams were just deleted.

    The server answers before their files are gone, and on a busy machine refuses meanwhile.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await apply(connection, topology)
            return
        except TopologyRefused as refusal:
            if "error creating store" not in str(refusal) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


async def publish_raw(
    connection: Client, subject: str, headers: dict[str, str] | None, body: bytes
) -> None:
    """Put any message in the stream, as a stranger's program might."""
    answer = await connection.request(subject, body, headers=headers, timeout=PATIENCE)
    assert "error" not in json.loads(answer.data), answer.data


def load_raw(end: End) -> Pending:
    """The first fact of an outbox, as any program may publish it: without Nats-Msg-Id."""
    row = load_unpublished(end.database, 1)[0]
    headers = {name: value for name, value in row.headers.items() if name != "Nats-Msg-Id"}
    return row._replace(headers=headers)
