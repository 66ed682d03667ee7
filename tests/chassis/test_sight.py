"""A partner is told of the people of its programmes, what its entry names, and nobody else's."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ledger
import pytest
from backbone import INSTALLED, Consortium, until
from essaim.broker.topology import DIRECTORY, OPERATOR
from essaim.clock import SimulatedClock
from essaim.consortium.partners import Consortium as Partners
from essaim.consortium.partners import Partner, Seen
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.people.directory import (
    all_people,
    erase_person,
    names_of,
    save_person,
    to_json,
)  # fmt: skip
from essaim.people.sight import KEPT_AFTER, entries, told_roles
from essaim.person import Person, Role, RoleHeld
from nats.aio.client import Client
from people import a_mentor, connected, following, held, keeping, known, nobody_waits, on_disk
from waiting import PATIENCE

TODAY = date(2020, 5, 7)
NOON = datetime(2020, 5, 7, 12, tzinfo=UTC)
OPERATOR_ROLE = RoleHeld(Role.OPERATOR, "network")


def limited(
    *programmes: str, sees: frozenset[Seen] = frozenset(Seen), service: str = "scheduling"
) -> Partners:
    """Ours, where one partner is told of these programmes alone."""
    return replace(
        INSTALLED,
        partners=tuple(
            replace(one, programmes=frozenset(programmes), sees=sees)
            if one.service == service
            else one
            for one in INSTALLED.partners
        ),
    )


def partner(consortium: Partners, service: str = "scheduling") -> Partner:
    found = consortium.find(service)
    assert found is not None
    return found


def bearing(programme: str, until: date | None = None) -> Person:
    return replace(a_mentor(), roles=(RoleHeld(Role.BEARER, programme, until=until),))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Database]:
    """The keeper's database."""
    database = Database(f"sqlite:///{tmp_path / 'keeper.db'}")
    migrate(database, ledger.service)
    yield database
    database.close()


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


# --- what is told


def test_a_partner_is_told_of_whoever_has_a_role_in_its_programmes_and_of_those_roles() -> None:
    of_premices = partner(limited("premices"))
    both = RoleHeld(Role.MENTOR, "premices"), RoleHeld(Role.BEARER, "autre")
    assert told_roles(of_premices, replace(a_mentor(), roles=both), TODAY) == both[:1]
    assert told_roles(of_premices, bearing("autre"), TODAY) is None
    assert told_roles(of_premices, replace(a_mentor(), roles=()), TODAY) is None
    assert told_roles(partner(INSTALLED), bearing("autre"), TODAY) == bearing("autre").roles


def test_a_role_that_ended_is_told_for_a_season() -> None:
    of_premices = partner(limited("premices"))
    ended = bearing("premices", TODAY - KEPT_AFTER)
    assert told_roles(of_premices, ended, TODAY) == ended.roles
    assert told_roles(of_premices, ended, TODAY + timedelta(days=1)) is None


def test_an_operator_is_known_where_people_sign_in_by_what_that_needs() -> None:
    operator = replace(a_mentor(), roles=(OPERATOR_ROLE,))
    of_premices = limited("premices")
    told = json.loads(entries(of_premices.partners, operator, {}, TODAY)["scheduling"])
    assert told.keys() == {"id", "name", "language", "roles", "ended_sign_ins"}
    without_pages = replace(partner(of_premices), pages=None)
    assert entries([without_pages], operator, {}, TODAY) == {}


def test_an_entry_holds_what_its_reader_is_declared_to_see() -> None:
    mentor, told = a_mentor(), limited("premices", sees=frozenset({Seen.NAME, Seen.LANGUAGE}))
    entry = json.loads(entries(told.partners, mentor, {}, TODAY)["scheduling"])
    assert entry == {
        "id": str(mentor.id), "name": mentor.name, "language": "fr", "ended_sign_ins": {},
    }  # fmt: skip
    whole = json.loads(entries(told.partners, mentor, {}, TODAY)["reporting"])
    assert whole == to_json(mentor) | {"ended_sign_ins": {}}


