"""The integrators' guide is true: its list is complete and its three programs run as printed."""

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest
from essaim_contracts import all_facts
from essaim_contracts.candidatures import CohortFormed, TrophyAwarded
from essaim_contracts.envelope import from_message
from essaim_contracts.examples import PROGRAMS, SCHEMAS, golden_examples
from waiting import PATIENCE

from tests.contracts.integrator import Stream
from tests.contracts.node import NODE, lend_modules

GUIDE = (Path(__file__).parents[2] / "docs" / "integrators.md").read_text()
COPIED = {
    ("python", 0): "reader.py",
    ("python", 1): "faststream_reader.py",
    ("typescript", 0): "reader.mts",
}


def _block(language: str, nth: int = 0) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return blocks[nth]


def test_the_guide_lists_every_fact_with_its_key_and_meaning() -> None:
    listed = re.findall(r"^\| `(essaim\..*)` \| `(.*)` \| (.*) \|$", GUIDE, re.MULTILINE)

    assert listed == [
        (fact.type, fact.key_field, (fact.__doc__ or "").partition("\n")[0]) for fact in all_facts()
    ]


def test_the_fact_shown_on_the_wire_is_a_golden_example() -> None:
    (example,) = (
        it
        for it in golden_examples()
        if it.path.match("essaim.scheduling.hours.used.v1/0.1.0-full.json")
    )
    envelope, _ = from_message(example.headers, example.body)
    headers = "\n".join(f"{name}: {value}" for name, value in example.headers.items())

    assert _block("text") == f"subject: {envelope.nats_subject}\n\n{headers}\n"
    assert json.loads(_block("json")) == example.data


def test_the_files_that_the_guide_names_are_there() -> None:
    assert (SCHEMAS / "asyncapi.json").exists()
    assert list(SCHEMAS.glob("released/*/*.json"))
    assert list(SCHEMAS.glob("examples/*/*.json"))


@pytest.mark.parametrize(("language", "nth"), COPIED)
def test_a_program_of_the_guide_is_the_one_to_copy(language: str, nth: int) -> None:
    assert _block(language, nth) == (PROGRAMS / COPIED[language, nth]).read_text()


async def test_the_python_program_of_the_guide_reads_the_stream(
    stream: Stream, tmp_path: Path
) -> None:
    (tmp_path / "reader.py").write_text(_block("python"))
    await _tell(stream, CohortFormed.type)

    told = await _lines(stream, tmp_path, [sys.executable, "reader.py"], count=5)

    assert told == [
        "La Graine commune is in promotion 2020",
        "Le Fournil des Cimes is in promotion 2021",
        "Le Moulin d’en bas is in promotion 2020",
        "Les Fourneaux partagés is in promotion 2020",
        "Les Fourneaux partagés is in promotion 2020",
    ]


async def test_the_python_program_says_what_waits_and_outlives_a_quiet_time(
    stream: Stream, tmp_path: Path
) -> None:
    """Its fetch raises now its own error, now asyncio's: a quiet minute ended the program."""
    (tmp_path / "reader.py").write_text(_QUIET + _block("python"))
    await _tell(stream, CohortFormed.type)

    lines = await _lines(stream, tmp_path, [sys.executable, "reader.py"], count=6, start=("L", "R"))

    assert lines[4:] == [
        "Les Fourneaux partagés is in promotion 2020",
        "Reading as press; facts waiting: 3",
    ]


_QUIET = """
import nats.errors
from nats.js.client import JetStreamContext
from nats.js.errors import ServiceUnavailableError

fetch = JetStreamContext.PullSubscription.fetch
quiet = [TimeoutError(), nats.errors.TimeoutError(), ServiceUnavailableError()]

async def fetch_after_a_while(self, *how, **more):
    if quiet:
        raise quiet.pop()
    return await fetch(self, *how, **more)

JetStreamContext.PullSubscription.fetch = fetch_after_a_while
"""


async def test_the_faststream_program_of_the_guide_reads_the_stream(
    stream: Stream, tmp_path: Path
) -> None:
    (tmp_path / "reader.py").write_text(_block("python", 1))
    await _tell(stream, TrophyAwarded.type, at_once=1)

    told = await _lines(stream, tmp_path, [sys.executable, "reader.py"], 2, start="premices: ")

    assert told == [
        "premices: Coup de cœur du jury, 0 €",
        "premices: Trophée Prémices.coop 2020, 12000 €",
    ]


async def test_the_typescript_program_of_the_guide_reads_the_stream(
    stream: Stream, tmp_path: Path
) -> None:
    lend_modules(tmp_path)
    (tmp_path / "reader.mts").write_text(_block("typescript"))
    await _tell(stream, TrophyAwarded.type)

    told = await _lines(stream, tmp_path, [NODE, "reader.mts"], count=2)

    assert told == ["Coup de cœur du jury: 0 €", "Trophée Prémices.coop 2020: 12000 €"]


async def _tell(stream: Stream, type: str, at_once: int = 1000) -> None:
    """Publish the golden examples of a type, once there is a consumer for them."""
    await stream.make_consumer(max_ack_pending=at_once)
    messages = []
    for example in golden_examples():
        if example.type == type:
            envelope, body = from_message(example.headers, example.body)
            messages.append((envelope.nats_subject, body, dict(example.headers)))
    await stream.say(*messages)


async def _lines(
    stream: Stream, folder: Path, command: list[str], count: int, start: str | tuple[str, ...] = ""
) -> list[str]:
    """The first lines a program prints that start so, sorted; it is stopped then."""
    lines: list[str] = []
    seed = folder / "press.seed"
    seed.write_text(stream.seed)
    program = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={
            "ESSAIM_NATS_URL": stream.server.url,
            "ESSAIM_NATS_USER": stream.user,
            "ESSAIM_NATS_SEED_FILE": str(seed),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert program.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            while len(lines) < count and not program.stdout.at_eof():
                line = (await program.stdout.readline()).decode()
                is_wanted = line.startswith(start) if start else not line.startswith("Reading as")
                lines += [line.strip()] if is_wanted else []
    finally:
        program.kill()
        await program.wait()
    return sorted(lines)
