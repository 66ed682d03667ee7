"""Parts of a service that go on until cancelled, and say once what they wait for."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

PAUSE = 0.5
_ENDING = 5.0  # seconds; a part may be finishing a letter


async def keep_running(
    part: Callable[[], Awaitable[None]],
    say: Callable[[Exception], None],
    pause: float = PAUSE,
) -> None:
    """Run `part` again and again until cancelled; `say` is told why it ended, then it rests."""
    while True:
        try:
            await part()
        except Exception as error:
            # Whatever the broker or the database threw, what is to be done is still to be done.
            say(error)
        await asyncio.sleep(pause)


def said_once(event: str, words: str, before: str | None, **values: object) -> str:
    """Say in the log why a part waits, unless that is what was said `before`; returns the words."""
    if words != before:
        log.warning(event, reason=words, **values)
    return words


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, `seconds` at the most."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


async def cancel(tasks: list[asyncio.Task[None]]) -> None:
    """End tasks, and wait for them. Python 3.11's `wait_for` may swallow a cancellation: again."""
    ending = set(tasks)
    while ending:
        for task in ending:
            task.cancel()
        _, ending = await asyncio.wait(ending, timeout=_ENDING)
    tasks.clear()
