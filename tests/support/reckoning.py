"""What a fault test counts at the end: what each of the two services told, heard and answered."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import party
import sqlalchemy as sa
from backbone import Consortium
from essaim.broker.topology import OPERATOR
from essaim.hearing.dead import count_dead
from essaim.hearing.retries import count_waiting
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox
from essaim.operating.verify import verify
from essaim.telling.outbox import backlog
from waiting import wait_until


class Said(NamedTuple):
    """A fact of an outbox: the how-manieth of its key, and the fact it answers."""

    id: str
    key: str
    times: int
    cause: str | None


def said_by(database: Database) -> list[Said]:
    query = sa.select(outbox.c.id, outbox.c.key, outbox.c.headers, outbox.c.body)
    with database.read() as db:
        rows = db.execute(query.order_by(outbox.c.position)).all()
    return [_said(row) for row in rows]


def _said(row: Any) -> Said:
    body = json.loads(row.body)
    times = body["minutes"] if "minutes" in body else _seconds(body["erased_at"])
    return Said(
        row.id,
        row.key.removeprefix("erased "),
        times,
        json.loads(row.headers).get("ce-causationid"),
    )


def _seconds(instant: str) -> int:
    return int((datetime.fromisoformat(instant) - party.BEGINNING).total_seconds())


def heard_by(database: Database) -> list[Said]:
    with database.read() as db:
        rows = db.execute(sa.select(party.heard).order_by(party.heard.c.number)).all()
    return [Said(row.fact_id, str(row.key), row.times, None) for row in rows]


def by_key(facts: Iterable[Said]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        found[fact.key].append(fact.times)
    return found


def still_to_do(teller: Database, hearer: Database) -> str:
    """What keeps the two from resting, in words; empty when they do."""
    told, answered = len(said_by(teller)), len(said_by(hearer))
    counts = {"told": told, "heard": len(heard_by(hearer)), "answered": answered}
    counts["answers heard"] = len(heard_by(teller))
    left = []
    for database in (teller, hearer):
        with database.read() as db:
            behind = backlog(db)
            left += [behind.waiting, behind.parked, count_waiting(db), count_dead(db)]
    if len(set(counts.values())) == 1 and not any(left):
        return ""
    return f"{counts}; unpublished, parked, waiting, dead: {left[:4]} there, {left[4:]} here"


def rest(teller: Database, hearer: Database) -> None:
    wait_until(lambda: not still_to_do(teller, hearer), lambda: still_to_do(teller, hearer))


def check(hub: Consortium, teller: Database, hearer: Database, printed: list[str]) -> None:
    sessions, answers = said_by(teller), said_by(hearer)
    print(f"{len(sessions)} sessions told, as many answers")
    assert sessions, "there was something to lose"
    each = by_key(sessions)
    assert each == {key: list(range(1, len(times) + 1)) for key, times in each.items()}
    committed = {f"{fact.key}/{fact.times}" for fact in sessions}
    assert set(printed) <= committed, "what was committed is there"
    assert by_key(heard_by(hearer)) == each, "each fact was handled once, in the order of its key"
    assert sorted(fact.cause or "" for fact in answers) == sorted(fact.id for fact in sessions)
    assert by_key(heard_by(teller)) == each, "and so was each answer"
    asyncio.run(check_stream(hub, {"scheduling": teller, "candidatures": hearer}))


async def check_stream(hub: Consortium, journals: dict[str, Database]) -> None:
    connection = await hub.connect(OPERATOR)
    found = await verify(connection, journals)
    messages = (await connection.jetstream().stream_info("ESSAIM")).state.messages
    await connection.close()
    assert all(one.sound for one in found), found
    assert messages == sum(one.told for one in found), "each fact stands in the stream once"
