"""A broker of the kit's own: the consortium's accounts, streams and consumers, and nothing in them.

The service under proof meets there what it will meet in the consortium: the same rights, the same
names. Everything lies in one folder.
"""

import json
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from essaim_contracts.fact import forgotten_by
from nats.aio.client import Client

from essaim.broker.api import ask_jetstream
from essaim.broker.client import connect
from essaim.broker.rights import users_config
from essaim.broker.topology import DIRECTORY, FACTS, OPERATOR, SYSTEM, apply, declared
from essaim.broker.users import keys_of, seeds_in
from essaim.consortium.file import as_yaml
from essaim.consortium.partners import Consortium, Directory, Partner
from essaim.hearing.message import Message
from essaim.ids import new_id
from essaim.operating.reading import read_to_end
from essaim.people.browsers import SignedIn
from essaim.people.bucket import ALL
from essaim.people.sight import entries
from essaim.people.sign_ins import question_for
from essaim.people.signing import public_key_of
from essaim.person import Person
from essaim.proving.script import Line
from essaim.running.nats_server import NatsServer
from essaim.running.secrets import secret_of, sign_in_key_of
from essaim.threads import in_thread

_PAGES = "http://127.0.0.1/"
"""Where the pages of the others would be; nobody opens them."""
_SIGNED_IN = timedelta(hours=1)
_ANSWER = 10.0
"""Seconds that our own broker may take."""


