"""The FastStream preset hears facts in order and once, past poison and outages, or says why not."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import essaim_contracts.faststream as preset
import pytest
from backbone import until
from essaim.broker.users import new_seed
from essaim.ids import new_id
from essaim.running.nats_server import NatsServer
from essaim_contracts import all_facts
from essaim_contracts.candidatures import CohortFormed, TrophyAwarded
from essaim_contracts.envelope import Envelope, from_message
from essaim_contracts.faststream import FactBroker, Told, UnfitConsumer
from essaim_contracts.memory import MemoryInUse
from faststream.exceptions import RejectMessage
from faststream.nats import TestNatsBroker
from faststream.specification import AsyncAPI
from waiting import PATIENCE

from tests.contracts.integrator import Message, Stream, told

# Brokers and programs are started and killed here: seconds, not in `make quick`.
pytestmark = pytest.mark.slow


def awarded(id: str | None = None, **wrong: object) -> Message:
    return told(TrophyAwarded, id, **wrong)


def aside(memory: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(memory) as db:
        return db.execute("select headers, body, reason from aside order by rowid").fetchall()


def a_broker(stream: Stream, memory: Path) -> FactBroker:
    return FactBroker(
        stream.server.url, user=stream.user, seed=stream.seed, memory=memory, logger=None
    )


@asynccontextmanager
async def running(broker: FactBroker) -> AsyncIterator[None]:
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


async def settled(stream: Stream) -> None:
    """Wait until every message is delivered and acknowledged."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await stream.consumer()
            if (found.num_pending, found.num_ack_pending) == (0, 0):
                return


async def test_facts_come_typed_in_order_and_once_past_what_cannot_be_handled(
    stream: Stream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preset, "PAUSES", (0.01, 0.01))
    await stream.make_consumer()
    first, bad, hopeless, last = (str(new_id()) for _ in range(4))
    tries: list[str] = []
    heard: list[str] = []
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded, told: Told) -> None:
        assert isinstance(awarded, TrophyAwarded)
        assert isinstance(told, Envelope)
        tries.append(told.id)
        if told.id == bad:
            raise RuntimeError("poison for us")
        if told.id == hopeless:
            raise RejectMessage
        heard.append(told.id)

    subject, _, headers = awarded()
    await stream.say(
        awarded(first, a_field_of_a_later_minor_version=1),
        (subject, b'{"not json', headers),
        (subject, b"{}", headers),  # fields missing
        (subject, b"hello", {}),  # no CloudEvent
        (
            subject.replace(".v1.", ".v9."),
            b"{}",
            {**headers, "ce-type": "essaim.candidatures.trophy.awarded.v9"},
        ),
        (subject, b"{}", {**headers, "ce-source": "/premices/scheduling"}),  # another's voice
        (subject.rsplit(".", 1)[0] + f".{new_id()}", *awarded(first)[1:]),  # another's entity
        awarded(first),  # told twice
        awarded(bad),
        awarded(hopeless),
        awarded(last),
    )
    async with running(broker):
        await until(lambda: heard == [first, last])
        await settled(stream)

    assert tries == [first, bad, bad, bad, hopeless, last]
    put_aside = aside(tmp_path / "press.db")
    expected = [
        "Invalid JSON",
        "missing",
        "specversion",
        "the owner that the type",
        "It came on",
        "poison for us",
        "RejectMessage",
    ]
    for (*_, reason), part in zip(put_aside, expected, strict=True):
        assert part in reason
    ids = [from_message(json.loads(said), body)[0].id for said, body, _ in put_aside[-2:]]
    assert ids == [bad, hopeless]


