"""A column that repeats what another table says is never behind it, whoever writes."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from essaim.keeping.database import Database, upsert
from essaim.keeping.followed import drop_followed, followed, keep_followed

METADATA = sa.MetaData()
SHELF = sa.Table(
    "shelf",
    METADATA,
    sa.Column("code", sa.String(10), primary_key=True),
    sa.Column("room", sa.String(10)),
)
BOOK = sa.Table(
    "book",
    METADATA,
    sa.Column("title", sa.String(10), primary_key=True),
    sa.Column("shelf", sa.String(10)),
    followed("room", sa.String(10), "shelf.room", key="code", by="shelf"),
)


@pytest.fixture
def db(database: Database) -> Iterator[sa.Connection]:
    with database.write() as db:
        METADATA.create_all(db)
        keep_followed(db, METADATA.tables.values())
        yield db


def rooms(db: sa.Connection) -> dict[str, str | None]:
    return {row.title: row.room for row in db.execute(sa.select(BOOK))}


def test_it_says_what_the_other_row_says_in_whatever_order_they_come(db: sa.Connection) -> None:
    db.execute(sa.insert(BOOK), [{"title": "early", "shelf": "a"}])
    assert rooms(db) == {"early": None}

    db.execute(sa.insert(SHELF), [{"code": "a", "room": "north"}, {"code": "b", "room": "south"}])
    db.execute(sa.insert(BOOK), [{"title": "late", "shelf": "a"}, {"title": "lost", "shelf": None}])
    assert rooms(db) == {"early": "north", "late": "north", "lost": None}


def test_it_follows_changes_on_either_side(db: sa.Connection) -> None:
    db.execute(sa.insert(SHELF), [{"code": "a", "room": "north"}, {"code": "b", "room": "south"}])
    db.execute(sa.insert(BOOK), [{"title": title, "shelf": "a"} for title in ("one", "two")])

    upsert(db, SHELF, [{"code": "a", "room": "attic"}])
    assert rooms(db) == {"one": "attic", "two": "attic"}

    db.execute(sa.update(BOOK).where(BOOK.c.title == "two").values(shelf="b"))
    assert rooms(db) == {"one": "attic", "two": "south"}

    db.execute(sa.delete(SHELF).where(SHELF.c.code == "a"))
    assert rooms(db) == {"one": None, "two": "south"}


def test_what_was_written_while_nothing_followed_is_brought(db: sa.Connection) -> None:
    db.execute(sa.insert(BOOK), [{"title": "one", "shelf": "a"}])
    if db.dialect.name == "sqlite":
        drop_followed(db)
    else:
        db.exec_driver_sql("DROP TRIGGER book_room_followed_theirs ON shelf")
    db.execute(sa.insert(SHELF), [{"code": "a", "room": "north"}])
    assert rooms(db) == {"one": None}

    keep_followed(db, METADATA.tables.values())

    assert rooms(db) == {"one": "north"}
