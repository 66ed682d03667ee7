"""The web server of a process; the processes of one program serve on the same socket."""

import asyncio
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from essaim.loops import wait_for

MOST_CONNECTIONS = 800
"""Above it others are told 503: a process has some thousand files it may open."""
_TICK = 1.0
"""Seconds between two looks at the time, for the header that says it."""
_WAITING = 1024
"""Connections that may wait to be taken."""


def listening(host: str, port: int) -> socket.socket:
    """
    Raises:
        OSError: the port is taken, or the host is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only on sockets that say they are TCP: others wait 40 ms a page.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    made.listen(_WAITING)
    return made


def address_of(listening: socket.socket) -> str:
    """Where it is reached from this machine."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


class Server(uvicorn.Server):
    """`started` is called in its event loop once it serves."""

    def __init__(
        self, app: Any, *, started: Callable[[uvicorn.Server], None] = lambda server: None
    ) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=4,
            limit_concurrency=MOST_CONNECTIONS,
            # asyncio takes as many connections at once as may wait: with one at a time, the
            # process that has less to do takes the next.
            backlog=1,
            lifespan="on",
        )
        super().__init__(config)
        self._say_started = started
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def main_loop(self) -> None:
        """uvicorn looks ten times a second whether it is to end; a signal tells us."""
        while not await self.on_tick(0):
            await wait_for(self._woken, _TICK)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(_WAITING)
        self._say_started(self)
