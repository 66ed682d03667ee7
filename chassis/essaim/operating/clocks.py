"""Whose clock is wrong, as the facts say that it told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from essaim_contracts.envelope import Envelope, MalformedEnvelope, from_message
from nats.aio.client import Client

from essaim.broker.api import ask_jetstream
from essaim.broker.topology import FACTS
from essaim.hearing.message import LEEWAY, Message, is_to_come
from essaim.operating.reading import read_to_end

NEWEST = 1000
"""Facts that are looked at, the newest."""


@dataclass(frozen=True)
class WrongClock:
    """Of who says `type` at the place `seq` in the stream; `ahead` is negative for a late one."""

    owner: str
    ahead: timedelta
    type: str
    seq: int

    @property
    def words(self) -> str:
        minutes = abs(self.ahead).total_seconds() / 60
        far = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:,.0f} h"
        if self.ahead > timedelta():
            return f"ahead: {self.type} at {self.seq} says {far} after the broker took it"
        return f"late: {self.type} at {self.seq} says {far} before the fact that it follows from"


async def look_at_clocks(connection: Client) -> list[WrongClock]:
    """Those of whoever said a fact of late."""
    found = await ask_jetstream(connection, f"STREAM.INFO.{FACTS}")
    first = found["state"]["last_seq"] - NEWEST + 1
    return wrong_clocks([one async for one in read_to_end(connection, FACTS, first)])


def wrong_clocks(messages: Iterable[Message]) -> list[WrongClock]:
    """Owners whose last fact of which it can be told says a time that cannot be.

    A fact has happened when the stream takes it, and after what it follows from. How long before
    it was taken says nothing: a partner may have been cut off, or clocks be played.
    """
    said: dict[str, Envelope] = {}
    found: dict[str, WrongClock] = {}
    for message in messages:
        try:
            envelope, _ = from_message(message.headers, message.body, subject=message.subject)
        except MalformedEnvelope:
            continue
        cause = said.get(envelope.causation_id or "")
        ahead = _ahead(envelope, message, cause)
        if ahead is not None:
            found[envelope.owner] = WrongClock(envelope.owner, ahead, envelope.type, message.seq)
        elif cause is not None or found.get(envelope.owner, _NONE).ahead > timedelta():
            found.pop(envelope.owner, None)
        if ahead is None:
            said[envelope.id] = envelope
    return list(found.values())


_NONE = WrongClock("", timedelta(), "", 0)


def _ahead(envelope: Envelope, message: Message, cause: Envelope | None) -> timedelta | None:
    """By how much its time is one that cannot be."""
    if is_to_come(envelope, message):
        return envelope.time - message.taken
    if cause is not None and envelope.time < cause.time - LEEWAY:
        return envelope.time - cause.time
    return None