class Ground:
    """Use `ready` around what is done on it."""

    def __init__(self, folder: Path, consortium: Consortium) -> None:
        self.folder = folder
        names = (OPERATOR, SYSTEM, *(one.name for one in consortium.everybody))
        self._seeds = seeds_in(self._keys, names)
        keys = keys_of(self._seeds)
        self.consortium = _with_keys(consortium, keys)
        for service in consortium.confirming_erasure:
            # The contracts installed here may not know its facts; this one they do.
            forgotten_by(service)
        self._server = NatsServer(folder / "nats", users_config(self.consortium, keys))
        self._read: list[Message] = []
        self.connection: Client

    @property
    def _keys(self) -> Path:
        return self.folder / "nats" / "keys"

    @asynccontextmanager
    async def ready(self) -> AsyncIterator[None]:
        """Start the broker and make what the consortium needs there; end it at the end."""
        await in_thread(self._server.start)
        try:
            self.connection = await self.connected_as(OPERATOR)
            await apply(self.connection, declared(self.consortium))
            yield
        finally:
            await self._end()

    async def _end(self) -> None:
        if hasattr(self, "connection"):
            await self.connection.close()
        await in_thread(self._server.stop)

    async def connected_as(self, user: str) -> Client:
        return await connect(
            self._server.url,
            user,
            self._seeds[user],
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=_quiet,
        )

    async def restart_broker(self) -> None:
        await in_thread(self._server.restart)
        await self.connection.close()
        self.connection = await self.connected_as(OPERATOR)

    def environment(self, partner: Partner) -> dict[str, str]:
        """What a partner is given to run its service, as variables."""
        consortium, folder = self.folder / "consortium.yaml", self.folder / partner.service
        consortium.write_text(as_yaml(self.consortium, spelt_out=True), encoding="utf-8")
        folder.mkdir(exist_ok=True)
        port, key = _free_port(), sign_in_key_of(self.folder)
        signs = {"ESSAIM_SIGN_IN_KEY": key} if partner.directory == Directory.KEEPS else {}
        return signs | {
            "ESSAIM_NATS_URL": self._server.url,
            "ESSAIM_NATS_USER": partner.service,
            "ESSAIM_NATS_SEED_FILE": str(self._keys / partner.service),
            "ESSAIM_CONSORTIUM": str(consortium),
            "ESSAIM_DATA": str(folder),
            "ESSAIM_SECRET": secret_of(self.folder, partner.service),
            "ESSAIM_SIGN_IN_PUBLIC_KEY": public_key_of(key),
            "ESSAIM_PORT": str(port),
            "ESSAIM_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }

    def proof(self, service: str, person_id: UUID) -> str:
        """What the keeper signs when it asks a service something in this person's name."""
        ends_at = datetime.now(UTC) + _SIGNED_IN
        who = SignedIn(person_id, new_id(), ends_at)
        return question_for(sign_in_key_of(self.folder), who, service)

    async def publish(self, lines: Iterable[Line]) -> int:
        """Put these in the stream, in order; returns the place of the last one, 0 for none.

        Raises:
            NotTaken: the broker refuses one.
        """
        inbox, sent = self.connection.new_inbox(), []
        answers = await self.connection.subscribe(inbox)
        for line in lines:
            await self.connection.publish(line.subject, line.body, inbox, line.headers or None)
            sent.append(line)
        last = 0
        for line in sent:
            stored = json.loads((await answers.next_msg(_ANSWER)).data)
            if "error" in stored:
                raise NotTaken(line, stored["error"]["description"])
            last = max(last, stored["seq"])
        await answers.unsubscribe()
        return last

    async def read_stream(self) -> tuple[Message, ...]:
        """All that is in the stream."""
        last = self._read[-1].seq if self._read else 0
        self._read += [one async for one in read_to_end(self.connection, FACTS, last + 1)]
        return tuple(self._read)

    async def count_for(self, partner: Partner) -> int:
        """How many messages of the stream its consumer brings it."""
        config = (await self.look_at_consumer(partner.service))["config"]
        one = config.get("filter_subject")
        wildcards = config.get("filter_subjects") or [one or ">"]
        found = await ask_jetstream(
            self.connection, f"STREAM.INFO.{FACTS}", {"subjects_filter": ">"}, patience=_ANSWER
        )
        counts: dict[str, int] = found["state"]["subjects"]
        return sum(count for subject, count in counts.items() if _is_among(subject, wildcards))

    async def look_at_consumer(self, service: str) -> dict[str, Any]:
        return await ask_jetstream(
            self.connection, f"CONSUMER.INFO.{FACTS}.{service}", patience=_ANSWER
        )

    async def set_consumer_back(self, service: str, seq: int = 1) -> None:
        """Have everything from this place on delivered again."""
        await ask_jetstream(
            self.connection, f"CONSUMER.RESET.{FACTS}.{service}", {"seq": seq}, patience=_ANSWER
        )

    async def share(self, partner: Partner, people: Iterable[Person]) -> None:
        """Tell a partner of these people, as the keeper of the directory does."""
        told = [
            (str(one.id), value)
            for one in people
            for value in entries([partner], one, {}, date.today()).values()
        ]
        await self.publish(
            Line(f"$KV.{DIRECTORY}.{partner.service}.{key}", {}, value, "an entry of the directory")
            for key, value in (*told, (ALL, b"true"))
        )

    def refusals(self) -> list[str]:
        """What the broker refused somebody, in its words: we ask nothing that it would refuse."""
        log = (self.folder / "nats" / "nats.log").read_text(errors="replace")
        return [line.partition("] ")[2] for line in log.splitlines() if "Violation" in line]


class NotTaken(Exception):
    def __init__(self, line: Line, reason: str) -> None:
        super().__init__(f"The kit's broker refuses {line.what} on {line.subject}: {reason}.")


def _with_keys(consortium: Consortium, keys: Mapping[str, str]) -> Consortium:
    """Everybody signs on with a key that was made here: nobody's own seed is asked for."""
    mine = [
        # Whoever has a key runs elsewhere, and its pages are at a whole address.
        replace(one, key=keys[one.name], revoked=None, pages=urljoin(_PAGES, one.pages))
        for one in consortium.partners
    ]
    readers = [replace(one, key=keys[one.name], revoked=None) for one in consortium.readers]
    return replace(consortium, partners=tuple(mine), readers=tuple(readers))


def _is_among(subject: str, wildcards: Iterable[str]) -> bool:
    """Whether a subject is one of these, where a star stands for a word."""
    words = subject.split(".")
    return any(
        one == ">"
        or all(mine in ("*", its) for mine, its in zip(one.split("."), words, strict=True))
        for one in wildcards
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _quiet(error: Exception) -> None:
    """What fails reaches the caller by its request; nats-py would print it twice."""
