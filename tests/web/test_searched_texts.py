"""A word is found by an index that follows whatever is written, and never differs from reading."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping import texts
from essaim.keeping.database import Database, note_erasure, upsert
from essaim.keeping.listed import with_keys
from essaim.keeping.migration import differences, migrate
from essaim.service import Service
from essaim.text.collation import search_words
from essaim.web import Search, search
from essaim.work import Work
from gazette import store

Opened = Callable[..., AbstractContextManager[Work]]
TITLE, KEY = store.notice.c.title, store.notice.c.id
SEARCH = Search("q", "Chercher", (TITLE,))


def a_notice(title: str) -> dict[str, Any]:
    pinned_at = sa.func.current_timestamp()
    return {"id": new_id(), "title": title, "tone": "calm", "places": 1, "pinned_at": pinned_at}


def pinned(work: Work, *titles: str) -> list[Any]:
    rows = [a_notice(title) | {"pinned_at": work.now} for title in titles]
    work.db.execute(sa.insert(store.notice), rows)
    return [row["id"] for row in rows]


def found(db: sa.Connection, words: str) -> list[str]:
    condition = SEARCH.few(db, KEY, words)
    assert condition is not None
    return sorted(db.scalars(sa.select(TITLE).where(condition)))


def test_what_is_written_changed_and_taken_away_is_found_as_it_is(work: Opened) -> None:
    with work() as w:
        first, second, _ = pinned(w, "Épicerie du bourg", "Éco-lieu", "Atelier de l’épicerie")
        assert found(w.db, "picer") == ["Atelier de l’épicerie", "Épicerie du bourg"]

        upsert(w.db, store.notice, [a_notice("Fournil") | {"id": first, "pinned_at": w.now}])
        changed = with_keys(store.notice, {"title": "Épicerie à roues"})
        w.db.execute(sa.update(store.notice).where(second == KEY).values(changed))
        assert found(w.db, "epicerie") == ["Atelier de l’épicerie", "Épicerie à roues"]
        assert found(w.db, "fournil") == ["Fournil"]

        w.db.execute(sa.delete(store.notice).where(second == KEY))
        assert found(w.db, "EPICERIE atelier") == ["Atelier de l’épicerie"]
        assert found(w.db, "introuvable") == []


@pytest.mark.parametrize("words", ["projet 77", "7 projet", "projet", "0177", "177 17", "zzz z"])
def test_a_search_by_index_finds_what_reading_finds(work: Opened, words: str) -> None:
    with work() as w:
        pinned(w, *(f"Projet {number:04}" for number in range(150, 280, 3)), "Zzz")
        read = w.db.scalars(sa.select(TITLE).where(SEARCH.holding(words))).all()
        one_by_one = SEARCH.holding(words, one_by_one=True)

        assert found(w.db, words) == sorted(read)
        assert sorted(w.db.scalars(sa.select(TITLE).where(one_by_one))) == sorted(read)


@pytest.mark.parametrize(
    "word",
    ["épicerie", "OR AND", "œuvre", "１２３", "straße", "ﬁlière", "x" * 180, "𝔘nicode", "ǅep"],
)
def test_where_the_index_counts_it_misses_no_row_that_holds_a_word(work: Opened, word: str) -> None:
    with work() as w:
        pinned(w, f"Projet {word}", "Autre chose")
        for one in search_words(word):
            if len(one) < texts.SHORTEST:
                continue
            found, may = texts.rows_that_may(w.db, store.notice, TITLE, one)
            counted = w.db.scalars(sa.select(TITLE).select_from(found).where(may)).all()
            assert counted == [f"Projet {word}"]


def test_rows_in_which_each_text_is_read_lie_side_by_side(
    database: Database, service: Service, work: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        return
    monkeypatch.setitem(store.notice.info, "searched_with", ("tone",))
    migrate(database, service)

    with work() as w:
        query = sa.select(KEY).where(store.notice.c.tone == "calm", SEARCH.holding("projet 7"))
        written = str(query.compile(w.db, compile_kwargs={"literal_binds": True}))
        (plan,) = w.db.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()
    assert "COVERING INDEX notice_texts_read" in plan[3]
    assert differences(database, service) == []

    monkeypatch.undo()
    migrate(database, service)
    with database.read() as db:
        look = "SELECT count(*) FROM sqlite_master WHERE name = 'notice_texts_read'"
        assert db.exec_driver_sql(look).scalar_one() == 0


def test_a_word_of_many_rows_is_not_looked_up(
    work: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_NAMED", 2)
    with work() as w:
        pinned(w, "Projet un", "Projet deux", "Projet trois")

        assert SEARCH.few(w.db, KEY, "projet") is None
        assert found(w.db, "projet trois") == ["Projet trois"]


def test_a_search_goes_by_the_index(work: Opened) -> None:
    with work() as w:
        found, holds = texts.rows_with(w.db, store.notice, TITLE, "epicerie")
        query = sa.select(KEY).select_from(found).where(holds)
        written = str(query.compile(w.db, compile_kwargs={"literal_binds": True}))
        if w.db.dialect.name == "sqlite":
            plan = w.db.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()
            assert "SCAN notice_texts VIRTUAL TABLE INDEX 0:L0" in [row[3] for row in plan]
        elif has_trigrams(w.db):
            w.db.exec_driver_sql("SET LOCAL enable_seqscan = off")
            # Two of them: the driver reads one as the beginning of a value.
            plan = w.db.exec_driver_sql(f"EXPLAIN {written}").all()
            assert any("notice_title_search_texts" in row[0] for row in plan)


def has_trigrams(db: sa.Connection) -> bool:
    """Some builds of PostgreSQL come without."""
    there = "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"
    return db.dialect.name == "postgresql" and db.exec_driver_sql(there).scalar_one() == 1


def test_an_index_that_is_not_as_it_should_is_made_again(
    database: Database, service: Service, work: Opened
) -> None:
    with work() as w:
        pinned(w, "Épicerie")
        if w.db.dialect.name == "sqlite":
            w.db.exec_driver_sql("DROP TRIGGER notice_texts_added")
        else:
            w.db.exec_driver_sql("DROP INDEX IF EXISTS notice_title_search_texts")
        pinned(w, "Épicerie d’en face")

    migrate(database, service)

    with database.read() as db:
        assert found(db, "epicerie") == ["Épicerie", "Épicerie d’en face"]
    assert differences(database, service) == []


def test_an_sqlite_without_trigrams_finds_the_same_and_has_its_index_once_it_knows_them(
    database: Database, service: Service, work: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        return
    monkeypatch.setattr(texts, "_HAS_FTS5", False)
    migrate(database, service)
    with work() as w:
        pinned(w, "Épicerie", "Atelier")
        assert found(w.db, "EPICERIE") == ["Épicerie"]
    assert differences(database, service) == []

    monkeypatch.undo()
    migrate(database, service)

    with database.read() as db:
        assert found(db, "EPICERIE") == ["Épicerie"]
        made = "SELECT sql FROM sqlite_master WHERE name = 'notice_texts'"
        assert "fts5" in db.exec_driver_sql(made).scalar_one()


def test_nothing_of_an_erased_text_stays_in_the_index(database: Database, work: Opened) -> None:
    if not database.is_sqlite:
        return
    with work() as w:
        ids = pinned(w, "Xylophone", "Atelier")

    with database.write() as db:
        db.execute(sa.delete(store.notice).where(ids[0] == KEY))
        note_erasure(db)

    with database.read() as db:
        blocks = db.exec_driver_sql("SELECT block FROM notice_texts_data").scalars().all()
    assert b"xyl" not in b"".join(blocks)
    assert b"ate" in b"".join(blocks)


def test_where_postgresql_may_not_have_the_extension_it_is_said_and_texts_are_read(
    work: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with work() as w:
        if w.db.dialect.name == "sqlite":
            return
        w.db.exec_driver_sql("DROP INDEX IF EXISTS notice_title_search_texts")
        monkeypatch.setattr(texts, "_one", lambda db, query: False)

        texts.keep_indexes(w.db, [store.notice])

        pinned(w, "Épicerie")
        assert found(w.db, "epicerie") == ["Épicerie"]
    assert "pg_trgm" in capsys.readouterr().out
