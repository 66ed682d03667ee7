"""What every test stands on: a real NATS server, real databases, a service of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

import containers
import nats.js.errors
import postgres
import pytest
import signing
import sqlalchemy as sa
import structlog
from backbone import INSTALLED, Consortium, make_anew
from essaim.broker.rights import users_config
from essaim.broker.topology import OPERATOR, declared
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.clock import SimulatedClock
from essaim.ids import new_id
from essaim.keeping import tables
from essaim.keeping.database import Database
from essaim.keeping.listed import out_of_step
from essaim.keeping.migration import migrate
from essaim.running.nats_server import NatsServer
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.work import Work, open_work
from hypothesis import settings as examples

# As in CI: a seed for each test, so that it fails everywhere or nowhere, and no deadlines.
examples.load_profile("ci")
examples.register_profile("quick", examples.get_profile("ci"), max_examples=10)

PREMICES_START = datetime.fromisoformat("2019-11-01T09:00:00+01:00")


class Templates:
    """Migrating costs more than copying what was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}

    def sqlite(self, service: Service) -> Path:
        path = self._folder / f"{service.name}.db"
        if not path.exists():
            _migrated(f"sqlite:///{path}", service)
        return path

    def postgres(self, service: Service, server: sa.URL) -> str:
        if service.name not in self._names:
            name = f"template_{service.name}_{new_id().hex[-8:]}"
            _create(server, name)
            _migrated(_address(server, name), service)
            self._names[service.name] = name
        return self._names[service.name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--containers",
        action="store_true",
        help="Run NATS and PostgreSQL in containers of the deployment's images, not from PyPI.",
    )
    parser.addoption(
        "--fuzz-examples",
        type=int,
        default=2,
        help="How many requests of each kind Schemathesis makes up, beside those it always sends.",
    )
    parser.addoption(
        "--pictures", action="store_true", help="Take the pictures of the guides in docs/fr again."
    )
    parser.addoption(
        "--fault-rounds",
        type=int,
        default=12,
        help="How often something is killed in the fault tests.",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in ("faults", "system", "browser"))


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[sa.URL]:
    """A PostgreSQL for the whole run: from PyPI, or in a container."""
    if request.config.getoption("--containers"):
        with containers.postgres() as url:
            postgres.without_syncing(url)
            yield url
        return
    server = postgres.new_server()
    postgres.without_syncing(postgres.url_of(server))
    yield postgres.url_of(server)
    postgres.end(server)


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The migrated databases of each service, copied for every test."""
    return Templates(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command sets logs up on the stream it was given, which is closed after its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def service() -> Service:
    """The service under test: each folder of tests names its own."""
    raise NotImplementedError("Define a `service` fixture in this folder's conftest.py.")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, service: Service, _templates: Templates
) -> Iterator[str]:
    """The address of an empty, migrated database of the service, on SQLite and on PostgreSQL.

    Whatever a test did there, texts and what finds and orders them are in step.
    """
    if request.param == "sqlite":
        path = tmp_path / f"{service.name}.db"
        shutil.copyfile(_templates.sqlite(service), path)
        url = f"sqlite:///{path}"
    else:
        server: sa.URL = request.getfixturevalue("postgres_url")
        name = f"test_{new_id().hex}"
        _create(server, name, template=_templates.postgres(service, server))
        url = _address(server, name)
    yield url
    _check_keys(url, service)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> SimulatedClock:
    """Stands on 1 November 2019, before the first call of Prémices opens."""
    return SimulatedClock(PREMICES_START)


@pytest.fixture
def work(database: Database, clock: SimulatedClock) -> Callable[..., AbstractContextManager[Work]]:
    """`with work(actor=…) as w:` opens one transaction, as a request does."""

    def opened(actor: UUID | None = None) -> AbstractContextManager[Work]:
        return open_work(database, clock, actor=actor)

    return opened


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        database_url=database_url,
        public_url="https://premices.example",
        clock="simulated",
        **signing.SETTINGS,
    )


@pytest.fixture
def runtime(service: Service, settings: Settings, clock: SimulatedClock) -> Iterator[Runtime]:
    """Not started: pages and commands need no broker."""
    runtime = Runtime(service, settings, clock=clock)
    yield runtime
    runtime.database.close()


def _migrated(url: str, service: Service) -> None:
    database = Database(url)
    migrate(database, service)
    database.close()


def _check_keys(url: str, service: Service) -> None:
    database = Database(url)
    with database.read() as db:
        for metadata in (tables.metadata, service.metadata):
            assert out_of_step(db, metadata) == []
    database.close()


def _address(server: sa.URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _create(server: sa.URL, name: str, template: str = "template0") -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        # Without syncing, copying files costs half of what writing them to the log does.
        statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def nats_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Consortium]:
    """A nats-server with the users and rights of the topology, for the whole run."""
    folder = tmp_path_factory.mktemp("nats")
    seeds = seeds_in(folder / "keys", users_of(INSTALLED))
    config = users_config(INSTALLED, keys_of(seeds))
    in_container = request.config.getoption("--containers")
    server = containers.NatsContainer(config) if in_container else NatsServer(folder, config)
    server.start()
    yield Consortium(server, seeds)
    server.stop()


@pytest.fixture
async def consortium(nats_server: Consortium) -> Consortium:
    """The server with an empty stream, its consumers and an empty directory."""
    connection = await nats_server.connect(OPERATOR)
    try:
        stream = connection.jetstream()
        for name in declared(INSTALLED).streams:
            with suppress(nats.js.errors.NotFoundError):
                await stream.delete_stream(name)
        await make_anew(connection, declared(INSTALLED, max_bytes=64 * 1024 * 1024))
    finally:
        await connection.close()
    return nats_server
