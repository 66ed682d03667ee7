"""What an operator is told of the broker: who fills the stream, and what the directory holds."""

from collections import Counter
from dataclasses import dataclass

from nats.aio.client import Client

from essaim.broker.api import ask_jetstream
from essaim.broker.topology import BUCKET, FACTS
from essaim.operating.reading import read_to_end
from essaim.people.bucket import ALL, NoPerson, entry_of, known_in

NEWEST = 1000


@dataclass(frozen=True)
class Room:
    """How full the stream of facts is. `newest` are its newest messages' bytes, by who said them.

    The server holds no partner to a part of a stream. So that nobody fills it unseen, the operator
    is told whose messages they are.
    """

    used: int
    most: int
    newest: tuple[tuple[str, int], ...]

    @property
    def is_scarce(self) -> bool:
        return self.used > self.most * 3 // 4


async def look_at_room(connection: Client) -> Room:
    """Bytes of the stream, and of its newest messages."""
    found = await ask_jetstream(connection, f"STREAM.INFO.{FACTS}")
    state = found["state"]
    said: Counter[str] = Counter()
    async for message in read_to_end(connection, FACTS, state["last_seq"] - NEWEST + 1):
        said[message.subject.split(".")[2]] += len(message.body)
    return Room(state["bytes"], found["config"]["max_bytes"], tuple(said.most_common()))


async def entries_of_nobody(connection: Client) -> dict[str, str]:
    """Entries of the directory that are no person: why, by key."""
    found = {}
    async for message in read_to_end(connection, BUCKET):
        entry = entry_of(message)
        if entry.value is None or entry.key == ALL:
            continue
        try:
            known_in(entry.key, entry.value)
        except NoPerson as error:
            found[entry.path] = str(error)
    return found
