"""People travel through the directory, never in a fact; who is erased is gone everywhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import ledger
import pytest
import sqlalchemy as sa
from backbone import INSTALLED, Consortium, until
from essaim.broker.topology import DIRECTORY, OPERATOR, apply, declared
from essaim.hearing.message import Message
from essaim.hearing.pull import EXPIRES, Missed, Pull
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.people import bucket, directory
from essaim.people.directory import (
    all_people,
    erase_person,
    find_person,
    find_person_by_email,
    people_with_role,
    prove_email,
    save_person,
    to_json,
)
from essaim.people.sharing import count_unshared
from essaim.person import Person, Role, RoleHeld
from nats.aio.client import Client
from nats.js.errors import KeyNotFoundError
from people import a_mentor, following, held, keeping, known, nobody_waits, on_disk
from waiting import PATIENCE

READERS = ("scheduling", "notifications", "reporting")
ERASED_AT = datetime(2021, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
async def keeper(
    consortium: Consortium, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """Candidatures, sharing people as they change."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('keeper') / 'keeper.db'}")
    migrate(database, ledger.service)
    async with keeping(consortium, database):
        yield database
    database.close()


@pytest.fixture
async def follower(consortium: Consortium, database: Database) -> AsyncIterator[Database]:
    """Reporting, following the bucket."""
    async with following(consortium, database):
        yield database


async def test_a_person_shared_by_the_keeper_is_known_to_the_partners(
    keeper: Database, follower: Database
) -> None:
    mentor = a_mentor()
    with keeper.write() as db:
        save_person(db, mentor, share=True)
    assert await until(lambda: known(follower, mentor.id)) == mentor
    with follower.read() as db:
        assert find_person_by_email(db, "  camille@EXEMPLE.org ") == mentor
        assert people_with_role(db, Role.MENTOR, date(2020, 5, 7), "premices") == [mentor]
        assert people_with_role(db, Role.MENTOR, date(2021, 5, 7), "premices") == []
        assert people_with_role(db, Role.MENTOR, date(2020, 5, 7), "autre") == []


async def test_whom_the_bucket_refuses_holds_up_nobody_and_is_said(
    consortium: Consortium, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'keeper.db'}")
    migrate(database, ledger.service)
    everywhere = tuple(RoleHeld(Role.MENTOR, f"programme-{n}") for n in range(900))
    mentor = a_mentor()
    async with keeping(consortium, database) as sync:
        with database.write() as db:
            save_person(db, replace(a_mentor("Tout Partout"), roles=everywhere), share=True)
            save_person(db, mentor, share=True)
        operator = await consortium.connect(OPERATOR)
        await filled(operator, mentor)
        await operator.close()
        await until(lambda: "the directory's bucket refuses" in (sync.trouble or ""))
        assert "Tout" not in (sync.trouble or "")
    database.close()


async def test_partners_know_whose_address_is_only_said(
    keeper: Database, follower: Database
) -> None:
    said = replace(a_mentor(), email_proved=False)
    with keeper.write() as db:
        save_person(db, said, share=True)
    assert await until(lambda: known(follower, said.id)) == said


def test_an_address_is_of_whom_it_is_proved_to_be_else_of_whom_it_was_last_said(
    database: Database,
) -> None:
    first, last = (replace(a_mentor(name), email_proved=False) for name in ("Ana", "Zoé"))
    proved = replace(a_mentor("Noé"), id=UUID(int=1))
    with database.write() as db:
        for one in (first, last):
            save_person(db, one, share=False)
        assert find_person_by_email(db, "camille@exemple.org") == last
        save_person(db, proved, share=False)
        assert find_person_by_email(db, "camille@exemple.org") == proved


def test_an_address_is_proved_to_be_of_one_person_alone(database: Database) -> None:
    first, last = (replace(a_mentor(name), email_proved=False) for name in ("Ana", "Zoé"))
    with database.write() as db:
        for one in (first, last):
            save_person(db, one, share=False)
        prove_email(db, first.id, share=False)
        prove_email(db, last.id, share=False)
        assert find_person(db, first.id) == replace(first, email_proved=True)
        assert find_person(db, last.id) == last


async def test_an_erased_person_is_gone_from_the_bucket_and_from_the_brokers_disk(
    keeper: Database, follower: Database, consortium: Consortium
) -> None:
    mentor = a_mentor("Témoin Unique")
    with keeper.write() as db:
        save_person(db, mentor, share=True)
    await until(lambda: known(follower, mentor.id))
    renamed = replace(mentor, name="Témoin Rebaptisé")
    with keeper.write() as db:
        save_person(db, renamed, share=True)
    await until(lambda: known(follower, mentor.id) == renamed)
    assert "Rebaptis" in on_disk(consortium)
    assert "Unique" not in on_disk(consortium)

    with keeper.write() as db:
        erase_person(db, mentor.id, ERASED_AT, share=True)

    await until(lambda: nobody_waits(keeper))
    assert "Rebaptis" not in on_disk(consortium)


