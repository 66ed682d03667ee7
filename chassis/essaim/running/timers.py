"""What is done when business time has passed: each timer at its beat, or all at once."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from essaim.keeping.database import in_words
from essaim.observing.tracing import following, new_origin
from essaim.running.leadership import Leadership, Run
from essaim.service import Timer
from essaim.threads import in_thread
from essaim.work import Work


class Timers:
    """The timers of one service; `work` opens a transaction that sends its facts at once."""

    def __init__(
        self, timers: tuple[Timer, ...], work: Callable[[], AbstractContextManager[Work]]
    ) -> None:
        self._timers = timers
        self._work = work

    def run_all(self) -> None:
        """Run every timer until none has anything left."""
        for timer in self._timers:
            while self._run(timer):
                pass

    def beats(self, leadership: Leadership) -> dict[str, Run]:
        """Each timer's own loop, by its name."""

        def beat(timer: Timer) -> Run:
            return lambda: self._tick(timer, leadership)

        return {timer.name: beat(timer) for timer in self._timers}

    async def _tick(self, timer: Timer, leadership: Leadership) -> None:
        while True:
            try:
                again = await in_thread(self._run, timer)
                leadership.failing.pop(timer.name, None)
            except Exception as error:
                # A timer that fails is tried again at its next beat; the others go on.
                leadership.failing[timer.name] = in_words(error)
                leadership.say_failed("timer failed", error, timer=timer.name)
                again = False
            if not again:
                await asyncio.sleep(timer.every_seconds)

    def _run(self, timer: Timer) -> bool:
        with following(new_origin()), self._work() as work:
            return timer.run(work)
