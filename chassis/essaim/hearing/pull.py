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

from essaim.broker.api import ask_jetstream
from essaim.hearing.message import Message, message_of
from essaim.loops import alive

AHEAD = 1024
HEARTBEAT = 2.0
SILENCE = 3 * HEARTBEAT
CAREFUL = 256
"""Messages that are asked for one by one after an empty one."""
# Shorter than the lease: what an instance that froze had asked for must not go to it any more
# when another one takes over.
EXPIRES = 5.0
_NANO = 1_000_000_000


class PullLost(Exception):
    """The consumer, the stream or the broker is gone, or a message was missed: bind again."""


class Missed(PullLost):
    """A message of the consumer did not come here: who asked before us may have been sent it."""


class Pull:
    """Messages of one consumer, as they come. Use `start`, then `next_chunk` again and again.

    Between accounts the server takes a message without headers and body for the end of an answer:
    what it sent after that one, for the same request, reaches nobody. Anybody may put such a one
    among its facts. So a pull that set its consumer sets it back there, and asks for the next ones
    one by one: then an empty one ends nothing but itself.
    """

    def __init__(self, connection: Client, stream: str, consumer: str, ahead: int = AHEAD) -> None:
        self._connection = connection
        self._consumer = f"{stream}.{consumer}"
        self._ahead = ahead
        self._sets = False
        self._cut_at: int | None = None
        self._again: int | None = None
        self._careful = 0
        self._asked = 0
        self._nth = 0
        self._silent_for = 0.0
        self._inbox = ""
        self.is_at_end = False
        """Whether the broker said last that it has nothing more for us."""
        self._subscription: Subscription | None = None

    async def start(self, seq: int | None = None) -> None:
        """Begin where the consumer stands, or at a place in the stream that it is set to first.

        Raises:
            PullLost: it cannot be set there.
        """
        if seq is not None:
            await self._set(seq)
        self._asked, self._nth, self._silent_for = 0, 0, 0.0
        self._inbox = self._connection.new_inbox()
        self._subscription = await self._connection.subscribe(
            self._inbox, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        await self._refill()

    async def _set(self, seq: int) -> None:
        request = f"CONSUMER.RESET.{self._consumer}"
        answer = await ask_jetstream(self._connection, request, {"seq": seq})
        if "error" in answer:
            reason = answer["error"].get("description")
            raise PullLost(
                f"the consumer {self._consumer} cannot be set to {seq}: {reason}; the operator "
                "runs `essaim topology apply`"
            )
        self._sets = True
        self.is_at_end = answer["num_pending"] == 0

    async def stop(self) -> None:
        if self._subscription is not None and not self._connection.is_closed:
            await self._subscription.unsubscribe()

    async def next_chunk(self, most: int, patience: float) -> list[Message]:
        """What has come, `most` at the most; waits up to `patience` seconds for the first.

        Raises:
            PullLost: see the class; nothing of the chunk is lost, the broker still has it.
        """
        if self._cut_at is not None:
            await self._begin_again(self._cut_at)
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
            if len(chunk) == most or self._cut_at is not None:
                break
        if self._cut_at is None and self._asked <= self._most // 2:
            await self._refill()
        return chunk

    @property
    def _most(self) -> int:
        return 1 if self._careful else self._ahead

    async def _begin_again(self, seq: int) -> None:
        self._cut_at, self._again = None, seq
        await self.stop()
        await self.start(seq)

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
                raise Missed(f"message {self._nth} of the consumer was missed")
            self._asked -= 1
            self._look_for_cut(message)
            return None if message.seq == self._again else message
        headers = raw.headers or {}
        status = headers.get("Status")
        if status == "100":
            self.is_at_end = True
            last = headers.get("Nats-Last-Consumer")
            if last is not None and int(last) != self._nth:
                raise Missed(f"the consumer is at {last}, {self._nth} came here")
            return None
        if status in ("404", "408"):
            unserved = int(headers.get("Nats-Pending-Messages", self._asked))
            self._asked = max(0, self._asked - unserved)
            return None
        raise PullLost(f"the broker answered {status} {headers.get('Description', '')}".strip())

    def _look_for_cut(self, message: Message) -> None:
        if message.body or message.headers:
            self._careful = max(0, self._careful - 1)
        elif self._sets:
            if not self._careful:
                self._cut_at = message.seq
            self._careful = CAREFUL

    async def _refill(self) -> None:
        batch = self._most - self._asked
        request = {
            "batch": batch,
            "expires": int(EXPIRES * _NANO),
            "idle_heartbeat": int(HEARTBEAT * _NANO),
        }
        self._asked = self._most
        await self._connection.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._consumer}",
            json.dumps(request).encode(),
            reply=self._inbox,
        )
