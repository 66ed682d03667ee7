"""Parts of a service that go on until cancelled: how they are run, and how each of them fares.

Whatever runs for long is started by `Parts`, so that nothing can fail, end or hang unseen:
readiness is made of what stands there.
"""

import asyncio
import math
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from traceback import walk_tb
from typing import Any

import sqlalchemy as sa
import structlog

log = structlog.get_logger()

Run = Callable[[], Awaitable[None]]
Report = Callable[[], str | None]
"""What a part says by itself that it waits for, in words; None when all is well."""

PAUSE = 0.5
LONGEST_PAUSE = 30.0
PROVEN = 5.0
"""Seconds, at least, a part that failed must go on before it is taken for mended."""
HANGING = 180.0
"""Seconds without a sign of life after which a part is said to hang."""
_ENDING = 5.0  # seconds; a part may be finishing a letter


class RunningPart:
    """How one long-lived part fares. Its trouble is told in words that name nobody."""

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self.failures = 0
        """How often it failed in a row."""
        self._report = report
        self._failure = ""
        self._failing_since = 0.0
        self._proven_after = 0.0
        self._runs_since: float | None = None
        self._waits: str | None = None
        self._waits_since = 0.0
        self._grace = 0.0
        self.silent = 0.0
        """Seconds without a sign of life; below zero while it rests as it said it would."""

    @property
    def trouble(self) -> str | None:
        """What is wrong with it now, and for how long; None when nothing is."""
        now = time.monotonic()
        if self.failures and not self._is_mended(now):
            seconds = now - self._failing_since
            return f"fails again and again, {self.failures} × in {seconds:.0f} s: {self._failure}"
        reported = self._report()
        if reported is not None:
            return reported
        if self._waits is not None and now - self._waits_since >= self._grace:
            return f"{self._waits} (for {now - self._waits_since:.0f} s)"
        if self.silent > HANGING:
            return f"gives no sign of life for {self.silent:.0f} s; if this lasts, restart us"
        return None

    @property
    def remark(self) -> str | None:
        """What it waits for, also while that is no trouble yet."""
        return self._waits

    def begins(self) -> None:
        self._runs_since = time.monotonic()
        self.silent = 0.0

    def fails(self, words: str) -> bool:
        """Note a failure; whether it is another than before."""
        now = time.monotonic()
        lived = now - (self._runs_since or now)
        if not self.failures or self._is_mended(now):
            self.failures, self._failing_since = 0, now
        is_new = not self.failures or words != self._failure
        self._proven_after = max(PROVEN, 2 * lived)
        self._runs_since, self._failure = None, words
        self.failures += 1
        return is_new

    def waits(self, words: str, grace: float) -> None:
        if self._waits is None:
            self._waits_since = time.monotonic()
        if words != self._waits:
            say = log.info if 0.0 < grace < math.inf else log.warning
            say("a part waits", part=self.name, reason=words)
        self._waits, self._grace = words, grace

    def goes_on(self) -> None:
        self._waits, self.failures, self.silent = None, 0, 0.0

    def _is_mended(self, now: float) -> bool:
        """Whether it has gone on for longer than it took to fail."""
        return self._runs_since is not None and now - self._runs_since > self._proven_after


_current: ContextVar[RunningPart] = ContextVar("part", default=RunningPart("nobody", lambda: None))  # noqa: B039


def alive() -> None:
    """The part being run gives a sign of life. Waiting by the functions below gives one."""
    _current.get().silent = 0.0


def waits(words: str, grace: float = 0.0) -> None:
    """The part being run waits for something: readiness says so until it `goes_on`.

    For the first `grace` seconds this is no trouble yet. `words` name nobody and hold no secret.
    """
    _current.get().waits(words, grace)


def goes_on() -> None:
    """The part being run did what it is there for."""
    _current.get().goes_on()


