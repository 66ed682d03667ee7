"""A broker to try against: an edition told again and again, and readers who can only read."""

import asyncio
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from essaim.broker.client import connect
from essaim.broker.sandbox import ONE_AT_A_TIME, READERS, WATCHER, config, seed_of
from essaim.broker.topology import FACTS
from essaim.broker.users import new_seed, public_key_of
from essaim.running.sandbox import a_new_edition, sandbox_in, tell_for_ever
from essaim.web.integrators.live import Tail
from essaim_contracts.envelope import from_message
from essaim_contracts.examples import PROGRAMS, synthetic_edition
from nats.aio.client import Client
from waiting import PATIENCE, wait_until

ANY_FACT = "essaim.essai.candidatures.trophy.awarded.v1.0170f4a2-6e8b-7c31-9b1e-3f2a5d7c9e10"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; a first edition is told, and facts of a second one follow."""
    with sandbox_in(tmp_path_factory.mktemp("sandbox"), host="127.0.0.1", port=-1) as (
        server,
        seed,
    ):
        loop = asyncio.new_event_loop()
        telling = loop.create_task(tell_for_ever(server.url, seed, pace=0.05))

        def tell() -> None:
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(telling)

        thread = threading.Thread(target=tell)
        thread.start()
        tail = Tail(server.url)
        wait_until(lambda: (facts := tail.facts()) and facts[0].place > 94)
        yield server.url
        loop.call_soon_threadsafe(telling.cancel)
        thread.join()
        loop.close()


@asynccontextmanager
async def _reader(url: str, user: str) -> AsyncIterator[tuple[Client, asyncio.Queue[str]]]:
    """Its connection, and what the server refuses it."""
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        refused.put_nowait(str(error).lower())

    connection = await connect(url, user, seed_of(user), error_cb=note)
    try:
        yield connection, refused
    finally:
        await connection.close()


async def test_a_program_to_copy_reads_the_whole_edition_with_a_public_key(
    sandbox: str, tmp_path: Path
) -> None:
    (tmp_path / "essai.seed").write_text(seed_of(READERS[0]))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAMS / "reader.py"),
        cwd=tmp_path,
        env={
            "ESSAIM_NATS_URL": sandbox,
            "ESSAIM_NATS_USER": READERS[0],
            "ESSAIM_NATS_SEED_FILE": "essai.seed",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            lines = [(await program.stdout.readline()).decode().strip() for _ in range(3)]
    finally:
        program.kill()
        await program.wait()

    begun, _, waiting = lines[0].rpartition(" ")
    assert begun == f"Reading as {READERS[0]}; facts waiting:"
    assert int(waiting) > 0
    assert lines[1:] == [
        "Le Fournil des Cimes (fictif) is in Promotion 2020",
        "La Ferme du Replat (fictive) is in Promotion 2020",
    ]


@pytest.mark.parametrize("user", [READERS[1], ONE_AT_A_TIME[0], WATCHER])
@pytest.mark.parametrize(
    "subject",
    [
        ANY_FACT,
        f"$JS.API.STREAM.PURGE.{FACTS}",
        f"$JS.API.STREAM.DELETE.{FACTS}",
        f"$JS.API.CONSUMER.CREATE.{FACTS}.mine",
        f"$JS.API.CONSUMER.DELETE.{FACTS}.{READERS[2]}",
        f"$JS.API.CONSUMER.MSG.NEXT.{FACTS}.{READERS[2]}",
        f"$JS.ACK.{FACTS}.{READERS[2]}.1.1.1.1.1",
        f"_INBOX_{READERS[2]}.hello",
    ],
)
async def test_who_has_a_public_key_can_only_read(sandbox: str, user: str, subject: str) -> None:
    async with _reader(sandbox, user) as (connection, refused), asyncio.timeout(PATIENCE):
        await connection.publish(subject, b"{}")
        error = await refused.get()

    assert "permissions violation for publish" in error
    assert subject.lower() in error


@pytest.mark.parametrize("subject", [f"_INBOX_{READERS[2]}.>", "essaim.>", ">"])
async def test_a_reader_hears_no_inbox_but_its_own(sandbox: str, subject: str) -> None:
    async with _reader(sandbox, READERS[1]) as (connection, refused), asyncio.timeout(PATIENCE):
        await connection.subscribe(subject)
        assert "permissions violation for subscription" in await refused.get()


def test_the_operators_key_is_the_only_one_that_nobody_may_know() -> None:
    seed = new_seed()

    keys = set(re.findall(r'"nkey": "(\w+)"', config(seed)))

    public = {public_key_of(seed_of(user)) for user in (*READERS, *ONE_AT_A_TIME, WATCHER)}
    assert keys == public | {public_key_of(seed)}


def test_each_edition_is_about_other_things_that_fit_together() -> None:
    first, second = list(a_new_edition()), list(a_new_edition())
    one, other = (
        [from_message(headers, body, subject=subject)[0] for subject, body, headers in edition]
        for edition in (first, second)
    )

    assert not {it.id for it in one} & {it.id for it in other}
    assert not {it.key for it in one} & {it.key for it in other}
    assert [it.type for it in one] == [it.type for it in other]
    as_recorded = [fact.headers["ce-subject"] for fact in synthetic_edition()]
    assert len({it.key for it in one}) == len(set(as_recorded))


def test_the_last_facts_are_shown_the_newest_first(sandbox: str) -> None:
    facts = Tail(sandbox).facts()

    assert facts is not None
    assert len(facts) == 8
    assert [it.place for it in facts] == list(range(facts[0].place, facts[0].place - 8, -1))
    assert all(it.subject.startswith("essaim.essai.") and json.loads(it.body) for it in facts)
