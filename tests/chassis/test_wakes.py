"""A commit wakes who waits for rows; looking for something to do wakes nobody."""

import sqlalchemy as sa
from essaim.keeping.database import Database
from essaim.keeping.tables import position


def test_a_commit_wakes_who_waits_and_on_sqlite_one_that_changed_nothing_does_not(
    database: Database,
) -> None:
    woken: list[str] = []
    database.on_commit.append(lambda: woken.append("woken"))
    with database.write() as db:
        db.execute(sa.select(position)).all()
    by_looking = len(woken)

    with database.write() as db:
        db.execute(sa.insert(position).values(consumer="one", stream_seq=1, fact_id="a fact"))

    assert by_looking == (0 if database.is_sqlite else 1)
    assert len(woken) == by_looking + 1