async def rest(seconds: float) -> None:
    """Sleep; nobody takes that for a part that hangs."""
    part = _current.get()
    part.silent = -seconds
    await asyncio.sleep(seconds)
    part.silent = 0.0


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, `seconds` at the most."""
    part = _current.get()
    part.silent = -seconds
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
    finally:
        part.silent = 0.0


class Parts:
    """All that runs for long in one service, by name.

    `say` is told of a failure that is another than the part's last one.
    """

    def __init__(self, say: Callable[[str, Exception], None]) -> None:
        self._say = say
        self._parts: dict[str, RunningPart] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, run: Run, report: Report = lambda: None) -> None:
        """Run a part until it is ended; after an error, again. `report` says what it waits for."""
        part = self._parts[name] = RunningPart(name, report)
        self._tasks[name] = asyncio.create_task(self._keep(part, run), name=name)

    async def end(self, *names: str) -> None:
        """End these parts, and wait for them; all of them when none is named."""
        ending = [name for name in names or tuple(self._tasks) if name in self._tasks]
        await cancel([self._tasks.pop(name) for name in ending])
        for name in ending:
            del self._parts[name]

    def __iter__(self) -> Iterator[RunningPart]:
        return iter(list(self._parts.values()))

    def pass_time(self, seconds: float) -> None:
        """Time has passed while the event loop turned. A process that was frozen lost none."""
        for part in self:
            part.silent += min(seconds, 1.0)

    async def _keep(self, part: RunningPart, run: Run) -> None:
        _current.set(part)
        pause = PAUSE
        while True:
            part.begins()
            try:
                await run()
                raise EndedByItself
            except asyncio.CancelledError as error:
                if _is_asked_to_end():
                    raise
                self._failed(part, Given(error))
            except Exception as error:
                # Whatever it was, what the part is there for is still to be done.
                self._failed(part, error)
            pause = PAUSE if part.failures == 1 else min(pause * 2, LONGEST_PAUSE)
            await rest(pause)

    def _failed(self, part: RunningPart, error: Exception) -> None:
        if part.fails(words_of(error)):
            self._say(part.name, error)


class EndedByItself(Exception):
    def __init__(self) -> None:
        super().__init__("it ended, though nobody ended it")


class Given(Exception):
    """A cancellation that was meant for something else than the part it reached."""

    def __init__(self, error: asyncio.CancelledError) -> None:
        super().__init__("it was cancelled from within")
        self.__cause__ = error


def _is_asked_to_end() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def words_of(error: BaseException) -> str:
    """What went wrong, in one line that names nobody.

    What the system, the database or the broker refuses is said in their words; of any other error
    only its kind and place, for its text may hold what somebody wrote.
    """
    if isinstance(error, _OF_THE_WORLD):
        first, *_ = str(error).strip().splitlines() or [""]
        return first or type(error).__name__
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if not _is_standard(frame.f_globals["__name__"])]
    if not ours:
        return type(error).__name__
    where = ours[-1]
    place = f"{where.f_globals['__name__']}.{where.f_code.co_name}"
    return f"{type(error).__name__} in {place}, see the log"


_OF_THE_WORLD = (
    OSError, EndedByItself, Given,
    sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError,
)  # fmt: skip


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


async def keep_running(part: Run, say: Callable[[Exception], None], pause: float = PAUSE) -> None:
    """Run `part` again and again until cancelled; `say` is told why it ended, then it rests."""
    while True:
        try:
            await part()
        except Exception as error:
            # Whatever the broker or the database threw, what is to be done is still to be done.
            say(error)
        await rest(pause)


def said_once(event: str, words: str, before: str | None, **values: object) -> str:
    """Say in the log why a part waits, unless that is what was said `before`; returns the words."""
    if words != before:
        log.warning(event, reason=words, **values)
    return words


async def cancel(tasks: list[asyncio.Task[Any]]) -> None:
    """End tasks, and wait for them. Python 3.11's `wait_for` may swallow a cancellation: again."""
    ending = set(tasks)
    while ending:
        for task in ending:
            task.cancel()
        _, ending = await asyncio.wait(ending, timeout=_ENDING)
    tasks.clear()
