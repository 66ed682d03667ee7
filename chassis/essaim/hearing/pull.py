"""A continuous pull from one durable consumer: ordered, without a gap, and never silently dead.

nats-py's `fetch` stalls after a timeout and FastStream's pull mode loses or freezes (measured);
this is the small loop both should have: keep requests outstanding, refill at half, look at every
status and at missing heartbeats.
"""

import json
from collections.abc import Iterator
from itertools import chain

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from essaim.hearing.message import Message, message_of
from essaim.loops import alive

AHEAD = 1024
HEARTBEAT = 2.0
SILENCE = 3 * HEARTBEAT
# Shorter than the lease: what an instance that froze had asked for must not go to it any more
# when another one takes over.
_EXPIRES = 5.0
_NANO = 1_000_000_000


class PullLost(Exception):
    """The consumer, the stream or the broker is gone, or a message was missed: bind again."""


class Pull:
    """Messages of one consumer, as they come. Use `start`, then `next_chunk` again and again."""

    def __init__(self, connection: Client, stream: str, consumer: str, ahead: int = AHEAD) -> None:
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._ahead = ahead
        self._asked = 0
        self._nth = 0
        self._silent_for = 0.0
        self._inbox = ""
        self.is_at_end = False
        """Whether the broker said last that it has nothing more for us."""
        self._subscription: Subscription | None = None

    async def start(self) -> None:
        self._inbox = self._connection.new_inbox()
        self._subscription = await self._connection.subscribe(
            self._inbox, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        await self._refill()

    async def stop(self) -> None:
        if self._subscription is not None and not self._connection.is_closed:
            await self._subscription.unsubscribe()

    async def next_chunk(self, most: int, patience: float) -> list[Message]:
        """What has come, `most` at the most; waits up to `patience` seconds for the first.

        Raises:
            PullLost: see the class; nothing of the chunk is lost, the broker still has it.
        """
        if self._subscription is None:
            raise PullLost("not started")
        alive()
        chunk: list[Message] = []
        try:
            first = await self._subscription.next_msg(patience)
        except TimeoutError:
            self._silent_for += patience
            if self._silent_for > SILENCE:
                raise PullLost(f"the broker is silent for {SILENCE:g} s") from None
            return chunk
        self._silent_for = 0.0
        for raw in chain([first], self._already_here()):
            message = self._take(raw)
            if message is not None:
                chunk.append(message)
            if len(chunk) == most:
                break
        if self._asked <= self._ahead // 2:
            await self._refill()
        return chunk

    def _already_here(self) -> Iterator[Msg]:
        """What waits in nats-py's queue: `next_msg` for each costs five turns of the event loop."""
        subscription = self._subscription
        while subscription is not None and not subscription._pending_queue.empty():
            message = subscription._pending_queue.get_nowait()
            subscription._pending_size -= len(message.data)
            subscription._pending_queue.task_done()
            yield message

    def _take(self, raw: Msg) -> Message | None:
        """The message in what came, None where it is the broker's word on our request."""
        if raw.reply.startswith("$JS.ACK"):
            message = message_of(raw)
            self.is_at_end = False
            self._nth += 1
            if message.nth != self._nth:
                raise PullLost(f"message {self._nth} of the consumer was missed")
            self._asked -= 1
            return message
        headers = raw.headers or {}
        status = headers.get("Status")
        if status == "100":
            self.is_at_end = True
            last = headers.get("Nats-Last-Consumer")
            if last is not None and int(last) != self._nth:
                raise PullLost(f"the consumer is at {last}, {self._nth} came here")
            return None
        if status in ("404", "408"):
            unserved = int(headers.get("Nats-Pending-Messages", self._asked))
            self._asked = max(0, self._asked - unserved)
            return None
        raise PullLost(f"the broker answered {status} {headers.get('Description', '')}".strip())

    async def _refill(self) -> None:
        batch = self._ahead - self._asked
        request = {
            "batch": batch,
            "expires": int(_EXPIRES * _NANO),
            "idle_heartbeat": int(HEARTBEAT * _NANO),
        }
        self._asked = self._ahead
        await self._connection.publish(
            self._subject, json.dumps(request).encode(), reply=self._inbox
        )
