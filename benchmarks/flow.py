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
from report import Pace, best, pace_of, say, say_ratio
from sample import message_of, of_all_services, of_scheduling

ROUNDS = 3


async def measure_relay(ground: Ground, facts: int) -> None:
    """Raw and relayed in turn, so that both meet the same weather; the best round of each."""
    singles, batches, relayed = [], [], []
    for _ in range(ROUNDS):
        connection = await ground.empty_stream()
        messages = [message_of(fact) for fact in of_scheduling(facts + 500)]
        singles.append(await ceilings.one_by_one(connection, messages[:500]))
        batches.append(await ceilings.atomic_batches(connection, messages[500:]))
        await connection.close()
        relayed.append(await _relay(ground, facts))
    single, batch, relay = best(singles), best(batches), best(relayed)
    say("ceiling: published one by one", single)
    say("ceiling: atomic batches from memory", batch)
    say("relay, SQLite outbox to stream", relay)
    say_ratio("  to atomic batches", relay.rate / batch.rate, 0.6)
    say_ratio("  to one by one", relay.rate / single.rate, 5)


async def _relay(ground: Ground, facts: int) -> Pace:
    with ground.database("sqlite", scheduling.main.service) as database:
        for _ in range(0, facts, 100):
            with open_work(database, SystemClock()) as work:
                for fact in of_scheduling(100):
                    work.tell(fact, programme="premices")
        async with ground.end("scheduling", database, FactRouter("scheduling")) as end:
            with pace_of(facts) as pace:
                end.start(end.relay.run)
                await until(lambda: end.relay.published >= facts)
        return pace


async def measure_read_model(ground: Ground, facts: int) -> None:
    """Reporting's projection, against a FastStream subscriber with a transaction for each fact."""
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in of_all_services(facts)))
    await connection.close()
    projection = reporting.main.projection
    for backend in BACKENDS:
        usual, ours = [], []
        for _ in range(ROUNDS):
            with ground.database(backend, reporting.main.service) as database:
                usual.append(
                    await ceilings.faststream_subscriber(
                        ground, database, projection, min(500, facts)
                    )
                )
            with ground.database(backend, reporting.main.service) as database:
                ours.append(await handle_stream(ground, database, "reporting", projection, facts))
        say(f"ceiling: FastStream, a transaction per fact, {backend}", best(usual))
        say(
            f"inbox into reporting's read model, {backend}",
            best(ours),
            "≥ 10,000",
            best(ours).rate >= 10_000,
        )
        say_ratio("  to FastStream", best(ours).rate / best(usual).rate, 10)


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


async def measure_handlers(ground: Ground, facts: int) -> None:
    """Ordinary handlers, against their bare statements in transactions of the same size."""
    sessions = of_scheduling(facts)
    connection = await ground.empty_stream()
    await fill_stream(connection, (message_of(fact) for fact in sessions))
    await connection.close()
    for backend, goal in zip(BACKENDS, (2500, 1500), strict=True):
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
        say(f"ceiling: the bare statements, {backend}", best(bare))
        met = best(ours).rate >= goal
        say(f"inbox, handlers of 3 statements, {backend}", best(ours), f"≥ {goal:,}", met)
        say_ratio("  to the bare statements", best(ours).rate / best(bare).rate, 0.6)
