"""The broker to try against, and who tells the synthetic edition in it, again and again."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import structlog
from essaim_contracts.envelope import from_message
from essaim_contracts.examples import Example, synthetic_edition

from essaim.broker import sandbox
from essaim.broker.client import connect
from essaim.broker.topology import FACTS, OPERATOR, apply
from essaim.broker.users import seeds_in
from essaim.loops import rest
from essaim.running.nats_server import NatsServer

log = structlog.get_logger()

EDITIONS_KEPT = 3
_AN_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Message = tuple[str, bytes, dict[str, str]]
"""Its subject, its body and its headers."""


@contextmanager
def sandbox_in(folder: Path, *, host: str, port: int) -> Iterator[tuple[NatsServer, str]]:
    """The server, started, with its stream and its readers; and the operator's seed.

    Raises:
        BrokerNotStarted, TopologyRefused
    """
    seed = seeds_in(folder / "keys", [OPERATOR])[OPERATOR]
    server = NatsServer(folder / "nats", sandbox.config(seed), port, host)
    server.start()
    try:
        yield server, seed
    finally:
        server.stop()


async def tell_for_ever(url: str, seed: str, pace: float) -> None:
    """A whole edition at once, so that there is something to read; then one fact each `pace`
    seconds, edition after edition."""
    connection = await connect(url, OPERATOR, seed, max_reconnect_attempts=-1)
    try:
        await apply(connection, sandbox.topology())
        stream = connection.jetstream()
        wait = 0.0
        while True:
            edition = list(a_new_edition())
            for subject, body, headers in edition:
                await stream.publish(subject, body, headers=headers)
                await rest(wait)
            await stream.purge_stream(FACTS, keep=EDITIONS_KEPT * len(edition))
            log.info("edition told", facts=len(edition))
            wait = pace
    finally:
        await connection.close()


def a_new_edition() -> Iterator[Message]:
    """The synthetic edition about other things: every id in it is new, and fits the others."""
    of_this_one = uuid4()
    return (_anew(fact, of_this_one) for fact in synthetic_edition())


def _anew(fact: Example, edition: UUID) -> Message:
    def new(found: re.Match[str]) -> str:
        return str(uuid5(edition, found[0]))

    text = _AN_ID.sub(new, json.dumps([fact.headers, fact.data], ensure_ascii=False))
    headers, data = json.loads(text)
    body = json.dumps(data, ensure_ascii=False).encode()
    envelope, _ = from_message(headers, body)
    return envelope.nats_subject, body, headers
