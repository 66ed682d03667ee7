"""Facts that were on their way when a backup was made keep the place they came to."""

from backbone import Consortium, End, a_session_held, until
from essaim.backup.cut import cut
from essaim.backup.places import find_places
from essaim.broker.topology import FACTS, OPERATOR
from essaim.keeping.tables import outbox
from essaim.operating.journal import note_places_in, read_stream
from essaim.operating.restore import restore
from essaim.telling.outbox import backlog
from sqlalchemy import select, update


async def test_facts_the_stream_took_meanwhile_are_found_and_come_back_in_their_order(
    teller: End, consortium: Consortium
) -> None:
    operator = await consortium.connect(OPERATOR)
    teller.tell(a_session_held(minutes=10), a_session_held(minutes=20))
    with cut({"scheduling": teller.database}) as snapshots:
        assert await find_places(operator, snapshots) == {"scheduling": {}}
        teller.start(teller.relay.run)
        await until(lambda: all_published(teller))
        placed = await find_places(operator, snapshots)
    await teller.halt()
    order = [held.subject for held in (await read_stream(operator)).values()]
    assert placed == {
        "scheduling": dict(teller.rows(select(outbox.c.position, outbox.c.stream_seq)))
    }

    # As it is restored: nobody knows that they were published, but for their places.
    with teller.database.write() as db:
        db.execute(update(outbox).values(published_at=None, stream_seq=None))
        note_places_in(db, placed["scheduling"])
    await operator.jetstream().purge_stream(FACTS)
    assert await restore(operator, {"scheduling": teller.database}) == 2
    assert [held.subject for held in (await read_stream(operator)).values()] == order
    await operator.close()


def all_published(end: End) -> bool:
    with end.database.read() as db:
        return backlog(db).waiting == 0
