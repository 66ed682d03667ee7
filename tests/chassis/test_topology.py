"""The broker holds what is declared, and each user may do its own work and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from backbone import INSTALLED, Consortium
from essaim.broker.topology import OPERATOR, SYSTEM, TopologyRefused, apply, declared, plan
from essaim.broker.users import seeds_in, users_of
from nats.aio.client import Client
from waiting import PATIENCE

SMALL = 64 * 1024 * 1024


@pytest.fixture
async def operator(consortium: Consortium) -> AsyncIterator[Client]:
    connection = await consortium.connect(OPERATOR)
    yield connection
    await connection.close()


async def test_applying_twice_changes_nothing_the_second_time(operator: Client) -> None:
    assert await plan(operator, declared(INSTALLED, max_bytes=SMALL)) == []
    assert await apply(operator, declared(INSTALLED, max_bytes=SMALL)) == []


async def test_a_difference_is_said_in_words_and_mended(operator: Client) -> None:
    steps = await plan(operator, declared(INSTALLED, max_bytes=2 * SMALL))
    assert [(step.what, step.change) for step in steps] == [
        ("stream ESSAIM", f"max_bytes is {SMALL}, declared {2 * SMALL}")
    ]
    await apply(operator, declared(INSTALLED, max_bytes=2 * SMALL))
    assert await plan(operator, declared(INSTALLED, max_bytes=2 * SMALL)) == []


async def test_only_who_has_a_read_model_reads_the_stream_again_and_a_former_consumer_goes(
    operator: Client,
) -> None:
    topology = declared(INSTALLED, max_bytes=SMALL)
    again = {name for name in topology.consumers if name.endswith("-rebuild")}
    assert again == {"reporting-rebuild"}
    former = topology.consumers | {"notifications-rebuild": topology.consumers["reporting-rebuild"]}
    await apply(operator, replace(topology, consumers=former, unused=()))

    steps = await apply(operator, topology)

    assert [(step.what, step.change) for step in steps] == [
        ("consumer notifications-rebuild", "delete: nobody reads it")
    ]
    assert await plan(operator, topology) == []


async def test_what_the_server_cannot_change_in_place_is_refused_with_the_reason(
    operator: Client,
) -> None:
    wrong = declared(INSTALLED, max_bytes=SMALL)
    wrong.streams["ESSAIM"]["storage"] = "memory"
    with pytest.raises(TopologyRefused, match="storage"):
        await apply(operator, wrong)


async def test_the_stream_keeps_everything_on_disk_and_refuses_rather_than_forgets(
    operator: Client,
) -> None:
    config = json.loads((await operator.request("$JS.API.STREAM.INFO.ESSAIM", b"")).data)["config"]
    assert (config["storage"], config["discard"], config["retention"]) == ("file", "new", "limits")
    assert config["allow_atomic"] is True


@pytest.mark.parametrize(
    "subject",
    [
        "essaim.premices.candidatures.trophy.awarded.v1.01a2018a-0000-7000-8000-000000000001",
        # A question's subject that goes on like a fact's: the stream would take it for one.
        "essaim.ask.candidatures.trophy.awarded.v1.01a2018a-0000-7000-8000-000000000001",
        "$JS.API.STREAM.DELETE.ESSAIM",
        "$JS.API.STREAM.PURGE.ESSAIM",
        "$JS.API.CONSUMER.CREATE.ESSAIM.mine",
        "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting",
        "$JS.ACK.ESSAIM.reporting.1.1.1.1.1",
        "$JS.API.DIRECT.GET.ESSAIM",
        "$KV.directory.01a2018a-0000-7000-8000-000000000001",
        "essaim-dead.candidatures.1",
    ],
)
async def test_a_service_is_refused_what_is_not_its_own(
    consortium: Consortium, subject: str
) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error))

    connection = await consortium.connect("scheduling", error_cb=note)
    await connection.publish(subject, b"{}")
    words = await asyncio.wait_for(refused.get(), PATIENCE)
    assert "permissions violation" in words.lower()
    await connection.close()


async def test_a_service_cannot_read_anothers_replies(consortium: Consortium) -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error))

    connection = await consortium.connect("scheduling", error_cb=note)
    await connection.subscribe("_INBOX_reporting.>")
    assert "permissions violation" in (await asyncio.wait_for(refused.get(), PATIENCE)).lower()
    await connection.close()


def test_keys_are_made_once_and_read_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made = seeds_in(folder, users_of(INSTALLED))
    assert set(made) == {OPERATOR, SYSTEM, *INSTALLED.services}
    assert len(set(made.values())) == len(made)
    assert seeds_in(folder, users_of(INSTALLED)) == made
    assert (folder / OPERATOR).stat().st_mode & 0o777 == 0o600
