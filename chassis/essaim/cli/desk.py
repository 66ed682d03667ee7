"""`essaim desk`: the operator's desk, where the pages ask it what commands do otherwise."""

import asyncio
import signal
from contextlib import suppress
from functools import partial

import structlog

from essaim.broker.topology import OPERATOR
from essaim.cli.reach import desk_here, hub_here, settings_of
from essaim.loops import Parts
from essaim.operating.answers import Open, answering, follow_users
from essaim.settings import Settings

log = structlog.get_logger()


def desk() -> None:
    """Answer the page « Partenaires », until Ctrl-C; `essaim up` does so by itself.

    It alone holds what opens the broker: the pages ask it over NATS, and see no key of a service.
    """
    hub_here(desk_here())  # what is wrong is said before anything starts
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(_answer(Open(desk_here, hub_here)))


async def _answer(here: Open) -> None:
    broker = answering(settings_of(OPERATOR, Settings), here)
    parts = Parts(lambda name, error: log.error("a part failed", part=name, exc_info=error))
    parts.start("desk", broker.stay)
    parts.start("users", partial(follow_users, here))
    try:
        await asyncio.Event().wait()
    finally:
        await parts.end()
