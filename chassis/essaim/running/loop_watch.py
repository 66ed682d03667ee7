"""Whether the event loop turns: all that waits in it is late when something holds it."""

import time
from collections.abc import Callable

from essaim.loops import rest

BEAT = 1.0
"""Seconds between two looks."""
LATE = 1.0
"""Seconds late from which on that is a trouble."""


class LoopWatch:
    """`passed` is told, with each look, the seconds since the last one."""

    def __init__(self, passed: Callable[[float], None]) -> None:
        self._passed = passed
        self._beat = time.monotonic()
        self.lag = 0.0
        """How late the loop was when it was looked at last, in seconds."""

    async def run(self) -> None:
        while True:
            before = self._beat = time.monotonic()
            await rest(BEAT)
            passed = time.monotonic() - before
            self.lag = passed - BEAT
            self._passed(passed)

    def trouble(self) -> str | None:
        late = max(self.lag, time.monotonic() - self._beat - BEAT)
        return None if late < LATE else f"{late * 1000:.0f} ms late"