async def test_nothing_late_in_the_bucket_brings_an_erased_person_back(
    keeper: Database, consortium: Consortium, database: Database
) -> None:
    gone, staying = a_mentor("Partie"), a_mentor("Reste")
    with database.write() as db:
        erase_person(db, gone.id, ERASED_AT)
    with keeper.write() as db:
        save_person(db, gone, share=True)
        save_person(db, staying, share=True)
    async with following(consortium, database):
        await until(lambda: known(database, staying.id))
        assert known(database, gone.id) is None


BAD_ENTRIES = {
    "evil": b'{"queued":true}',
    str(UUID(int=1)): b'{"queued":true}',
    str(UUID(int=2)): b"{",
    str(UUID(int=3)): b"[" * 20_000,
    str(UUID(int=4)): b'"a text"',
    str(UUID(int=5)): b"",
    str(UUID(int=6)): b'{"id": "00000000-0000-0000-0000-000000000007", "name": "Another"}',
    str(UUID(int=8)): b'{"id": "00000000-0000-0000-0000-000000000008", "name": 8}',
    str(UUID(int=9)): b'{"id": "00000000-0000-0000-0000-000000000009", "name": "\\u0000"}',
    str(UUID(int=10)): b'{"id": "00000000-0000-0000-0000-00000000000a", "name": "\\ud800"}',
    str(UUID(int=11)): b'{"id": "00000000-0000-0000-0000-00000000000b", "name": "%s"}'
    % (b"x" * 201),
    str(UUID(int=12)): b'{"id": "00000000-0000-0000-0000-00000000000c", "name": "X", "roles": 3}',
    str(UUID(int=13)): b'{"id": "00000000-0000-0000-0000-00000000000d", "name": "X",'
    b' "language": "xx"}',
    str(UUID(int=14)): b'{"id": "00000000-0000-0000-0000-00000000000e", "name": "X",'
    b' "ended_sign_ins": {"x": 1}}',
    str(UUID(int=0xF)).upper(): b'{"id": "00000000-0000-0000-0000-00000000000f", "name": "X"}',
}


async def put(operator: Client, key: str, value: bytes, **headers: str) -> None:
    """Write in the bucket what reporting is told."""
    subject = f"$KV.{DIRECTORY}.reporting.{key}"
    await operator.request(subject, value, headers=headers or None)


async def test_an_entry_that_is_no_person_stops_nobody_who_follows(
    consortium: Consortium, database: Database
) -> None:
    operator = await consortium.connect(OPERATOR)
    for key, value in BAD_ENTRIES.items():
        await put(operator, key, value)
    good = a_mentor()
    await put(operator, str(good.id), json.dumps(to_json(good)).encode())
    async with following(consortium, database) as sync:
        assert await until(lambda: known(database, good.id)) == good
        await until(lambda: sync.trouble is None)
        assert sync.skipped.keys() == BAD_ENTRIES.keys()
        assert f"{len(BAD_ENTRIES)} of the bucket's entries are no person" in sync.words
        assert not any(text in sync.words for text in ("queued", "Another"))

        later = replace(good, id=UUID(int=1))
        await put(operator, str(later.id), json.dumps(to_json(later)).encode())
        assert await until(lambda: known(database, later.id)) == later
        await put(operator, "evil", b"", **{"KV-Operation": "PURGE", "Nats-Rollup": "sub"})
        await until(lambda: "evil" not in sync.skipped)
        assert len(sync.skipped) == len(BAD_ENTRIES) - 2
        with database.read() as db:
            assert {person.id for person in all_people(db)} == {good.id, later.id}
    await operator.close()


