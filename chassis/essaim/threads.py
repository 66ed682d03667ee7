"""Work in a thread that a cancelled caller waits for: a transaction cannot be stopped midway.

Nor may what runs there end the program, or the task that waits for it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any, TypeVar

from essaim.loops import alive

T = TypeVar("T")

LONGEST = 5.0


class Escaped(Exception):
    """Something raised what is meant for the interpreter: SystemExit, CancelledError, …"""

    def __init__(self, error: BaseException) -> None:
        words = f": {error}" if str(error) else ""
        super().__init__(f"it raised {type(error).__name__}{words}, which no handler should")


def contained(act: Callable[..., T], *args: Any) -> T:
    """Call `act`.

    Raises:
        Escaped: it raised what would end the event loop, or freeze who awaits it.
    """
    try:
        return act(*args)
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, StopIteration):
            raise
        raise Escaped(error) from error


async def in_thread(act: Callable[..., T], *args: Any, executor: Executor | None = None) -> T:
    """Run `act` in a thread. When cancelled, let it end first, `LONGEST` seconds at most."""
    loop = asyncio.get_running_loop()
    alive()
    try:
        # What we are part of goes with us: log lines keep their correlation id.
        running = loop.run_in_executor(executor, copy_context().run, contained, act, *args)
    except RuntimeError:
        # The interpreter ends and starts no thread any more; what is left to do is ours.
        return contained(act, *args)
    try:
        done = await asyncio.shield(running)
        alive()
        return done
    except asyncio.CancelledError:
        await asyncio.wait({running}, timeout=LONGEST)
        if running.done() and not running.cancelled():
            running.exception()  # looked at, so that nobody warns of it
        raise