async def test_each_function_hears_its_facts_and_what_nobody_hears_is_passed_over(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer()
    heard: list[str] = []
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    def announce(awarded: TrophyAwarded) -> None:  # plain: in a thread
        heard.append(awarded.title)

    @broker.facts(CohortFormed)
    async def welcome(formed: CohortFormed) -> None:
        heard.append(formed.label)

    others = [told(kind) for kind in all_facts() if kind not in (TrophyAwarded, CohortFormed)]
    await stream.say(told(CohortFormed), *others, awarded(title="Un trophée"), told(CohortFormed))
    async with running(broker):
        await until(lambda: len(heard) == 3)
        await settled(stream)

    assert heard == ["promotion 2021", "Un trophée", "promotion 2021"]
    assert aside(tmp_path / "press.db") == []


@pytest.mark.slow
async def test_a_killed_server_a_stop_and_a_new_start_lose_and_repeat_nothing(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer(ack_wait=1)
    heard: list[str] = []
    ids = [str(new_id()) for _ in range(4)]

    def hearing() -> FactBroker:
        broker = a_broker(stream, tmp_path / "press.db")

        @broker.facts(TrophyAwarded)
        async def announce(awarded: TrophyAwarded, told: Told) -> None:
            heard.append(told.id)

        return broker

    await stream.say(awarded(ids[0]))
    async with running(hearing()):
        await until(lambda: heard == ids[:1])
        stream.server.kill()
        stream.server.start()
        await stream.say(awarded(ids[1]), awarded(ids[0]))
        await until(lambda: heard == ids[:2])
        await settled(stream)
    await stream.say(awarded(ids[1]), awarded(ids[2]))
    async with running(hearing()):
        await until(lambda: heard == ids[:3])
        await stream.say(awarded(ids[3]))
        await until(lambda: heard == ids)
        await settled(stream)

    assert heard == ids


async def test_the_fact_in_work_when_the_program_was_killed_comes_again_before_the_others(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer(ack_wait=1)
    first, second = str(new_id()), str(new_id())
    await stream.say(awarded(first, title="die"), awarded(second))
    async with program(stream, tmp_path) as started:
        await started.communicate()
    heard: list[str] = []
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded, told: Told) -> None:
        heard.append(told.id)

    async with running(broker):
        await until(lambda: len(heard) == 2)
    assert heard == [first, second]


async def test_the_server_hears_that_a_slow_fact_is_in_work_while_the_others_wait(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer(ack_wait=1)
    slow, next = str(new_id()), str(new_id())
    heard: list[str] = []
    done = asyncio.Event()
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded, told: Told) -> None:
        heard.append(told.id)
        if told.id == slow:
            await done.wait()

    operator = await stream.operator()
    settling = await operator.subscribe("$JS.ACK.ESSAIM.press.>")
    await stream.say(awarded(slow), awarded(next))
    async with running(broker):
        for _ in range(4):  # longer than the server waits without a word
            assert (await settling.next_msg(PATIENCE)).data == b"+WPI"
        assert heard == [slow]
        done.set()
        await until(lambda: heard == [slow, next])
        await settled(stream)
    await operator.close()
    assert heard == [slow, next]


@pytest.mark.parametrize(
    ("config", "trouble"),
    [
        (None, "is not there"),
        ({"max_ack_pending": 1000}, "has max_ack_pending 1000"),
        ({"ack_policy": "all"}, "has ack_policy all"),
        (
            {"filter_subject": "essaim.*.scheduling.>"},
            r"holds essaim.\*.scheduling.>: no TrophyAwarded would come",
        ),
    ],
)
async def test_a_consumer_that_does_not_fit_is_refused_at_the_start(
    stream: Stream, tmp_path: Path, config: dict[str, Any] | None, trouble: str
) -> None:
    if config is not None:
        await stream.make_consumer(**config)
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded) -> None: ...

    try:
        with pytest.raises(UnfitConsumer, match=rf"'press' of the stream ESSAIM {trouble}"):
            await broker.start()
    finally:
        await broker.stop()


@pytest.mark.parametrize("filter", ["essaim.>", "essaim.premices.>", "essaim.*.*.trophy.*.v1.*"])
async def test_a_consumer_of_some_programmes_or_of_more_facts_fits(
    stream: Stream, tmp_path: Path, filter: str
) -> None:
    await stream.make_consumer(filter_subject=filter)
    broker = a_broker(stream, tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded) -> None: ...

    async with running(broker):
        pass


async def test_two_programs_do_not_share_one_memory(stream: Stream, tmp_path: Path) -> None:
    await stream.make_consumer()
    first, second = (a_broker(stream, tmp_path / "press.db") for _ in range(2))
    async with running(first):
        with pytest.raises(
            MemoryInUse, match=r"press.db cannot be held: database is locked. One program"
        ):
            await second.start()
        await second.stop()


def test_a_function_that_would_put_every_fact_aside_is_refused(tmp_path: Path) -> None:
    broker = FactBroker("nats://nowhere", user="press", memory=tmp_path / "press.db")

    with pytest.raises(TypeError, match=r"mistaken hears TrophyAwarded: .* It is .*CohortFormed"):

        @broker.facts(TrophyAwarded)  # type: ignore[arg-type]
        async def mistaken(formed: CohortFormed) -> None: ...


def test_one_fact_is_heard_by_one_function(tmp_path: Path) -> None:
    broker = FactBroker("nats://nowhere", user="press", memory=tmp_path / "press.db")

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded) -> None: ...

    with pytest.raises(TypeError, match="TrophyAwarded is heard by a function already"):

        @broker.facts(TrophyAwarded)
        async def draw(awarded: TrophyAwarded) -> None: ...


