"""A program that was asked to end does, though a thread of it waits for what does not answer."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

log = structlog.get_logger()

LONGEST = 15.0
"""Seconds to end well in: requests 4, letters in hand and the lease 10. Less than those after which
whoever told us to end kills us."""


def _nothing() -> None:
    """There is nothing else to end."""


@contextmanager
def ended_in_time(server: uvicorn.Server, last: Callable[[], None] = _nothing) -> Iterator[None]:
    """Around serving: the program is over `LONGEST` seconds after `server` was asked to end.

    Python waits for its threads, and a thread may wait for a database that is frozen. What was not
    committed then never was, as after a crash. `last` is done before the program is cut off.
    """
    # A daemon: alone in not being waited for, it is there while the others are.
    threading.Thread(target=_cut_off, args=(server, last), name="ending", daemon=True).start()
    try:
        yield
    finally:
        server.should_exit = True


def _cut_off(server: uvicorn.Server, last: Callable[[], None]) -> None:
    while not server.should_exit:
        time.sleep(1.0)
    time.sleep(LONGEST)
    log.warning("ended without waiting any longer for what does not answer")
    last()
    sys.stderr.flush()
    os._exit(0)
