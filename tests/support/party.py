"""The two services of the fault tests, each to be run in a process of its own by `main`.

`scheduling` tells sessions held, without pause, until a file `enough` lies in its folder, and
notes the answers it hears. `candidatures` notes the sessions it hears and answers each with a fact
of its own. What each notes is committed with the rest of its transaction.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from essaim.consortium.file import of_services
from essaim.hearing.router import FactRouter
from essaim.ids import stable_id
from essaim.keeping.database import insert, is_outage
from essaim.observing.logs import set_up_logs
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.work import Work
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.scheduling import SessionHeld, SessionKind, SessionMode

KEYS = [stable_id("premices", "session", str(n)) for n in range(12)]
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

metadata = sa.MetaData()
said = sa.Table(
    "said",
    metadata,
    sa.Column("key", sa.Uuid, primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)
heard = sa.Table(
    "heard",
    metadata,
    sa.Column("number", _BIG, primary_key=True, autoincrement=True),
    sa.Column("fact_id", sa.String(36), nullable=False),
    sa.Column("key", sa.Uuid, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
)

sessions, answers = FactRouter("candidatures"), FactRouter("scheduling")


class NotThisTime(Exception):
    """What a handler meets once for some facts: each is tried again, its key waits."""


def _note(work: Work, key: UUID, times: int) -> None:
    if work.cause is None:
        raise ValueError("only facts are noted")
    values = {"fact_id": work.cause.id, "key": key, "times": times}
    work.db.execute(sa.insert(heard).values(values))
    mark = Path(f"failed-{work.cause.id}")
    if int(work.cause.id[-2:], 16) < 5 and not mark.exists():
        mark.touch()
        raise NotThisTime


@sessions.subscriber(SessionHeld)
def answer_session(held: SessionHeld, work: Work) -> None:
    erased_at = BEGINNING + timedelta(seconds=held.minutes)
    work.tell(PersonErased(person_id=held.session_id, erased_at=erased_at))
    _note(work, held.session_id, held.minutes)


@answers.subscriber(PersonErased)
def note_answer(erased: PersonErased, work: Work) -> None:
    _note(work, erased.person_id, int((erased.erased_at - BEGINNING).total_seconds()))


async def tell_sessions(runtime: Runtime) -> None:
    """Tell until there is enough; each line printed is a transaction that was committed."""
    chance = random.Random(time.time_ns())
    while not (runtime.settings.data / "enough").exists():
        try:
            told = await asyncio.to_thread(_tell_some, runtime, chance)
            os.write(1, f"{told}\n".encode())
        except sa.exc.SQLAlchemyError as error:
            if not is_outage(error):
                raise
        await asyncio.sleep(chance.uniform(0, 0.03))


def _tell_some(runtime: Runtime, chance: random.Random) -> str:
    with runtime.work() as work:
        told = [_tell_one(work, key) for key in chance.sample(KEYS, chance.randint(1, 4))]
    return " ".join(told)


def _tell_one(work: Work, key: UUID) -> str:
    statement = insert(work.db, said).values(key=key, times=1)
    times = work.db.execute(
        statement.on_conflict_do_update(
            index_elements=["key"], set_={"times": said.c.times + 1}
        ).returning(said.c.times)
    ).scalar_one()
    work.tell(
        SessionHeld(
            session_id=key,
            edition_id=key,
            kind=SessionKind.MENTORING,
            held_on=date(2020, 5, 7),
            minutes=times,
            half_days=1,
            mode=SessionMode.ONLINE,
            participants=2,
        ),
        programme="premices",
    )
    return f"{key}/{times}"


def _service(
    name: str, handlers: FactRouter, *workers: Callable[[Runtime], Awaitable[None]]
) -> Service:
    return Service(name, name, metadata, handlers, (), workers=workers)


SERVICES = {
    "scheduling": _service("scheduling", answers, tell_sessions),
    "candidatures": _service("candidatures", sessions),
}


def main(name: str, settings: Settings, folder: Path) -> None:
    """Be this service until SIGTERM; standard output and error go to files of the folder."""
    for file, number in (("said", 1), ("log", 2)):
        os.dup2(os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.chdir(folder)
    set_up_logs("INFO", as_json=False)
    consortium = of_services(SERVICES)
    asyncio.run(_serve(Runtime(SERVICES[name], settings, consortium=consortium)))


async def _serve(runtime: Runtime) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await runtime.start()
    await stop.wait()
    await runtime.stop()
