"""Shares of a rebuild: a fact and its doubles go to one process, so the first place counts."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from backbone import a_session_held
from essaim.hearing.message import Heard, Message
from essaim.hearing.projection import Projection
from essaim.operating.shares import share_of
from essaim_contracts.envelope import Envelope
from hypothesis import given
from hypothesis import strategies as st

from tests.chassis.test_rebuild import held_table, project

FACT = a_session_held()
IDS = [str(UUID(int=number)) for number in range(1, 8)]


def _message(seq: int, id: str) -> Message:
    envelope = _envelope(id)
    return Message(seq, envelope.nats_subject, {"ce-id": id}, b"")


def _envelope(id: str) -> Envelope:
    return Envelope(
        id=id,
        type=FACT.type,
        source="/premices/scheduling",
        key=str(FACT.key),
        time=datetime(2020, 5, 7, tzinfo=UTC),
        correlation_id="a year",
    )


def _projected(shares: list[list[tuple[int, str]]]) -> list[tuple[str, int]]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as db:
        held_table.create(db)
        for share in shares:
            heard = [Heard(FACT, _envelope(id), seq) for seq, id in share]
            Projection(project, (held_table,)).write(db, heard)
        rows = db.execute(sa.select(held_table.c.id, held_table.c.seq).order_by(held_table.c.id))
        found = [(row.id, row.seq) for row in rows]
    engine.dispose()
    return found


@given(
    ids=st.lists(st.sampled_from(IDS), max_size=40), count=st.integers(1, 5), turned=st.booleans()
)
def test_shares_projected_in_any_order_give_the_rows_of_all_in_the_order_of_the_stream(
    ids: list[str], count: int, turned: bool
) -> None:
    stream = list(enumerate(ids, 1))
    shares: list[list[tuple[int, str]]] = [[] for _ in range(count)]
    for seq, id in stream:
        shares[share_of(_message(seq, id), count)].append((seq, id))

    assert _projected(shares[::-1] if turned else shares) == _projected([stream])