# --- on a real broker


async def test_a_partner_receives_the_people_of_its_programmes_and_of_them_what_it_sees(
    consortium: Consortium, kept: Database, database: Database, operator: Client
) -> None:
    hers, others = bearing("premices"), bearing("autre")
    with kept.write() as db:
        for one in (others, hers):
            save_person(db, one, share=True)
    sees = frozenset({Seen.NAME, Seen.ROLES})
    async with (
        keeping(consortium, kept, limited("premices", sees=sees)),
        following(consortium, database, "scheduling") as follower,
    ):
        await until(lambda: nobody_waits(kept))
        await until(lambda: known(database, hers.id))
        assert follower.skipped == {}
        assert (await held(operator)).keys() == {
            f"scheduling.{hers.id}",
            *(
                f"{one}.{who.id}"
                for one in ("notifications", "reporting")
                for who in (hers, others)
            ),
        }
    with database.read() as db:
        assert all_people(db) == [replace(hers, email=None, phone=None)]
        assert names_of(db, [hers.id, others.id]) == {hers.id: hers.name}


async def test_whoever_has_no_name_for_a_reader_is_a_person_there(
    consortium: Consortium, kept: Database, database: Database
) -> None:
    hers = bearing("premices")
    with kept.write() as db:
        save_person(db, hers, share=True)
    told = limited("premices", sees=frozenset({Seen.ROLES}))
    async with (
        keeping(consortium, kept, told),
        following(consortium, database, "scheduling"),
    ):
        found = await until(lambda: known(database, hers.id))
    assert found == Person(id=hers.id, name="", roles=hers.roles)
    with database.read() as db:
        assert names_of(db, [hers.id]) == {}


async def test_who_left_a_partners_programmes_is_forgotten_there_and_comes_back_with_a_role(
    consortium: Consortium, kept: Database, database: Database
) -> None:
    hers = bearing("premices", until=TODAY)
    clock = SimulatedClock(NOON)
    with kept.write() as db:
        save_person(db, hers, share=True)
    async with (
        keeping(consortium, kept, limited("premices"), clock),
        following(consortium, database, "scheduling"),
    ):
        await until(lambda: known(database, hers.id))
        clock.set(NOON + KEPT_AFTER)
        await until(lambda: nobody_waits(kept))
        assert known(database, hers.id) == hers
        clock.set(NOON + KEPT_AFTER + timedelta(days=1))
        await until(lambda: known(database, hers.id) is None)

        back = replace(hers, roles=(*hers.roles, RoleHeld(Role.MENTOR, "premices")))
        with kept.write() as db:
            save_person(db, back, share=True)
        assert await until(lambda: known(database, hers.id)) == replace(back, roles=back.roles[1:])


async def test_an_erasure_leaves_nothing_at_any_reader_and_waits_for_its_fact(
    consortium: Consortium, kept: Database, database: Database, operator: Client
) -> None:
    """What a service holds of her is found by her address: the copy stays until then."""
    hers = replace(bearing("premices"), name="Témoin Unique")
    with kept.write() as db:
        save_person(db, hers, share=True)
    async with keeping(consortium, kept), following(consortium, database, "scheduling"):
        await until(lambda: known(database, hers.id))
        await until(lambda: nobody_waits(kept))
        assert "moin Unique" in on_disk(consortium) or "moin \\u" in on_disk(consortium)
        with kept.write() as db:
            erase_person(db, hers.id, NOON, share=True)
        await until(lambda: nobody_waits(kept))
        assert await held(operator) == {}
        assert "Unique" not in on_disk(consortium)
        assert known(database, hers.id) == hers


