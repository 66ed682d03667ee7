"""The relay: brings told facts from the outbox to the stream, in order, and notes where they are.

Woken by the commit, with a look every second as a net. Facts go as one atomic batch; a batch the
server refuses is sent again one by one, and a fact refused for good is parked with its reason and
holds back its own key only.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from nats.errors import NoRespondersError

from essaim.broker import Broker, trouble_of
from essaim.database import Database
from essaim.ids import new_id
from essaim.tables import dead
from essaim.tables import outbox as table
from essaim.threads import in_thread
from essaim.topology import FACTS

log = structlog.get_logger()

BATCH = 500
PATIENCE = 5.0
FRESH = 1.0
"""Seconds after which what we saw of the stream is looked at again before we tell."""
LOOK = 5.0
"""Seconds after which it is looked at while we have nothing to tell."""
# The message is larger than the stream or the server allows: sending it again cannot help.
_REFUSED_FOR_GOOD = {10054, 10056, 10060, 10177}
_STREAM_FULL = 10077
_MOST_HEADERS = 65536  # bytes the server accepts of them
_MORE_HEADERS = 300  # bytes, at most, of what a batch and the protocol add
_ATTRIBUTE = re.compile("ce-[a-z]{1,20}|content-type")


@dataclass(frozen=True)
class Pending:
    position: int
    id: str
    key: str
    subject: str
    headers: dict[str, str]
    body: bytes


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


@dataclass(frozen=True)
class Last:
    """The last fact we told: its place in our outbox, and in the stream."""

    position: int
    id: str
    subject: str
    seq: int


class Relay:
    """Runs while this instance holds the lease. `wake` is set by every commit that told facts.

    `may_speak` says, before each sending, whether the lease is ours still: a process that was
    stopped goes on where it was, with facts that another instance has told since.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        service: str,
        may_speak: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._broker = broker
        self._service = service
        self._may_speak = may_speak
        self._held: set[str] = set()
        self._saw_stream = 0.0
        self._saw_connection = -1
        self._share = 1
        """What part of a batch goes at once; a slow link cannot bring a whole one in time."""
        self._marking: asyncio.Task[None] | None = None
        self.wake = asyncio.Event()
        self.trouble: str | None = None
        self.published = 0

    async def run(self) -> None:
        """Relay until cancelled."""
        while True:
            self.wake.clear()
            try:
                sent = await self._send_some()
                self.trouble = None
            except Exception as error:
                # Whatever the broker or the database threw, the facts are in the outbox: again.
                self._say_trouble(trouble_of(error))
                self._saw_connection = -1
                if isinstance(error, BrokerSilent):
                    self._share = min(self._share * 4, BATCH)
                await asyncio.sleep(0.5)
                continue
            if not sent:
                await _wait(self.wake, 1.0)

    def _say_trouble(self, words: str) -> None:
        if words != self.trouble:
            log.warning("relay waits", service=self._service, reason=words)
        self.trouble = words

    async def _send_some(self) -> bool:
        """Publish what is told, batch after batch; returns whether there was anything."""
        # One that is freed while we send waits for the next round, with all that is behind it.
        self._held, rows = await in_thread(_load_first, self._database, self._most)
        if not rows:
            if self._broker.is_connected and self._saw_longer_ago_than(LOOK):
                await self._see_stream()
            return await self._show_dead()
        if not self._broker.is_connected:
            raise StreamUnavailable("the broker is not connected; facts wait in the outbox")
        if self._saw_longer_ago_than(FRESH):
            await self._see_stream()
        try:
            while rows:
                # The next batch is read while the server writes this one to its disk.
                ahead = asyncio.ensure_future(self._load_after(rows))
                try:
                    await self._send(rows)
                finally:
                    loaded = await asyncio.gather(ahead, return_exceptions=True)
                following = loaded[0] if isinstance(loaded[0], list) else []
                rows = [row for row in following if row.key not in self._held]
        finally:
            await self._marked()
        return True

    @property
    def _most(self) -> int:
        return max(1, BATCH // self._share)

    def _saw_longer_ago_than(self, seconds: float) -> bool:
        is_other = self._broker.reconnects != self._saw_connection
        return is_other or time.monotonic() - self._saw_stream > seconds

    async def _see_stream(self) -> None:
        """See that the stream still holds what we said last, before we say more.

        Facts said after lost ones would be heard before them, once those are restored. Nor may a
        loss stay unsaid because we had nothing to say, or because others have spoken since.
        """
        connection = self._broker.reconnects
        info = await self._broker.connection.request(
            f"$JS.API.STREAM.INFO.{FACTS}", b"", timeout=PATIENCE
        )
        found = json.loads(info.data)
        if "error" in found:
            raise StreamUnavailable(
                f"{found['error']['description']}; the operator runs `essaim topology apply`"
            )
        last = await in_thread(_last_told, self._database)
        if last is not None and not await self._holds(last):
            raise StreamUnavailable(
                f"the stream does not hold the fact we told last ({last.id}, at {last.seq}): it "
                "lost facts. The operator runs `essaim stream restore`; what we have to say waits"
            )
        self._saw_stream, self._saw_connection = time.monotonic(), connection

    async def _holds(self, last: Last) -> bool:
        """Whether the newest message of this fact's subject is the fact, or came after it.

        Later ones are ours from before a crash, not noted yet, or unknown to a database that was
        restored from a backup. Earlier ones say that a restore is on its way to ours.
        """
        subject = f"$JS.API.DIRECT.GET.{FACTS}.{last.subject}"
        answer = await self._broker.connection.request(subject, b"", timeout=PATIENCE)
        headers = answer.headers or {}
        id = headers.get("ce-id")
        if id is None:
            return False
        position = await in_thread(_position_of, self._database, id)
        if position is None:
            return int(headers["Nats-Sequence"]) > last.seq
        return position >= last.position

    async def _load_after(self, rows: list[Pending]) -> list[Pending]:
        if len(rows) < self._most:
            return []
        after = rows[-1].position
        return await in_thread(load_unpublished, self._database, self._most, after, self._held)

    async def _send(self, rows: list[Pending]) -> None:
        try:
            seqs = await self._publish_batch(rows)
        except BatchRefused as refusal:
            log.info("batch refused, sending one by one", reason=str(refusal), facts=len(rows))
            await self._publish_singly(rows)
        else:
            # Noted while the next batch is on its way.
            await self._marked()
            self._marking = asyncio.ensure_future(self._mark(seqs))

    async def _mark(self, seqs: dict[int, int]) -> None:
        await in_thread(mark_published, self._database, seqs)
        self.published += len(seqs)
        self._saw_stream, self.trouble = time.monotonic(), None
        self._share = max(1, self._share // 2)

    async def _marked(self) -> None:
        """Wait until it is noted which facts are published."""
        marking, self._marking = self._marking, None
        if marking is not None:
            await marking

    async def _publish_batch(self, rows: list[Pending]) -> dict[int, int]:
        """Publish all or nothing; returns each row's place in the stream."""
        if len(rows) == 1:
            try:
                return {rows[0].position: await self._publish(rows[0], rows[0].headers)}
            except PublishRefused as refusal:
                raise BatchRefused(str(refusal)) from refusal
        batch = new_id().hex
        connection = self._broker.connection
        *before, last = rows
        try:
            for number, row in enumerate(before, start=1):
                self._check_size(row, row.headers)
                headers = row.headers
                headers["Nats-Batch-Id"], headers["Nats-Batch-Sequence"] = batch, str(number)
                await connection.publish(row.subject, row.body, headers=headers)
            headers = last.headers | {
                "Nats-Batch-Id": batch,
                "Nats-Batch-Sequence": str(len(rows)),
                "Nats-Batch-Commit": "1",
            }
            last_seq = await self._publish(last, headers)
        except PublishRefused as refusal:
            raise BatchRefused(str(refusal)) from refusal
        return {row.position: last_seq - len(rows) + n for n, row in enumerate(rows, start=1)}

    async def _publish_singly(self, rows: list[Pending]) -> None:
        for row in rows:
            if row.key in self._held:
                continue
            try:
                seq = await self._publish(row, _plain(row.headers))
            except PublishRefused as refusal:
                self._held.add(row.key)
                log.error("fact parked", id=row.id, subject=row.subject, reason=str(refusal))
                await in_thread(park, self._database, row.position, str(refusal))
                continue
            await self._mark({row.position: seq})

    async def _publish(self, row: Pending, headers: dict[str, str]) -> int:
        """Publish one message and return its place in the stream.

        Raises:
            PublishRefused: for good, or the batch it ends is refused.
            StreamUnavailable: not now.
        """
        answer = await self._request(row, headers)
        error = answer.get("error")
        if error is None:
            return int(answer["seq"])
        code, words = error.get("err_code"), error.get("description", "")
        if code in _REFUSED_FOR_GOOD or ("Nats-Batch-Id" in headers and code != _STREAM_FULL):
            raise PublishRefused(f"{words} (error {code})")
        if code == _STREAM_FULL:
            words += (
                "; the operator raises ESSAIM_STREAM_MAX_BYTES and runs `essaim topology apply`"
            )
        raise StreamUnavailable(f"the stream refuses facts: {words} (error {code})")

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
            message = await request
        except NoRespondersError as error:
            raise StreamUnavailable(
                "no stream takes facts; the operator runs `essaim topology apply`"
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

    async def _show_dead(self) -> bool:
        """Copy new dead letters to the consortium's stream of them, for operators to see."""
        rows = await in_thread(_unshown_dead, self._database)
        if not rows or not self._broker.is_connected:
            return False
        for row in rows:
            await self._show(row)
            await in_thread(_mark_shown, self._database, row.number)
        return True

    async def _show(self, row: Any) -> None:
        """Send the copy of one dead letter; without its body when that is too large."""
        headers = _attributes(json.loads(row.headers)) | {
            "Nats-Msg-Id": f"{self._service}-{row.number}-{row.id}",
            "essaim-dead-reason": " ".join(row.reason.split())[:500],
            "essaim-dead-attempts": str(row.attempts),
            "essaim-dead-stream-seq": str(row.stream_seq),
            "essaim-dead-subject": row.subject,
        }
        subject = f"essaim-dead.{self._service}.{row.stream_seq}"
        for body in (row.body, b""):
            try:
                await self._publish(Pending(0, row.id, row.key, subject, headers, body), headers)
                return
            except PublishRefused as refusal:
                reason = str(refusal)
        # The letter itself is in the database; its copy must not hold up the next ones.
        log.error("dead letter not copied", number=row.number, reason=reason)


def load_unpublished(
    database: Database, limit: int, after: int = 0, held: Collection[str] = ()
) -> list[Pending]:
    """The next facts to publish, oldest first, without those of the keys that are held back.

    Selected by flag: PostgreSQL shows rows in commit order, so a row with a lower position could
    appear after a higher one was read. `after` leaves out those that are being published.
    """
    with database.read() as db:
        return _unpublished(db, limit, after, held)


def _load_first(database: Database, limit: int) -> tuple[set[str], list[Pending]]:
    """The keys that parked facts hold back, and the first batch of the others."""
    # By the index of parked facts alone: asked for unpublished ones, SQLite reads all of those.
    parked = sa.select(table.c.key, table.c.published_at).where(table.c.parked_because.is_not(None))
    with database.read() as db:
        held = {row.key for row in db.execute(parked) if row.published_at is None}
        return held, _unpublished(db, limit, 0, held)


def _unpublished(db: sa.Connection, limit: int, after: int, held: Collection[str]) -> list[Pending]:
    columns = (table.c.position, table.c.id, table.c.key, table.c.subject, table.c.headers)
    query = (
        sa.select(*columns, table.c.body)
        .where(table.c.published_at.is_(None), table.c.position > after)
        .order_by(table.c.position)
        .limit(limit)
    )
    if held:
        query = query.where(table.c.key.not_in(held))
    return [
        Pending(position, id, key, subject, json.loads(headers), body)
        for position, id, key, subject, headers, body in db.execute(query)
    ]


def mark_published(database: Database, seqs: dict[int, int]) -> None:
    """Note where each row is in the stream, by position."""
    now = datetime.now(UTC)
    positions = list(seqs)
    first, last = positions[0], positions[-1]
    statement = sa.update(table).values(published_at=now)
    with database.write() as db:
        if last - first + 1 == len(positions) and seqs[last] - seqs[first] + 1 == len(positions):
            # The common case, both without gaps: one statement for the whole batch.
            db.execute(
                statement.values(stream_seq=table.c.position + (seqs[first] - first)).where(
                    table.c.position.between(first, last)
                )
            )
            return
        db.execute(
            statement.values(stream_seq=sa.bindparam("seq")).where(
                table.c.position == sa.bindparam("at")
            ),
            [{"at": position, "seq": seq} for position, seq in seqs.items()],
        )


def park(database: Database, position: int, reason: str) -> None:
    """Hold a fact back for good, until an operator retries or discards it."""
    with database.write() as db:
        db.execute(
            sa.update(table).where(table.c.position == position).values(parked_because=reason)
        )


def _last_told(database: Database) -> Last | None:
    """The fact of ours that is in the stream since last; None when we told none."""
    columns = (table.c.position, table.c.id, table.c.subject, table.c.stream_seq)
    told = sa.select(*columns).where(table.c.stream_seq.is_not(None))
    with database.read() as db:
        row = db.execute(told.order_by(table.c.position.desc()).limit(1)).one_or_none()
    return Last(*row) if row else None


def _position_of(database: Database, id: str) -> int | None:
    query = sa.select(table.c.position).where(table.c.id == id)
    with database.read() as db:
        return db.execute(query).scalar_one_or_none()


def parked(db: sa.Connection) -> list[Any]:
    """Facts held back for good, oldest first; what comes after them of their key waits."""
    query = sa.select(table).where(
        table.c.parked_because.is_not(None), table.c.published_at.is_(None)
    )
    return list(db.execute(query.order_by(table.c.position)))


def unpark(db: sa.Connection, position: int) -> bool:
    """Let the relay try a parked fact again; False when there is none at this position."""
    return _change_parked(db, position, {"parked_because": None})


def discard_parked(db: sa.Connection, position: int) -> bool:
    """Give a parked fact up: it stays in the journal, unpublished, and frees its key."""
    return _change_parked(db, position, {"published_at": datetime.now(UTC)})


def _change_parked(db: sa.Connection, position: int, values: dict[str, Any]) -> bool:
    statement = sa.update(table).where(
        table.c.position == position,
        table.c.parked_because.is_not(None),
        table.c.published_at.is_(None),
    )
    return db.execute(statement.values(values)).rowcount == 1


@dataclass(frozen=True)
class Backlog:
    """Facts not yet in the stream; `oldest` is the age of the first in seconds."""

    waiting: int
    parked: int
    oldest: float


def backlog(db: sa.Connection) -> Backlog:
    parked = sa.func.count(table.c.parked_because)
    query = sa.select(sa.func.count(), parked, sa.func.min(table.c.told_at)).where(
        table.c.published_at.is_(None)
    )
    total, parked_count, oldest = db.execute(query).one()
    age = time.time() - oldest.timestamp() if oldest else 0.0
    return Backlog(total - parked_count, parked_count, max(0.0, age))


def _plain(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.startswith("Nats-Batch-")}


def _attributes(headers: dict[str, str]) -> dict[str, str]:
    """What describes a fact among a stranger's headers; the server would obey some others."""
    return {
        name: value
        for name, value in headers.items()
        if _ATTRIBUTE.fullmatch(name) and len(value) <= 1000
    }


def _unshown_dead(database: Database) -> list[Any]:
    query = sa.select(dead).where(dead.c.shown_at.is_(None)).order_by(dead.c.number).limit(50)
    with database.read() as db:
        return list(db.execute(query))


def _mark_shown(database: Database, number: int) -> None:
    with database.write() as db:
        db.execute(
            sa.update(dead).where(dead.c.number == number).values(shown_at=datetime.now(UTC))
        )


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