async def test_an_entry_the_database_will_not_have_stops_nobody_who_follows(
    consortium: Consortium, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = await consortium.connect(OPERATOR)
    bad, good = a_mentor("Mauvaise"), a_mentor("Bonne")
    save = directory.save_person

    def refuse(db: sa.Connection, person: Person, *, share: bool) -> None:
        if person == bad:
            db.execute(sa.text("select nothing"))
        save(db, person, share=share)

    monkeypatch.setattr(directory, "save_person", refuse)
    for person in (bad, good):
        await put(operator, str(person.id), json.dumps(to_json(person)).encode())
    async with following(consortium, database) as sync:
        assert await until(lambda: known(database, good.id)) == good
        assert sync.skipped.keys() == {str(bad.id)}
    await operator.close()


async def test_the_keeper_removes_what_it_did_not_write(
    keeper: Database, consortium: Consortium
) -> None:
    """Also while it runs; and what it wrote stands again as it was."""
    operator = await consortium.connect(OPERATOR)
    mentor, forged = a_mentor(), a_mentor("Forgée")
    with keeper.write() as db:
        save_person(db, mentor, share=True)
    await until(lambda: nobody_waits(keeper))
    was = await held(operator)
    assert was.keys() == {f"{one}.{mentor.id}" for one in READERS}
    for key, value in BAD_ENTRIES.items():
        await put(operator, key, value)
    for id in (forged.id, mentor.id):
        await put(operator, str(id), json.dumps(to_json(replace(forged, id=id))).encode())
    async with asyncio.timeout(PATIENCE):
        while True:
            if await held(operator) == was:
                break
            await asyncio.sleep(0.01)
    await operator.close()


@pytest.mark.slow
async def test_a_bucket_lost_under_running_services_is_filled_again_and_followed(
    keeper: Database, follower: Database, consortium: Consortium
) -> None:
    before, after = a_mentor("Avant"), a_mentor("Après")
    with keeper.write() as db:
        save_person(db, before, share=True)
    await until(lambda: known(follower, before.id))

    operator = await consortium.connect(OPERATOR)
    await operator.jetstream().delete_stream(f"KV_{DIRECTORY}")
    await apply(operator, declared(INSTALLED, max_bytes=64 * 1024 * 1024))

    assert known(follower, before.id) == before
    await filled(operator, before)
    with keeper.write() as db:
        save_person(db, after, share=True)
    await until(lambda: known(follower, after.id))
    await operator.close()


async def filled(operator: Client, person: Person) -> None:
    """Wait until the bucket holds a person."""
    bucket = await operator.jetstream().key_value(DIRECTORY)
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(KeyNotFoundError):
                await bucket.get(f"reporting.{person.id}")
                return
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_people_changed_while_the_broker_is_down_are_shared_when_it_is_back(
    keeper: Database, follower: Database, consortium: Consortium
) -> None:
    consortium.server.kill()
    try:
        mentor = a_mentor()
        with keeper.write() as db:
            save_person(db, mentor, share=True)
            assert count_unshared(db) == 1
    finally:
        consortium.server.start()
    assert await until(lambda: known(follower, mentor.id)) == mentor


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_erased_person_is_in_no_file_of_a_running_service(database: Database) -> None:
    mentor = a_mentor("Témoin Unique")
    with database.write() as db:
        save_person(db, mentor, share=False)
    assert "moin Unique" in files_of(database)
    with database.read() as reader:
        reader.execute(sa.text("select * from essaim_person")).all()
        with database.write() as db:
            erase_person(db, mentor.id, ERASED_AT)
        assert "moin Unique" in files_of(database)

    # Once nobody reads the pages of before any more, whatever is written next.
    with database.write() as db:
        save_person(db, a_mentor("Quelqu’un"), share=False)
    assert "moin Unique" not in files_of(database)


def files_of(database: Database) -> str:
    """The bytes of the database and of its log."""
    path = Path(str(database.url.database))
    found = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    assert found
    return b"".join(found).decode("latin-1")


def test_the_directory_lists_everybody_by_name(database: Database) -> None:
    people = [a_mentor("Zoé"), a_mentor("Ana")]
    with database.write() as db:
        for person in people:
            save_person(db, person, share=False)
        assert [person.name for person in all_people(db)] == ["Ana", "Zoé"]
        assert (
            db.execute(sa.select(sa.func.count()).select_from(sa.table("essaim_person"))).scalar()
            == 2
        )


async def test_a_follower_that_missed_an_entry_lets_expire_what_was_asked_for_before(
    consortium: Consortium, keeper: Database, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is nobody's takes entries; each new one would become another such."""
    mentor, rests, missed = a_mentor(), list[float](), ["an entry"]
    with keeper.write() as db:
        save_person(db, mentor, share=True)

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    class FirstMissed(Pull):
        async def start(self, seq: int | None = None) -> None:
            if not missed:
                await super().start(seq)

        async def next_chunk(self, most: int, patience: float) -> list[Message]:
            if missed:
                raise Missed(f"{missed.pop()} went elsewhere")
            return await super().next_chunk(most, patience)

    monkeypatch.setattr(bucket, "rest", rest)
    await until(lambda: nobody_waits(keeper))
    monkeypatch.setattr(bucket, "Pull", FirstMissed)
    async with following(consortium, database):
        assert await until(lambda: known(database, mentor.id)) == mentor
    assert rests == [EXPIRES]
