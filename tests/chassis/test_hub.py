"""What an operator is told of the broker by `essaim doctor` and `essaim facts`."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from backbone import (
    INSTALLED,
    Consortium,
    End,
    a_session_held,
    load_raw,
    make_anew,
    publish_raw,
    until,
)
from essaim.broker.topology import DIRECTORY, FACTS, OPERATOR, declared
from essaim.cli.broker_findings import (
    of_clock,
    of_directory,
    of_follower,
    of_room,
    of_told,
    silent_broker,
)
from essaim.cli.facts import _fact
from essaim.operating.hub import (
    Follower,
    Room,
    clock_ahead,
    entries_of_nobody,
    look_at_followers,
    look_at_room,
    told_in_a_day,
)
from essaim.operating.reading import read_to_end
from nats.aio.client import Client
from waiting import PATIENCE


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


async def test_an_operator_is_told_who_fills_the_stream(operator: Client) -> None:
    await operator.jetstream().delete_stream(FACTS)
    await make_anew(operator, declared(INSTALLED, max_bytes=1024 * 1024))
    assert await look_at_room(operator) == Room(0, 1024 * 1024, ())
    for owner, size in (("reporting", 100), *[("scheduling", 200_000)] * 4):
        await publish_raw(operator, f"essaim.x.{owner}.thing.done.v1.x", None, b"x" * size)
    room = await look_at_room(operator)
    assert room.is_scarce
    assert room.newest == (("scheduling", 800_000), ("reporting", 100))
    said = of_room(room)
    assert (said.ok, "76% full" in said.words) == (False, True)
    assert "scheduling 800,000 bytes, reporting 100 bytes" in said.words


async def test_an_operator_is_told_who_tells_how_much_and_how_to_stop_it(operator: Client) -> None:
    for owner in ("reporting", "scheduling", "scheduling"):
        await publish_raw(operator, f"essaim.x.{owner}.thing.done.v1.x", None, b"x")
    told = await told_in_a_day(operator, INSTALLED.services)
    assert [*told.items()][:2] == [("scheduling", 2), ("reporting", 1)]
    assert (told["candidatures"], of_told(told).ok) == (0, True)
    consumers = await operator.jetstream().consumers_info(FACTS)
    assert not [one.name for one in consumers if one.name.startswith("operator-")]
    loud = of_told({"scheduling": 400_000, "reporting": 12})
    assert (loud.ok, loud.words) == (False, "scheduling 400,000, reporting 12")
    assert "Ask whoever runs scheduling; until it stops, `essaim partner revoke`" in loud.mend


async def test_an_operator_is_told_who_reads_and_how_many_facts_wait_for_whom(
    teller: End, hearer: End, operator: Client
) -> None:
    teller.tell(*[a_session_held() for _ in range(3)])
    teller.start(teller.relay.run)
    await until(lambda: teller.relay.published == 3)

    async def follower() -> Follower:
        (found,) = await look_at_followers(operator, [hearer.service, "nobody"])
        return found

    away = await follower()
    assert (away.behind, away.is_here) == (3, False)
    said = of_follower(away)
    assert (said.ok, said.words) == (False, "reads nothing; last sign never; 3 facts wait")

    hearer.start()
    async with asyncio.timeout(PATIENCE):
        while True:
            here = await follower()
            if here.behind == 0:  # acknowledged, after it was handled
                break
            await asyncio.sleep(0.01)
    assert (here.behind, here.is_here) == (0, True)
    assert of_follower(here).ok


async def test_an_operator_is_told_when_the_brokers_clock_is_another(operator: Client) -> None:
    assert abs(await clock_ahead(operator)) < 1
    assert abs(await clock_ahead(operator, "reporting")) < 1, "as a partner may ask"
    assert of_clock(0.2).ok
    slow = of_clock(-47.0)
    assert (slow.ok, slow.words) == (False, "-47 s from ours")


async def test_an_operator_is_told_which_entries_of_the_directory_are_nobodys(
    operator: Client,
) -> None:
    assert await entries_of_nobody(operator) == {}
    await operator.request(f"$KV.{DIRECTORY}.evil", b'{"queued":true}')
    purged = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
    await operator.request(f"$KV.{DIRECTORY}.gone", b"", headers=purged)
    nobody = await entries_of_nobody(operator)
    assert nobody == {"evil": "id: Field required"}
    said = of_directory(nobody, INSTALLED)
    assert (said.ok, "(evil: id: Field required)" in said.words) == (False, True)
    assert "candidatures removes what it did not write" in said.mend


async def test_a_fact_is_shown_with_why_readers_put_it_aside(teller: End, operator: Client) -> None:
    """Its headers alone do not say whose it is."""
    teller.tell(a_session_held())
    row = load_raw(teller)
    elsewhere = row.subject.replace(".scheduling.", ".reporting.")
    for subject in (row.subject, elsewhere):
        await publish_raw(operator, subject, row.headers, row.body)
    good, forged = [_fact(message) async for message in read_to_end(operator, FACTS)]
    assert (good["type"], good["trouble"]) == ("essaim.scheduling.session.held.v1", None)
    assert (forged["type"], forged["subject"]) == (good["type"], elsewhere)
    assert f"It came on {elsewhere}" in forged["trouble"]


def test_whoever_is_refused_is_told_to_ask_for_a_key_and_not_to_start_the_broker() -> None:
    refused = silent_broker("tls://hub:4222", "'Authorization Violation': not our key")
    assert refused.words.startswith("refuses us at tls://hub:4222 (")
    assert "essaim partner rotate" in refused.mend
    away = silent_broker("tls://hub:4222", "ConnectionRefusedError")
    assert away.words == "no answer at tls://hub:4222 (ConnectionRefusedError)"
    assert "Start it" in away.mend
