"""Whatever part of a service fails, ends or hangs, readiness says so, and says when it is over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from backbone import until
from essaim import loops
from essaim.cli import doctor
from essaim.hearing.router import FactRouter
from essaim.loops import (
    HANGING,
    Parts,
    Report,
    Run,
    alive,
    goes_on,
    rest,
    wait_for,
    waits,
    words_of,
)
from essaim.running.runtime import Runtime
from essaim.service import Service, Timer
from essaim.settings import Settings
from essaim.web.health import state_of
from essaim.work import Work


class Broken(Exception):
    pass


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "PAUSE", 0.01)
    monkeypatch.setattr(loops, "LONGEST_PAUSE", 0.02)


async def work_for_ever(runtime: Runtime) -> None:
    while True:
        await rest(0.01)


def beat(work: Work) -> bool:
    return False


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncIterator[Runtime]:
    """A service with all kinds of parts; nobody listens where it looks for its broker."""
    service = Service(
        "scheduling",
        "s",
        sa.MetaData(),
        FactRouter("scheduling"),
        (),
        timers=(Timer("beat", beat, every_seconds=0.02),),
        workers=(work_for_ever,),
    )
    settings = Settings(data=tmp_path, nats_url="nats://127.0.0.1:9")
    runtime = Runtime(service, settings, beside={"beside": lambda: work_for_ever(runtime)})
    runtime.migrate()
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


def failure_of(runtime: Runtime, part: str) -> str | None:
    words = troubles(runtime).get(part, "")
    return words if "fails again and again" in words else None


def troubles(runtime: Runtime) -> dict[str, str]:
    return {part.name: part.words for part in runtime.readiness().parts if not part.ok}


async def test_whatever_part_fails_again_and_again_the_service_is_not_ready_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as runtime:
        await until(lambda: runtime.is_active)
        names = [part.name for part in runtime.parts]
    assert {"broker", "lease", "relay", "inbox", "directory", "beat", "work_for_ever"} < set(names)

    for broken in names:
        fail_at_every_run(broken, monkeypatch)
        async with running(tmp_path) as runtime:
            words = await until(partial(failure_of, runtime, broken))
            assert "Broken in tests.chassis.test_parts.fail" in words
            assert "somebody@example.org" not in words
            found = doctor._ready(await asyncio.to_thread(state_of, runtime))
            assert not found.ok
            assert f"{broken}: fails again and again" in found.words


def fail_at_every_run(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise Broken("of somebody@example.org")

    monkeypatch.undo()
    start = Parts.start

    def start_broken(parts: Parts, name: str, run: Run, report: Report = lambda: None) -> None:
        start(parts, name, fail if name == broken else run, report)

    monkeypatch.setattr(loops, "PAUSE", 0.01)
    monkeypatch.setattr(Parts, "start", start_broken)


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    parts = Parts(lambda name, error: None)
    yield parts
    await parts.end()


def said(parts: Parts) -> str | None:
    (part,) = parts
    return part.trouble


async def test_a_part_that_failed_is_mended_once_it_went_on_for_longer_than_it_took_to_fail(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "PROVEN", 0.05)
    broken = asyncio.Event()
    broken.set()

    async def work() -> None:
        while True:
            if broken.is_set():
                raise Broken
            await rest(0.01)

    parts.start("work", work)
    await until(lambda: "2 ×" in (said(parts) or ""))
    broken.clear()
    await until(lambda: said(parts) is None)
    broken.set()
    await until(lambda: "1 ×" in (said(parts) or ""))


async def test_a_part_that_ends_by_itself_is_no_part_that_runs(parts: Parts) -> None:
    async def end() -> None:
        return

    parts.start("work", end)
    await until(lambda: "it ended, though nobody ended it" in (said(parts) or ""))


async def test_a_cancellation_from_within_ends_no_part(parts: Parts) -> None:
    """As of a request that the broker's client gave up."""

    async def await_what_was_given_up() -> None:
        given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        given_up.cancel()
        await given_up

    parts.start("work", await_what_was_given_up)
    await until(lambda: "2 ×" in (said(parts) or ""))


async def hang() -> None:
    await asyncio.Event().wait()


async def go_round() -> None:
    while True:
        alive()
        await asyncio.sleep(0)


async def rest_long() -> None:
    await rest(10 * HANGING)


async def wait_long() -> None:
    await wait_for(asyncio.Event(), 10 * HANGING)


@pytest.mark.parametrize(
    ("run", "hangs"), [(hang, True), (go_round, False), (rest_long, False), (wait_long, False)]
)
async def test_a_part_that_gives_no_sign_of_life_is_said_to_hang_one_that_rests_is_not(
    parts: Parts, run: Callable[[], Run], hangs: bool
) -> None:
    parts.start("work", run)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    for _ in range(int(HANGING) + 1):
        parts.pass_time(1.0)
    await asyncio.sleep(0)
    assert ("no sign of life" in (said(parts) or "")) is hangs


async def test_a_process_that_was_frozen_for_long_has_no_part_that_hangs(parts: Parts) -> None:
    parts.start("work", hang)
    await asyncio.sleep(0)
    parts.pass_time(100 * HANGING)
    assert said(parts) is None


async def test_what_a_part_waits_for_is_said_until_it_goes_on_and_is_no_trouble_at_first(
    parts: Parts,
) -> None:
    comes = asyncio.Event()

    async def work() -> None:
        while True:
            if comes.is_set():
                goes_on()
            else:
                waits("the mail server is away", grace=0.05)
            await rest(0.01)

    parts.start("work", work)
    (part,) = parts
    await until(lambda: part.remark)
    await until(lambda: "the mail server is away (for" in (said(parts) or ""))
    comes.set()
    await until(lambda: said(parts) is None and part.remark is None)


async def test_one_of_many_that_fails_is_left_out_by_a_timer_which_says_so_and_does_the_others(
    tmp_path: Path,
) -> None:
    done: list[int] = []
    broken = {2}

    def do(number: int) -> None:
        if number in broken:
            raise Broken("of somebody@example.org")
        done.append(number)

    def beat(work: Work) -> bool:
        work.each_alone("numbers", [1, 2, 3], do)
        return False

    service = Service(
        "scheduling", "s", sa.MetaData(), FactRouter("scheduling"), (),
        timers=(Timer("beat", beat, every_seconds=0.02),),
    )  # fmt: skip
    settings = Settings(data=tmp_path, nats_url="nats://127.0.0.1:9")
    runtime = Runtime(service, settings)
    runtime.migrate()
    await runtime.start()
    words = await until(lambda: troubles(runtime).get("beat"))
    assert "1 numbers left out: Broken in tests.chassis.test_parts.do" in words
    assert {1, 3} == set(done)
    broken.clear()
    await until(lambda: "beat" not in troubles(runtime))
    await runtime.stop()


def test_what_the_world_refuses_is_said_in_its_words_and_anything_else_by_its_place() -> None:
    assert words_of(ConnectionRefusedError(111, "Connection refused")) == (
        "[Errno 111] Connection refused"
    )
    try:
        int("somebody@example.org")
    except ValueError as error:
        words = words_of(error)
    assert words.startswith("ValueError in tests.chassis.test_parts.test_what_the_world")
