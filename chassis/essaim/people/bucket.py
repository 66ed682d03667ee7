"""The key-value bucket of the directory: its entries as they change, and what its keeper writes.

What the keeper tells one service of a person stands under `<service>.<person id>`: each service
reads its own keys alone. Under `<service>.all` it says that it told all there was.

Nobody's watch is used: it would need the right to make a consumer that pushes. Each service reads
with the consumer the operator made for it, set to the start; its place is kept in memory.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from essaim.broker.api import ask_jetstream
from essaim.broker.connection import Broker
from essaim.broker.topology import BUCKET, DIRECTORY, follower
from essaim.hearing.message import Message
from essaim.hearing.pull import EXPIRES, Missed, Pull, PullLost
from essaim.keeping.listed import shown
from essaim.keeping.tables import person as table
from essaim.loops import alive, rest
from essaim.person import Person, RoleHeld
from essaim.text.languages import LANGUAGES

CHUNK = 512
ALL = "all"
_PREFIX = f"$KV.{DIRECTORY}."
_PURGE = {"KV-Operation": "PURGE", "Nats-Rollup": "sub"}
_LEFT = "Essaim-Left"
"""Says of a purge that she is not erased: this service is told of her no longer."""


class Entry(NamedTuple):
    """What the bucket holds under a key; `value` is None once it was purged.

    `left`: it is purged, and she is not erased.
    """

    path: str
    revision: int
    value: bytes | None
    left: bool = False

    @property
    def service(self) -> str:
        """Who reads it, where somebody does."""
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        """What its reader knows it by."""
        return self.path.partition(".")[2]

    @property
    def person_id(self) -> UUID | None:
        """Whose it is; None where its key is no person's."""
        return person_in(self.key)


class Known(NamedTuple):
    """A person as the directory has her, and which of her sign-ins are over before their time."""

    person: Person
    ended_sign_ins: Mapping[UUID, datetime]


class NoPerson(ValueError):
    """An entry that is not a person: says which field is wrong, never what it holds."""


class BucketRefused(Exception):
    """The server does not do what the keeper asks."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the directory's bucket refuses: {reason}")


class Bucket:
    """The bucket as one service reaches it. Use `start`, then `changes` again and again."""

    def __init__(self, broker: Broker, service: str) -> None:
        self._broker = broker
        self._service = service
        self.is_read = False
        """Whether all the bucket held has come."""

    async def start(self) -> None:
        """
        Raises:
            ConnectionError: the broker is away.
            PullLost: there is no bucket, or no consumer for this service.
        """
        if not self._broker.is_connected:
            raise ConnectionError("the broker is not connected")
        self._reconnects = self._broker.reconnects
        self._connection = self._broker.connection
        self._pull = Pull(self._connection, BUCKET, follower(self._service))
        await self._pull.start(1)
        self.is_read = self._pull.is_at_end

    async def stop(self) -> None:
        await self._pull.stop()

    async def changes(self, patience: float) -> list[Entry]:
        """What has come: all the bucket holds first, then each change. Waits for the first one.

        Raises:
            PullLost: the bucket or the broker is gone, or another bucket stands in its place.
        """
        alive()
        if not self._broker.is_connected or self._broker.reconnects != self._reconnects:
            raise PullLost("the connection to the broker was lost")
        try:
            messages = await self._pull.next_chunk(CHUNK, patience)
        except Missed:
            if not self.is_read:
                # It went to a request that is nobody's any more; ours would go the same way.
                await rest(EXPIRES)
            raise
        if self._pull.is_at_end or (messages and messages[-1].pending == 0):
            self.is_read = True
        return list(map(entry_of, messages))

    async def put(self, path: str, value: bytes) -> int:
        """Save a value; returns its revision."""
        return await self._write(path, value, {})

    async def purge(self, path: str, *, left: bool = False) -> None:
        """Leave nothing of a key but that it was purged."""
        await self._write(path, b"", _PURGE | ({_LEFT: "true"} if left else {}))

    async def overwrite(self, revision: int) -> None:
        """Overwrite a value in the server's file: a purge alone leaves its text there."""
        answer = await ask_jetstream(
            self._connection, f"STREAM.MSG.DELETE.{BUCKET}", {"seq": revision}
        )
        _check(answer)

    async def _write(self, path: str, value: bytes, headers: dict[str, str]) -> int:
        answer = await self._connection.request(
            _PREFIX + path, value, timeout=5, headers=headers or None
        )
        stored = json.loads(answer.data)
        _check(stored)
        return int(stored["seq"])


def known_in(key: str, value: bytes) -> Known:
    """
    Raises:
        NoPerson: the entry is no person, or another one than its key says.
    """
    try:
        person = _TOLD.validate_json(value).person
        over = _OVER.validate_json(value).ended_sign_ins
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise NoPerson(f"{where}: {wrong['msg']}" if where else wrong["msg"]) from None
    if key != str(person.id):
        raise NoPerson("its key is not the person's id")
    if person.language not in LANGUAGES:
        raise NoPerson(f"language: none of {', '.join(LANGUAGES)}")
    for name, most in _LENGTHS.items():
        text = getattr(person, name) or ""
        if len(text) > most or "\x00" in text:
            raise NoPerson(f"{name}: longer than {most} characters, or with a NUL")
    return Known(person, over)


@dataclass(frozen=True)
class _Told:
    """A person's entry: what its reader is not told of her is not in it."""

    id: UUID
    name: str = ""
    email: str | None = None
    phone: str | None = None
    language: str = "fr"
    roles: tuple[RoleHeld, ...] = ()
    # What an earlier version of the keeper shared does not say.
    email_proved: bool = True

    @property
    def person(self) -> Person:
        return Person(**vars(self))


@dataclass(frozen=True)
class _Over:
    """What else stands in a person's entry; an earlier version of the keeper does not say it."""

    ended_sign_ins: dict[UUID, AwareDatetime] = field(default_factory=dict)


_TOLD, _OVER = TypeAdapter(_Told), TypeAdapter(_Over)
_LENGTHS = {
    column.name: column.type.length or 0
    for column in shown(table)
    if isinstance(column.type, sa.String)
}


def person_in(key: str) -> UUID | None:
    """The person whose key this is; None for any other one."""
    try:
        id = UUID(key)
    except ValueError:
        return None
    return id if str(id) == key else None


def entry_of(message: Message) -> Entry:
    operation = message.headers.get("KV-Operation")
    is_gone = operation in ("DEL", "PURGE")
    left = is_gone and _LEFT in message.headers
    path = message.subject.removeprefix(_PREFIX)
    return Entry(path, message.seq, None if is_gone else message.body, left)


def _check(answer: dict[str, Any]) -> None:
    if "error" in answer:
        raise BucketRefused(answer["error"]["description"])
