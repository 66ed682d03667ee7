"""How fast facts flow: outbox to stream, and stream to committed effects."""

import asyncio

import candidatures.main
import ceilings
import reporting.main
import scheduling.main
import sqlalchemy as sa
from essaim.clock import SystemClock
from essaim.hearing.router import FactRouter, Hearing
from essaim.keeping.database import Database, insert
from essaim.work import Work, open_work
from essaim_contracts.scheduling import SessionHeld
from ground import BACKENDS, Ground, fill_stream, until
from report import Goal, Pace, Report, pace_of, rates
from reporting.main import projection
from sample import message_of, of_all_services, of_scheduling

ROUNDS = 3


async def measure_relay(ground: Ground, report: Report, facts: int) -> None:
    """Raw and relayed in turn, on each database."""
    for backend in BACKENDS:
        singles, batches, relayed = [], [], []
        for _ in range(ROUNDS):
            connection = await ground.empty_stream()
            messages = [message_of(fact) for fact in of_scheduling(facts + 500)]
            singles.append(await ceilings.one_by_one(connection, messages[:500]))
            batches.append(await ceilings.atomic_batches(connection, messages[500:]))
            await connection.close()
            relayed.append(await _relay(ground, backend, facts))
        report.pace(f"ceiling: published one by one, {backend}", singles)
        report.pace(f"ceiling: atomic batches from memory, {backend}", batches)
        report.pace(f"relay, outbox to stream, {backend}", relayed)
        report.ratio(f"to atomic batches, {backend}", rates(relayed), rates(batches), Goal(0.8))
        report.ratio(f"to one by one, {backend}", rates(relayed), rates(singles), Goal(6))


async def _relay(ground: Ground, backend: str, facts: int) -> Pace:
    with ground.database(backend, scheduling.main.service) as database:
        for _ in range(0, facts, 100):
            with open_work(database, SystemClock()) as work:
                for fact in of_scheduling(100):
                    work.tell(fact, programme="premices")
        async with ground.end("scheduling", database, FactRouter("scheduling")) as end:
            with pace_of(facts) as pace:
                end.start(end.relay.run)
                await until(lambda: end.relay.published >= facts)
        return pace


async def measure_read_model(ground: Ground, report: Report, facts: int) -> None:
    """Reporting's projection, against reading alone and against FastStream in two forms."""
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in of_all_services(facts)))
    for backend in BACKENDS:
        thrown, single, batched, ours = [], [], [], []
        for _ in range(ROUNDS):
            thrown.append(await ceilings.bare_pull(connection, facts))
            with ground.database(backend, reporting.main.service) as database:
                single.append(await ceilings.faststream_one_by_one(ground, database, projection))
            with ground.database(backend, reporting.main.service) as database:
                batched.append(
                    await ceilings.faststream_batches(ground, database, projection, facts)
                )
            with ground.database(backend, reporting.main.service) as database:
                ours.append(await handle_stream(ground, database, "reporting", projection, facts))
        report.pace(f"ceiling: the stream read and thrown away, {backend}", thrown)
        report.pace(f"ceiling: FastStream, a transaction a fact, {backend}", single)
        report.pace(f"ceiling: FastStream, a transaction a batch, {backend}", batched)
        report.pace(f"inbox into reporting's read model, {backend}", ours, Goal(10_000))
        report.ratio(f"to reading, {backend}", rates(ours), rates(thrown), Goal(0.5))
        report.ratio(f"to FastStream a fact, {backend}", rates(ours), rates(single), Goal(10))
        report.ratio(f"to FastStream a batch, {backend}", rates(ours), rates(batched), Goal(3))
    await connection.close()


async def handle_stream(
    ground: Ground, database: Database, service: str, hearing: Hearing, facts: int
) -> Pace:
    """The whole stream through one inbox."""
    async with ground.end(service, database, hearing) as end:
        with pace_of(facts) as pace:
            end.start(end.inbox.run)
            await until(lambda: end.inbox.counts.handled >= facts)
    return pace


counting = FactRouter("candidatures")
tables = sa.MetaData()
balance = sa.Table(
    "bench_balance",
    tables,
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("minutes", sa.Integer, nullable=False),
)
entry = sa.Table(
    "bench_entry",
    tables,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("minutes", sa.Integer, nullable=False),
)


def count_minutes(db: sa.Connection, held: SessionHeld) -> None:
    """Three statements, as ordinary handlers have: load, save what was decided, keep a trace."""
    query = sa.select(balance.c.minutes).where(balance.c.edition_id == held.edition_id)
    minutes = (db.execute(query).scalar_one_or_none() or 0) + held.minutes
    statement = insert(db, balance).values(edition_id=held.edition_id, minutes=minutes)
    db.execute(
        statement.on_conflict_do_update(index_elements=["edition_id"], set_={"minutes": minutes})
    )
    db.execute(sa.insert(entry).values(session_id=held.session_id, minutes=held.minutes))


@counting.subscriber(SessionHeld)
def count_held_session(held: SessionHeld, work: Work) -> None:
    count_minutes(work.db, held)


async def measure_handlers(ground: Ground, report: Report, facts: int) -> None:
    """Ordinary handlers, against their bare statements in transactions of the same size."""
    sessions = of_scheduling(facts)
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in sessions))
    await connection.close()
    for backend in BACKENDS:
        bare, ours = [], []
        for _ in range(ROUNDS):
            with ground.database(backend, candidatures.main.service) as database:
                tables.create_all(database.engine)
                bare.append(
                    await asyncio.to_thread(
                        ceilings.bare_statements, database, count_minutes, sessions
                    )
                )
            with ground.database(backend, candidatures.main.service) as database:
                tables.create_all(database.engine)
                ours.append(await handle_stream(ground, database, "candidatures", counting, facts))
        report.pace(f"ceiling: the bare statements, {backend}", bare)
        report.pace(f"inbox, handlers of 3 statements, {backend}", ours)
        report.ratio(f"to the bare statements, {backend}", rates(ours), rates(bare), Goal(0.85))
