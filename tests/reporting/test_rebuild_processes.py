"""A rebuild by several processes is that of one, whatever the stream holds twice."""

import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from backbone import Consortium, End, publish_raw, until
from essaim.broker.topology import FACTS, OPERATOR
from essaim.hearing.message import Message
from essaim.hearing.projection import Projection, Row
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.operating import rebuild as rebuilding
from essaim.operating.reading import read_to_end
from essaim.operating.rebuild import rebuild
from essaim.operating.shares import ProcessLost, Shares
from essaim_contracts import Fact
from essaim_contracts.envelope import Envelope, to_headers
from reporting.main import projection, service
from reporting.store.timeline import timeline

from tests.reporting.edition import a_small_edition
from tests.reporting.test_hearing import tell

FACTS_TOLD = a_small_edition().heard


@pytest.fixture
async def reporting(
    consortium: Consortium, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[End]:
    """Reporting, which has heard a small edition of which much stands in the stream twice."""
    monkeypatch.setattr(rebuilding, "WORTH_PROCESSES", 1)
    for owner in ("candidatures", "scheduling", "notifications"):
        own = [one.fact for one in FACTS_TOLD if one.envelope.owner == owner]
        await tell(consortium, tmp_path, owner, own)
    await _say_again(consortium)
    await _say_from_the_future(consortium)
    end = End(consortium, "reporting", database, projection)
    await end.connect()
    end.start(end.inbox.run)
    told = len(FACTS_TOLD) + 1
    await until(lambda: end.inbox.counts.handled == told and not end.inbox.pending)
    yield end
    await end.halt()


async def _say_again(consortium: Consortium) -> None:
    """Every third message once more, the last ones first."""
    operator = await consortium.connect(OPERATOR)
    messages = [message async for message in read_to_end(operator, FACTS)]
    for message in messages[::-3]:
        kept = {name: it for name, it in message.headers.items() if name[:5] != "Nats-"}
        owner = await consortium.connect(message.subject.split(".")[2])
        await publish_raw(owner, message.subject, kept, message.body)
        await owner.close()
    await operator.close()


async def _say_from_the_future(consortium: Consortium) -> None:
    """One fact more, by a clock that is wrong."""
    told = FACTS_TOLD[0]
    later = replace(told.envelope, id=str(new_id()), time=datetime(2100, 1, 1, tzinfo=UTC))
    owner = await consortium.connect(later.owner)
    body = told.fact.model_dump_json().encode()
    await publish_raw(owner, later.nats_subject, to_headers(later), body)
    await owner.close()


def entries(end: End) -> list[tuple[str, int]]:
    query = sa.select(timeline.c.fact_id, timeline.c.seq).order_by(timeline.c.seq)
    return [(row.fact_id, row.seq) for row in end.rows(query)]


async def test_what_several_processes_project_is_what_was_projected_as_it_came(
    reporting: End,
) -> None:
    """But for what was tampered with, which is found and mended."""
    served = entries(reporting)
    with reporting.database.write() as db:
        db.execute(sa.delete(timeline).where(timeline.c.seq % 2 == 0))

    result = await rebuild(
        reporting.database, reporting.broker, "reporting", projection, swap=True, processes=2
    )

    assert [one.table for one in result.differences] == ["timeline"]
    assert result.facts == len(FACTS_TOLD) + len(FACTS_TOLD[::-3]) + 1
    assert entries(reporting) == served
    if reporting.database.is_sqlite:
        assert left_beside(Path(reporting.database.url.database or "")) == []


def ends(fact: Fact, envelope: Envelope, seq: int) -> Iterable[Row]:
    os._exit(1)


async def test_a_process_that_is_ended_from_outside_is_said_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    file = tmp_path / "reporting.db"
    database = Database(f"sqlite:///{file}")
    migrate(database, service)
    shares = Shares(database, Projection(ends, projection.tables), None, 1)
    (told, *_) = FACTS_TOLD
    message = Message(
        1,
        told.envelope.nats_subject,
        to_headers(told.envelope),
        told.fact.model_dump_json().encode(),
    )

    await shares.put([message])
    with pytest.raises(ProcessLost, match="--processes 1"):
        await shares.settle()
    await shares.close()

    assert left_beside(file) == []
    database.close()


def left_beside(file: Path) -> list[str]:
    return [one.name for one in file.parent.glob(f"{file.name}-rebuild-*")]
