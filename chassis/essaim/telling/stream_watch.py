"""Does the stream still hold what we said last? Asked every few seconds, whether we speak or not.

Facts said after lost ones would be heard before them, once those are restored. So it is also asked
before we say more where something happened: a connection lost, a refusal, an odd answer. Nor may a
loss stay unsaid because we had nothing to say, or because others have spoken since.
"""

import time
from typing import NamedTuple

from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker
from essaim.broker.topology import FACTS
from essaim.keeping.database import Database
from essaim.telling.outbox import Last, last_told
from essaim.telling.publisher import PATIENCE, StreamUnavailable, newest_of
from essaim.threads import in_thread


class Fill(NamedTuple):
    """How full the stream of facts was; a stream without a limit says -1."""

    stream_bytes: int
    stream_max_bytes: int
    stream_messages: int


class StreamWatch:
    """When the stream was seen last, over which connection."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self._seen_at = 0.0
        self._connection = -1
        self.fill: Fill | None = None

    def doubt(self) -> None:
        """Something went wrong: look again before anything is said."""
        self._connection = -1

    @property
    def is_in_doubt(self) -> bool:
        """Whether nothing may be said before we have looked."""
        return self._broker.reconnects != self._connection

    def is_older_than(self, seconds: float) -> bool:
        return self.is_in_doubt or time.monotonic() - self._seen_at > seconds

    async def look(self) -> None:
        """
        Raises:
            StreamUnavailable: it is missing, or lost what we said last; says what to do.
        """
        connection = self._broker.reconnects
        found = await ask_jetstream(
            self._broker.connection, f"STREAM.INFO.{FACTS}", patience=PATIENCE
        )
        if "error" in found:
            raise StreamUnavailable(
                f"{found['error']['description']}; the operator runs `essaim topology apply`"
            )
        state = found["state"]
        self.fill = Fill(state["bytes"], found["config"]["max_bytes"], state["messages"])
        last = await in_thread(last_told, self._database)
        if last is not None and not await self._holds(last):
            raise StreamUnavailable(
                f"the stream does not hold the fact we told last ({last.id}, at {last.seq}): it "
                "lost facts. The operator runs `essaim stream restore`; what we have to say waits"
            )
        self._seen_at, self._connection = time.monotonic(), connection

    async def _holds(self, last: Last) -> bool:
        """Whether the newest message of this fact's subject is the fact, or came after it.

        Later ones are ours from before a crash, not noted yet, or unknown to a database that was
        restored from a backup. Earlier ones say that a restore is on its way to ours.
        """
        newest = await newest_of(self._broker, self._database, last.subject)
        if newest.seq is None:
            return False
        if newest.position is None:
            return newest.seq > last.seq
        return newest.position >= last.position
