"""How soon a commit here is visible there: at 50 facts a second, and at one now and then."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import candidatures.main
import ceilings
import flow
import scheduling.main
import sqlalchemy as sa
from essaim.clock import SystemClock
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.work import Work, open_work
from essaim_contracts.scheduling import SessionHeld
from ground import BACKENDS, End, Ground, until
from report import Goal, Report
from sample import message_of, of_scheduling

RHYTHMS = {"50 a second": (0.02, 500), "one in 1.4 s": (1.4, 20)}
"""The pause after a fact, and how many facts. What is looked at once a second shows at the second.
"""


@dataclass
class Sightings:
    """When each session was counted by a transaction that is committed."""

    at: dict[UUID, float] = field(default_factory=dict)
    fresh: list[UUID] = field(default_factory=list)

    def committed(self) -> None:
        now = time.perf_counter()
        self.at.update((session_id, now) for session_id in self.fresh)
        self.fresh.clear()


class WatchedDatabase(Database):
    """Notes when a writing transaction is over, thus visible to everybody."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sightings = Sightings()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        with super().write() as db:
            yield db
        self.sightings.committed()


async def measure_latency(ground: Ground, report: Report) -> None:
    """From one service's database to another's, and the same path with nothing of ours on it."""
    for backend in BACKENDS:
        for rhythm, (pause, facts) in RHYTHMS.items():
            bare, ours = await _both(ground, backend, pause, facts)
            for name, part, goal, ratio in (("p50", 0.5, 5, 1.5), ("p99", 0.99, 25, 2.5)):
                here = f"{backend}, {rhythm}, {name}"
                floor, reached = _part(bare, part), _part(ours, part)
                report.tell(f"ceiling: commit, publish, commit, {here}", [floor], "ms")
                report.tell(f"commit here, visible there, {here}", [reached], "ms", Goal(most=goal))
                report.ratio(f"to the bare path, {here}", [reached], [floor], Goal(most=ratio))


async def _both(
    ground: Ground, backend: str, pause: float, facts: int
) -> tuple[list[float], list[float]]:
    """Seconds of the bare path and of ours."""
    with (
        ground.database(backend, scheduling.main.service) as here,
        ground.database(backend, candidatures.main.service) as there,
    ):
        flow.tables.create_all(there.engine)
        flow.tables.create_all(here.engine)
        connection = await ground.empty_stream()
        bare = await ceilings.bare_path(
            connection,
            lambda: _commit_entry(here),
            lambda: _commit_entry(there),
            [message_of(fact) for fact in of_scheduling(max(20, facts // 5))],
            pause,
        )
        await connection.close()
        await (await ground.empty_stream()).close()
        watched = WatchedDatabase(there.url.render_as_string(hide_password=False))
        ours = await _follow(ground, here, watched, facts, pause)
        watched.close()
    return bare, ours


def _part(seconds: list[float], part: float) -> float:
    """Milliseconds; of few, the 99th is the slowest."""
    return sorted(seconds)[int(len(seconds) * part)] * 1000


def _commit_entry(database: Database) -> None:
    with database.write() as db:
        db.execute(sa.insert(flow.entry).values(session_id=new_id(), minutes=60))


async def _follow(
    ground: Ground, here: Database, there: WatchedDatabase, facts: int, pause: float
) -> list[float]:
    told: dict[UUID, float] = {}
    watching = FactRouter("candidatures")

    @watching.subscriber(SessionHeld)
    def see(held: SessionHeld, work: Work) -> None:
        flow.count_minutes(work.db, held)
        there.sightings.fresh.append(held.session_id)

    async with (
        ground.end("scheduling", here, FactRouter("scheduling")) as teller,
        ground.end("candidatures", there, watching) as hearer,
    ):
        teller.start(teller.relay.run)
        hearer.start(hearer.inbox.run)
        loop = asyncio.get_running_loop()
        await until(lambda: hearer.inbox.trouble is None)
        for fact in of_scheduling(facts):
            told[fact.session_id] = await asyncio.to_thread(_tell, teller, fact, loop)
            await asyncio.sleep(pause)
        await until(lambda: len(there.sightings.at) == facts)
    return [there.sightings.at[session_id] - at for session_id, at in told.items()]


def _tell(end: End, fact: SessionHeld, loop: asyncio.AbstractEventLoop) -> float:
    """Commit a fact from a worker thread, as a page does; gives when that was done."""
    with open_work(end.database, SystemClock()) as work:
        work.tell(fact, programme="premices")
    committed = time.perf_counter()
    loop.call_soon_threadsafe(end.relay.offer, work.saved)
    return committed
