"""Who signed out while the directory's keeper was away is out there too when it is back."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import ledger
import pytest
from backbone import Consortium, until
from essaim.broker.connection import Broker
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.loops import cancel
from essaim.people import answers, ended, sign_ins
from essaim.people.sign_outs import SignOuts
from essaim.work import Work, open_work


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Of the keeper, and of a service where somebody signs out."""
    keeper, here = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("keeper", "here"))
    with closing(keeper), closing(here):
        for one in (keeper, here):
            migrate(one, ledger.service)
        yield keeper, here


async def test_a_sign_out_that_nobody_heard_is_told_until_the_keeper_answers(
    consortium: Consortium,
    databases: tuple[Database, Database],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("essaim.people.sign_outs.LOOK_EVERY", 0.05)
    at_keeper, here = databases
    with at_keeper.write() as db:
        begun = sign_ins.begin_browser(db, new_id(), "Firefox")
    with here.write() as db:
        ended.note_ended(db, begun.person_id, {begun.id: begun.ends_at}, untold=True)

    def work(**_: Any) -> AbstractContextManager[Work]:
        return open_work(at_keeper, SystemClock())

    broker = Broker(consortium.settings("scheduling"), "scheduling")
    await broker.start()
    telling = SignOuts(here, broker)
    tasks = [asyncio.create_task(telling.run())]
    await until(lambda: telling.trouble)

    context = {"work": work}
    settings = consortium.settings("candidatures")
    keeper = Broker(settings, "candidatures", [answers.questions], context)
    await keeper.start()
    await until(lambda: not untold(here))
    await until(lambda: telling.trouble is None)

    with at_keeper.read() as db:
        assert sign_ins.find(db, begun.id) is None
        assert ended.is_ended(db, begun.id)
    await cancel(tasks)
    for one in (broker, keeper):
        await one.stop()


def untold(database: Database) -> bool:
    with database.read() as db:
        return bool(ended.untold(db))
