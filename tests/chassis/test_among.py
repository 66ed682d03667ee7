"""Statements that are made once ask about as many values as there are."""

from uuid import UUID

import pytest
import sqlalchemy as sa
from essaim.keeping.among import MOST, among, places, size_for
from essaim.keeping.database import Database

thing = sa.Table("thing", sa.MetaData(), sa.Column("id", sa.Uuid, primary_key=True))


@pytest.mark.parametrize("asked", [1, 2, 8, 9, 65, MOST])
def test_a_statement_made_once_finds_all_values_it_is_asked_about_and_no_other(
    database: Database, asked: int
) -> None:
    ids = [UUID(int=number) for number in range(MOST + 1)]
    with database.write() as db:
        thing.create(db)
        db.execute(sa.insert(thing), [{"id": one} for one in ids])

    with database.read() as db:
        size = size_for(db, ids[:asked])
        statement = sa.select(thing.c.id).where(among(thing.c.id, "thing", size))
        found = db.scalars(statement, places("thing", ids[:asked], size)).all()

    assert sorted(found) == ids[:asked]