async def test_a_partner_that_is_told_of_fewer_drops_the_others_once_all_were_told(
    consortium: Consortium, kept: Database, database: Database, operator: Client
) -> None:
    """Also those it was told of before entries were each reader's own."""
    hers, others = bearing("premices"), bearing("autre")
    with database.write() as db:
        for one in (hers, others):
            save_person(db, one, share=False)
    with kept.write() as db:
        for one in (hers, others):
            save_person(db, one, share=False)
    for one in (hers, others):
        await operator.request(f"$KV.{DIRECTORY}.{one.id}", json.dumps(to_json(one)).encode())
    async with following(consortium, database, "scheduling") as follower:
        await until(lambda: follower.trouble is None)
        assert known(database, others.id) == others, "nobody has said yet who is told of"
        async with keeping(consortium, kept, limited("premices")):
            await until(lambda: known(database, others.id) is None)
            assert known(database, hers.id) == hers
            assert not {str(hers.id), str(others.id)} & (await held(operator)).keys()


async def test_a_partner_that_joins_is_told_at_once_and_one_that_is_revoked_no_more(
    consortium: Consortium, kept: Database, operator: Client
) -> None:
    hers = bearing("premices")
    with kept.write() as db:
        save_person(db, hers, share=True)
    async with keeping(consortium, kept, limited("premices")) as keeper:
        await until(lambda: nobody_waits(kept))
        press = replace(partner(INSTALLED), service="press")
        gone = replace(partner(INSTALLED, "reporting"), revoked=TODAY)
        others = (partner(INSTALLED, "scheduling"), partner(INSTALLED, "notifications"))
        keeper.consortium = lambda: replace(INSTALLED, partners=(*others, gone, press))
        wanted = {f"{one}.{hers.id}" for one in ("scheduling", "notifications", "press")}
        async with asyncio.timeout(PATIENCE):
            while True:
                if (await held(operator)).keys() == wanted:
                    break
                await asyncio.sleep(0.01)


OTHERS = f"{DIRECTORY}.reporting.01a2018a-0000-7000-8000-000000000001"
REFUSED = {
    "get another's entry": f"$JS.API.DIRECT.GET.KV_{DIRECTORY}.$KV.{OTHERS}",
    "get any entry": f"$JS.API.DIRECT.GET.KV_{DIRECTORY}",
    "get a message of the bucket": f"$JS.API.STREAM.MSG.GET.KV_{DIRECTORY}",
    "list the keys": f"$JS.API.STREAM.INFO.KV_{DIRECTORY}",
    "pull another's consumer": f"$JS.API.CONSUMER.MSG.NEXT.KV_{DIRECTORY}.reporting-directory",
    "set another's consumer": f"$JS.API.CONSUMER.RESET.KV_{DIRECTORY}.reporting-directory",
    "ask about another's consumer": f"$JS.API.CONSUMER.INFO.KV_{DIRECTORY}.reporting-directory",
    "change its own consumer":
        f"$JS.API.CONSUMER.DURABLE.CREATE.KV_{DIRECTORY}.scheduling-directory",
    "make a consumer": f"$JS.API.CONSUMER.CREATE.KV_{DIRECTORY}.mine.$KV.{OTHERS}",
    "write another's entry": f"$KV.{OTHERS}",
    "write its own entry": f"$KV.{OTHERS}".replace("reporting", "scheduling"),
    "have the bucket copied": "$JS.API.STREAM.CREATE.COPY",
}  # fmt: skip
HEARD = [f"$KV.{OTHERS}", f"$KV.{DIRECTORY}.>", "$KV.>", ">", "_INBOX_reporting.>"]


@pytest.mark.parametrize("subject", REFUSED.values(), ids=REFUSED)
async def test_a_reader_reaches_nothing_in_the_directory_but_what_it_is_told(
    consortium: Consortium, subject: str
) -> None:
    async with connected(consortium, "scheduling") as broker:
        await broker.connection.publish(subject, b"{}")
        (said,) = await until(lambda: list(broker.refused.values()))
        assert "permissions violation for publish" in said


@pytest.mark.parametrize("subject", HEARD)
async def test_a_reader_overhears_nothing_of_the_directory(
    consortium: Consortium, subject: str
) -> None:
    async with connected(consortium, "scheduling") as broker:
        await broker.connection.subscribe(subject)
        (said,) = await until(lambda: list(broker.refused.values()))
        assert "permissions violation for subscription" in said
