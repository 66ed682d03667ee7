"""Puts facts in the stream: many as one atomic batch, or one, and says why the server will not."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from nats.errors import BadSubjectError, MaxPayloadError, NoRespondersError

from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker
from essaim.broker.frames import frame, write
from essaim.broker.topology import FACTS
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.loops import rest
from essaim.telling.outbox import Pending, position_of
from essaim.threads import in_thread

PATIENCE = 5.0
"""Seconds the server has to answer."""
# The message is larger than the stream or the server allows: sending it again cannot help.
_REFUSED_FOR_GOOD = {10054, 10056, 10060, 10177}
_STREAM_FULL = 10077
_MOST_HEADERS = 65536  # bytes the server accepts of them
_MORE_HEADERS = 300  # bytes, at most, of what a batch and the protocol add


class BatchRefused(Exception):
    """The server did not take the batch as a whole; none of it is stored."""


class PublishRefused(Exception):
    """The server will never take this fact."""


class StreamUnavailable(Exception):
    """The stream is missing, full or silent: everything waits."""


class BrokerSilent(StreamUnavailable):
    def __init__(self) -> None:
        # A nats-server that could not write answers nothing, says why in its log only, and goes on
        # refusing when there is room again (2.15.1).
        super().__init__(
            f"the broker is silent for {PATIENCE:g} s; see its log: when its disk was full, free "
            "some room and restart it"
        )


class Newest(NamedTuple):
    """The newest message of one of our subjects: its places in the stream and in our outbox.

    Only we may speak there. `seq` is None when there is none, `position` for one that our outbox
    does not know.
    """

    seq: int | None
    position: int | None
    body: bytes = b""


async def newest_of(broker: Broker, database: Database, subject: str) -> Newest:
    """
    Raises:
        TimeoutError: the server does not say.
    """
    address = f"$JS.API.DIRECT.GET.{FACTS}.{subject}"
    answer = await broker.connection.request(address, b"", timeout=PATIENCE)
    headers = answer.headers or {}
    id = headers.get("ce-id")
    if id is None:
        return Newest(None, None)
    position = await in_thread(position_of, database, id)
    return Newest(int(headers["Nats-Sequence"]), position, answer.data)


async def replicas_of_stream(broker: Broker) -> int:
    """How many servers keep the stream of facts.

    Raises:
        TimeoutError: the server does not say; StreamUnavailable: there is no stream.
    """
    found = await ask_jetstream(broker.connection, f"STREAM.INFO.{FACTS}", patience=PATIENCE)
    if "error" in found:
        raise StreamUnavailable(found["error"]["description"])
    return int(found["config"]["num_replicas"])


class Publisher:
    """Sends on one connection, while `may_speak` says, before each message, that we may."""

    def __init__(self, database: Database, broker: Broker, may_speak: Callable[[], bool]) -> None:
        self._database = database
        self._broker = broker
        self._may_speak = may_speak

    async def publish_batch(self, rows: list[Pending]) -> dict[int, int]:
        """Publish all or nothing; returns each row's place in the stream, by position.

        Raises:
            BatchRefused: none is stored; StreamUnavailable: not now.
        """
        if len(rows) == 1:
            try:
                return {rows[0].position: await self.publish_fact(rows[0])}
            except PublishRefused as refusal:
                raise BatchRefused(str(refusal)) from refusal
        batch, last = new_id().hex, rows[-1]
        headers = last.headers | _in_batch(batch, len(rows)) | {"Nats-Batch-Commit": "1"}
        try:
            await write(self._broker.connection, self._frames(rows[:-1], batch))
            last_seq = await self.publish(last, headers)
        except PublishRefused as refusal:
            raise BatchRefused(str(refusal)) from refusal
        return {row.position: last_seq - len(rows) + n for n, row in enumerate(rows, start=1)}

    def _frames(self, rows: list[Pending], batch: str) -> Iterator[bytes]:
        """All but the last of a batch; each is made when those before it are on their way."""
        for number, row in enumerate(rows, start=1):
            headers = row.headers | _in_batch(batch, number)
            self._check_size(row, headers)
            with _refused_if_odd(row):
                made = frame(row.subject, headers, row.body)
            yield made

    async def publish_fact(self, row: Pending) -> int:
        """Publish one fact by itself and return its place in the stream.

        Raises:
            PublishRefused: for good; StreamUnavailable: not now.
        """
        answer = await self._accepted(row, row.headers)
        if answer.get("duplicate") and not await self._holds(row):
            # Another's message has our id: the server compares ids alone, our readers sources too.
            answer = await self._accepted(row, row.headers | {"Nats-Msg-Id": new_id().hex})
        return int(answer["seq"])

    async def publish(self, row: Pending, headers: dict[str, str]) -> int:
        """Publish one message and return its place in its stream.

        Raises:
            PublishRefused: for good, or the batch it ends is refused.
            StreamUnavailable: not now.
        """
        return int((await self._accepted(row, headers))["seq"])

    async def _accepted(self, row: Pending, headers: dict[str, str]) -> dict[str, Any]:
        """The server's answer, once it took the message."""
        answer = await self._request(row, headers)
        error = answer.get("error")
        if error is None:
            return answer
        code, words = error.get("err_code"), error.get("description", "")
        if code in _REFUSED_FOR_GOOD or ("Nats-Batch-Id" in headers and code != _STREAM_FULL):
            raise PublishRefused(f"{words} (error {code})")
        if code == _STREAM_FULL:
            words += (
                "; `essaim doctor` says whose facts fill it; the operator raises "
                "ESSAIM_STREAM_MAX_BYTES and runs `essaim topology apply`"
            )
        raise StreamUnavailable(f"the stream refuses facts: {words} (error {code})")

    async def _holds(self, row: Pending) -> bool:
        """Whether the newest message of its subject is this fact, or one that we told after it.

        In a cluster any replica says so, and one that lags does not know it yet: it is asked until
        it had the time.
        """
        try:
            is_alone = await replicas_of_stream(self._broker) == 1
            for pause in (0.0,) if is_alone else (0.0, 1.0, 2.0):
                await rest(pause)
                newest = await newest_of(self._broker, self._database, row.subject)
                if newest.position is not None and newest.position >= row.position:
                    return True
        except TimeoutError as error:
            raise BrokerSilent from error
        return False

    async def _request(self, row: Pending, headers: dict[str, str]) -> dict[str, Any]:
        """Send one message and wait for the server's answer, a refusal or a lost connection."""
        self._check_size(row, headers)
        if not self._may_speak():
            raise StreamUnavailable(
                "our lease ran out: renewing it failed, or another instance has it; facts wait"
            )
        self._broker.disturbed.clear()
        request = asyncio.ensure_future(
            self._broker.connection.request(
                row.subject, row.body, timeout=PATIENCE, headers=headers
            )
        )
        disturbed = asyncio.ensure_future(self._broker.disturbed.wait())
        try:
            await asyncio.wait({request, disturbed}, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                self._say_why(row, headers)
            with _refused_if_odd(row):
                message = await request
        except NoRespondersError as error:
            raise StreamUnavailable(
                "no stream takes facts: it is missing (the operator runs `essaim topology apply`), "
                "or too many servers of the broker's cluster are down"
            ) from error
        except TimeoutError as error:
            raise BrokerSilent from error
        finally:
            disturbed.cancel()
            request.cancel()
        return dict(json.loads(message.data))

    def _check_size(self, row: Pending, headers: dict[str, str]) -> None:
        """See that the server takes a message this large.

        It counts the headers, nats-py does not; a message above closes the connection for good.
        """
        most = self._broker.connection.max_payload
        if len(row.body) <= most - _MOST_HEADERS:
            return
        size = len(row.body) + sum(len(f"{n}: {v}\r\n".encode()) for n, v in headers.items())
        if size > most - _MORE_HEADERS:
            raise PublishRefused(
                f"the fact has {size} bytes with its headers, more than the server accepts ({most})"
            )

    def _say_why(self, row: Pending, headers: dict[str, str]) -> None:
        if row.subject in self._broker.refused:
            raise PublishRefused(self._broker.refused.pop(row.subject))
        if not self._broker.is_connected:
            raise StreamUnavailable("the connection was lost; sending again when it is back")
        if "Nats-Batch-Id" in headers:
            raise PublishRefused("a fact of the batch is refused by the server's permissions")


@contextmanager
def _refused_if_odd(row: Pending) -> Iterator[None]:
    """What the client will not put on the wire goes no other time either: only it is held back."""
    try:
        yield
    except (BadSubjectError, MaxPayloadError, UnicodeError, ValueError) as error:
        raise PublishRefused(
            f"the message on {row.subject} cannot be sent: {type(error).__name__}"
        ) from error


def _in_batch(batch: str, number: int) -> dict[str, str]:
    return {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
