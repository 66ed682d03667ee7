from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from essaim.keeping.database import Database
from essaim.keeping.limits import Limit, admit
from essaim.keeping.tables import counted_act

SECRET = "of this service only"
START = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
LINKS = Limit("link", most=2, within=timedelta(minutes=1))
DRAFTS = Limit("draft", most=2, within=timedelta(minutes=1))


def ask(database: Database, who: str, seconds: float = 0, limit: Limit = LINKS) -> bool:
    with database.write() as db:
        return admit(db, limit, who, SECRET, START + timedelta(seconds=seconds))


def test_too_many_of_one_act_are_refused_until_the_earlier_ones_are_old(database: Database) -> None:
    answers = [ask(database, "camille", seconds) for seconds in (0, 10, 20, 59, 60, 61, 70)]

    assert answers == [True, True, False, False, True, False, True]


def test_each_one_and_each_act_is_counted_apart(database: Database) -> None:
    for _ in range(3):
        ask(database, "camille")

    assert ask(database, "dominique")
    assert ask(database, "camille", limit=DRAFTS)
    assert not ask(database, "camille")


def test_who_it_was_is_not_kept_and_what_is_old_is_dropped(database: Database) -> None:
    ask(database, "camille@exemple.fr")
    with database.read() as db:
        kept = str(db.execute(sa.select(counted_act)).all())
    ask(database, "dominique@exemple.fr", seconds=60)

    assert "camille" not in kept
    with database.read() as db:
        assert len(db.execute(sa.select(counted_act)).all()) == 1


def test_many_at_once_are_admitted_no_more_often_than_one_after_the_other(
    database: Database,
) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(database, "camille"), range(16)))

    assert sum(answers) == LINKS.most