async def test_an_integrator_tests_and_describes_a_program_without_a_broker(
    tmp_path: Path,
) -> None:
    broker = FactBroker("nats://nowhere", user="press", memory=tmp_path / "press.db")
    heard: list[tuple[str, str]] = []

    @broker.facts(TrophyAwarded)
    async def announce(awarded: TrophyAwarded, told: Told) -> None:
        heard.append((awarded.title, told.programme))

    @broker.facts(CohortFormed)
    async def welcome(formed: CohortFormed) -> None: ...

    subject, body, headers = awarded(title="Un trophée")
    async with TestNatsBroker(broker, connect_only=False) as test:
        await test.publish(body, subject, headers=headers)
    assert heard == [("Un trophée", "premices")]
    described = json.loads(AsyncAPI(broker).to_specification().to_json())
    (channel,) = described["channels"].values()
    assert channel["address"] == "essaim.>"
    assert {"TrophyAwarded", "CohortFormed"} <= set(described["components"]["schemas"])


PROGRAM = """
import asyncio, os, resource, signal, sys
from faststream import FastStream
from essaim_contracts import faststream
from essaim_contracts.candidatures import TrophyAwarded
from essaim_contracts.faststream import FactBroker

faststream.LOOK, faststream.PATIENCE = 0.2, 1.0
url, seed = sys.argv[1:]
broker = FactBroker(url, user="press", seed=seed, memory="press.db", logger=None)

@broker.facts(TrophyAwarded)
async def announce(awarded: TrophyAwarded) -> None:
    print("awarded", flush=True)
    if awarded.title == "close":
        await broker.connection.close()
    if awarded.title == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if awarded.title == "fill the disk":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

asyncio.run(FastStream(broker, logger=None).run())
"""


@asynccontextmanager
async def program(stream: Stream, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    (folder / "program.py").write_text(PROGRAM)
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "program.py", stream.server.url, stream.seed),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def ended_with(started: asyncio.subprocess.Process, reason: str) -> None:
    printed, said = await started.communicate()
    assert printed.count(b"awarded") <= 1
    assert started.returncode == 1
    assert f"The program ends: {reason}" in said.decode()


async def test_a_program_whose_consumer_is_gone_ends_and_says_why(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer()
    await stream.say(awarded())
    async with program(stream, tmp_path) as started:
        assert started.stdout
        assert await started.stdout.readline() == b"awarded\n"
        await stream.delete_consumer()
        await ended_with(started, "the durable consumer 'press' is gone")


async def test_a_program_whose_connection_is_closed_for_good_ends_and_says_why(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer()
    await stream.say(awarded(title="close"))
    async with program(stream, tmp_path) as started:
        await ended_with(started, "the connection to the broker was closed for good")


@pytest.mark.slow
async def test_a_program_whose_key_was_changed_ends_and_says_why(
    stream: Stream, tmp_path: Path, nats_servers: Callable[[str], NatsServer]
) -> None:
    await stream.make_consumer()
    await stream.say(awarded())
    async with program(stream, tmp_path) as started:
        assert started.stdout
        assert await started.stdout.readline() == b"awarded\n"
        nats_servers(new_seed())
        await ended_with(
            started, "no connection to the broker for 1 s, nats: 'Authorization Violation'"
        )


async def test_a_program_that_cannot_note_what_it_did_ends_before_the_next_fact(
    stream: Stream, tmp_path: Path
) -> None:
    await stream.make_consumer()
    await stream.say(awarded(title="fill the disk"), awarded())
    async with program(stream, tmp_path) as started:
        assert started.stdout
        await ended_with(started, "press.db cannot be written: ")
    assert (await stream.consumer()).num_ack_pending == 1
