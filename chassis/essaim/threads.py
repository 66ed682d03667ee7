"""Work in a thread that a cancelled caller waits for: a transaction cannot be stopped midway."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST = 5.0


async def in_thread(act: Callable[..., T], *args: Any, executor: Executor | None = None) -> T:
    """Run `act` in a thread. When cancelled, let it end first, `LONGEST` seconds at most."""
    loop = asyncio.get_running_loop()
    running = loop.run_in_executor(executor, act, *args)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running}, timeout=LONGEST)
        if running.done() and not running.cancelled():
            running.exception()  # looked at, so that nobody warns of it
        raise
