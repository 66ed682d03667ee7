"""The last facts of the sandbox, for the page that shows them as they are told."""

import asyncio
import json
import time
from dataclasses import dataclass
from secrets import choice
from threading import Lock

import nats.errors
from essaim_contracts.words import FACT_TYPES, Words
from nats.js.api import RawStreamMsg
from nats.js.errors import Error as JetStreamError

from essaim.broker.client import connect
from essaim.broker.sandbox import ONE_AT_A_TIME, READERS, WATCHER, seed_of
from essaim.broker.topology import FACTS

SHOWN = 8
_FRESH = 1.0
"""Seconds for which what was read is shown to other visitors too."""
_PATIENCE = 2


@dataclass(frozen=True)
class LiveFact:
    """A fact as the page shows it: its place in the stream, what it is, and its body."""

    place: int
    type: str
    words: Words
    subject: str
    body: str


@dataclass(frozen=True)
class Access:
    """Whom somebody who tries may be."""

    user: str
    seed: str


def an_access(*, one_at_a_time: bool = False) -> Access:
    """One of the public readers. Two who are given the same share its place in the stream."""
    user = choice(ONE_AT_A_TIME if one_at_a_time else READERS)
    return Access(user, seed_of(user))


class Tail:
    """The last facts of the sandbox at `url`, read again when a visitor asks after a while."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._read_at = 0.0
        self._facts: list[LiveFact] | None = None

    def facts(self) -> list[LiveFact] | None:
        """The newest first; None when the sandbox does not answer."""
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH:
                self._facts = self._read()
                self._read_at = time.monotonic()
            return self._facts

    def _read(self) -> list[LiveFact] | None:
        try:
            return asyncio.run(_last_facts(self._url))
        except (OSError, TimeoutError, nats.errors.Error, JetStreamError):
            return None


async def _last_facts(url: str) -> list[LiveFact]:
    async with asyncio.timeout(_PATIENCE):
        connection = await connect(
            url, WATCHER, seed_of(WATCHER), allow_reconnect=False, error_cb=_said_below
        )
    try:
        stream = connection.jetstream(timeout=_PATIENCE)
        state = (await stream.stream_info(FACTS)).state
        first = max(state.first_seq, state.last_seq - SHOWN + 1)
        places = range(state.last_seq, first - 1, -1)
        found = await asyncio.gather(*(stream.get_msg(FACTS, it, direct=True) for it in places))
        return [_live(place, message) for place, message in zip(places, found, strict=True)]
    finally:
        await connection.close()


def _live(place: int, message: RawStreamMsg) -> LiveFact:
    type = (message.headers or {}).get("ce-type", "")
    body = json.dumps(json.loads(message.data or b"{}"), indent=2, ensure_ascii=False)
    words = FACT_TYPES.get(type, Words(type, type))
    return LiveFact(place, type, words, message.subject or "", body)


async def _said_below(_: Exception) -> None:
    """What fails is raised too."""
