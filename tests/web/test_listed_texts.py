"""What finds and orders a text is written with it, whatever way it comes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import Database, upsert
from essaim.keeping.listed import by_sign, out_of_step, with_keys
from essaim.keeping.migration import migrate
from essaim.keeping.read_models import insert_new
from essaim.keeping.texts import drop_indexes
from essaim.service import Service
from essaim.work import Work
from gazette import store

Opened = Callable[..., AbstractContextManager[Work]]
KEYS = sa.select(store.notice.c.title_search, store.notice.c.title_order)


def a_notice(title: str, work: Work) -> dict[str, Any]:
    return {"id": new_id(), "title": title, "tone": "calm", "places": 1, "pinned_at": work.now}


def test_every_way_to_write_a_row_writes_the_keys_of_its_texts(work: Opened) -> None:
    with work() as w:
        first, second, third = (a_notice(title, w) for title in ("Été", "Œuf", "Noël"))
        w.db.execute(sa.insert(store.notice), [first])
        upsert(w.db, store.notice, [second])
        upsert(w.db, store.notice, [second | {"title": "Hiver à l’Île"}])
        insert_new(w.db, store.notice, [third])

        kept = w.db.scalars(sa.select(store.notice.c.title_search)).all()

    assert sorted(kept) == ["ete", "hiver a l ile hiver a lile", "noel"]


def test_a_text_that_changes_takes_its_keys_along(work: Opened) -> None:
    with work() as w:
        w.db.execute(sa.insert(store.notice), a_notice("Été", w))

        w.db.execute(sa.update(store.notice).values(with_keys(store.notice, {"title": "Hiver"})))

        assert w.db.execute(KEYS).one() == ("hiver", "hiver\thiver\thIVER")
        assert with_keys(store.notice, {"places": 3}) == {"places": 3}


def test_a_text_written_without_its_keys_is_found_out(work: Opened) -> None:
    with work() as w:
        w.db.execute(sa.insert(store.notice), a_notice("Été", w))
        w.db.execute(sa.update(store.notice).values(title="Hiver"))

        assert len(out_of_step(w.db, store.metadata)) == 2

        w.db.execute(sa.delete(store.notice))


def test_the_migration_makes_the_keys_of_the_rows_that_are_there(
    database: Database, service: Service, work: Opened
) -> None:
    with work() as w:
        w.db.execute(sa.insert(store.notice), [a_notice("Été", w), a_notice("L’Œuf", w)])
        drop_indexes(w.db)
        for column in ("title_search", "title_order"):
            w.db.execute(sa.text(f"ALTER TABLE notice DROP COLUMN {column}"))
        w.db.execute(sa.text("UPDATE service_version SET version_num = '0001'"))

    migrate(database, service)

    with database.read() as db:
        assert set(db.scalars(sa.select(store.notice.c.title_search))) == {"ete", "l oeuf loeuf"}
        assert out_of_step(db, store.metadata) == []


def test_codes_have_one_order_in_every_database(work: Opened) -> None:
    codes = ["b-c", "ba", "b_d", "B", "2a"]
    rows = sa.union_all(*(sa.select(sa.literal(one).label("code")) for one in codes)).subquery()
    with work() as w:
        ordered = w.db.scalars(sa.select(rows.c.code).order_by(by_sign(rows.c.code))).all()

    assert ordered == sorted(codes)
