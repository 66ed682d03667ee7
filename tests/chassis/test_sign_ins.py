"""Sign-ins where the directory is kept, and the browsers each service knows: on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.tables import ended_sign_in, sign_in
from essaim.people import browsers, ended, sign_ins
from essaim.people.browsers import SignedIn
from essaim.people.sign_in_links import Used, keep_link, new_token, use_link

PERSON = new_id()
USED = Used(PERSON, "ledger", "/ledger/")


def begun(database: Database, label: str = "Firefox", person_id: UUID = PERSON) -> sign_ins.SignIn:
    with database.write() as db:
        return sign_ins.begin_browser(db, person_id, label)


def test_a_sign_in_is_found_until_it_is_ended_or_over(database: Database) -> None:
    first, second = begun(database), begun(database, "Chrome")
    with database.write() as db:
        assert sign_ins.of_person(db, PERSON) == [second, first]
        sign_ins.end(db, first)
        assert sign_ins.find(db, first.id) is None
        past = {"ends_at": datetime.now(UTC) - timedelta(seconds=1)}
        db.execute(sa.update(sign_in).values(past))
        assert sign_ins.of_person(db, PERSON) == []


def test_what_was_ended_is_said_with_its_person_and_until_when(database: Database) -> None:
    one, other = begun(database), begun(database, person_id=new_id())
    with database.write() as db:
        for each in (one, other):
            sign_ins.end(db, each)

        assert ended.ended_of(db, PERSON) == {one.id: one.ends_at}
        assert ended.all_ended(db).keys() == {PERSON, other.person_id}
        assert ended.untold(db) == []


def test_a_browser_is_known_by_its_secret_until_its_sign_in_ends(database: Database) -> None:
    who = begun(database).signed_in
    with database.write() as db:
        secret = browsers.welcome(db, who, "a ticket")
        assert secret is not None
        assert browsers.find(db, secret) == who
        assert browsers.find(db, f"{secret}x") is None

        ended.note_ended(db, who.person_id, {who.sign_in_id: who.ends_at}, untold=True)
        assert browsers.find(db, secret) is None
        assert browsers.welcome(db, who, "another ticket") is None
        assert ended.untold(db) == [who.sign_in_id]

        # What the keeper says of it, it knows.
        ended.note_ended(db, who.person_id, {who.sign_in_id: who.ends_at})
        assert ended.untold(db) == []


def test_of_many_that_bring_one_ticket_at_once_one_is_let_in(database: Database) -> None:
    who = SignedIn(PERSON, uuid4(), datetime.now(UTC) + timedelta(hours=1))

    def come(_: int) -> str | None:
        with database.write() as db:
            return browsers.welcome(db, who, "one ticket")

    with ThreadPoolExecutor(8) as threads:
        let_in = list(filter(None, threads.map(come, range(8))))

    assert len(let_in) == 1


def test_of_many_that_use_one_link_at_once_one_is_signed_in(database: Database) -> None:
    tokens = [new_token() for _ in range(2)]
    with database.write() as db:
        for token in tokens:
            keep_link(db, token, USED)

    def use(_: int) -> Used | None:
        with database.write() as db:
            return use_link(db, tokens[0])

    with ThreadPoolExecutor(8) as threads:
        used = list(filter(None, threads.map(use, range(8))))

    assert used == [USED]
    with database.write() as db:
        assert use_link(db, tokens[1]) is None


def test_what_was_ended_is_remembered_a_day_longer_than_it_would_have_lasted(
    database: Database,
) -> None:
    now = datetime.now(UTC)
    old, recent, new = (uuid4() for _ in range(3))
    with database.write() as db:
        ended.note_ended(db, PERSON, {old: now - timedelta(days=2), recent: now})
        ended.note_ended(db, PERSON, {new: now + timedelta(hours=1)})

        assert set(db.scalars(sa.select(ended_sign_in.c.id))) == {recent, new}
        assert ended.is_ended(db, recent)
        assert ended.ended_of(db, PERSON).keys() == {new}


def test_a_label_as_long_as_somebody_likes_is_kept_short(database: Database) -> None:
    kept = begun(database, "x" * 500)

    with database.read() as db:
        found = sign_ins.find(db, kept.id)
    assert found == replace(kept, label="x" * sign_ins.LABEL_LENGTH)
