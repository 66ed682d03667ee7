"""What the tests of *reporting* stand on: its database, and series of facts written into it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import pytest
import signing
import sqlalchemy as sa
from essaim.hearing.message import Heard
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.settings import Settings
from essaim.web.app import build_app
from fastapi import FastAPI
from fastapi.testclient import TestClient
from reporting.figures import Figures, figures_of
from reporting.main import projection
from reporting.main import service as reporting
from reporting.scope import Scope

from tests.reporting.edition import a_small_edition
from tests.reporting.series import Series

Hear = Callable[[list[Heard]], None]
Ask = Callable[..., Figures]


@pytest.fixture
def service() -> Service:
    return reporting


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """A function that gives the address of another empty database."""

    def address() -> str:
        name = f"reporting_{new_id().hex}"
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('reporting') / name}.db"
        server: sa.URL = request.getfixturevalue("postgres_url")
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        return server.set(database=name).render_as_string(hide_password=False)

    return address


@pytest.fixture(scope="session")
def shared_database(new_database: Callable[[], str]) -> Iterator[Database]:
    """One migrated database for all tests that leave nothing behind."""
    with closing(Database(new_database())) as database:
        migrate(database, reporting)
        yield database


@pytest.fixture
def db(shared_database: Database) -> Iterator[sa.Connection]:
    """A read model that has heard nothing; what a test writes is undone after it."""
    with shared_database.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def hear(db: sa.Connection) -> Hear:
    """Write facts into the read model, as the inbox does."""

    def write(heard: list[Heard]) -> None:
        projection.write(db, heard)

    return write


@pytest.fixture
def figures(db: sa.Connection, hear: Hear) -> Ask:
    """`figures(series, as_of=…)` hears the series and gives the figures of its edition."""

    def ask(series: Series, as_of: date | None = None) -> Figures:
        hear(series.heard)
        return figures_of(db, Scope(series.edition, series.programme, as_of))

    return ask


@pytest.fixture(scope="session")
def runtime(
    new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtime]:
    """Reporting, which heard a small edition; not started: its pages need no broker."""
    settings = Settings(
        data=tmp_path_factory.mktemp("data"),
        database_url=new_database(),
        clock="simulated",
        **signing.SETTINGS,
    )
    runtime = Runtime(reporting, settings)
    runtime.migrate()
    with runtime.database.write() as connection:
        projection.write(connection, a_small_edition().heard)
    yield runtime
    runtime.database.close()


@pytest.fixture(scope="session")
def site(runtime: Runtime) -> FastAPI:
    return build_app([runtime])


@pytest.fixture
def signed_in(runtime: Runtime, site: FastAPI) -> Callable[..., TestClient]:
    """`signed_in(Role.FUNDER)` is a client of somebody with these roles in a programme."""

    def client(*roles: Role, programme: str = "premices") -> TestClient:
        held = tuple(RoleHeld(role, programme) for role in roles)
        person = Person(new_id(), "Camille Roussel", email="camille@exemple.fr", roles=held)
        with runtime.work() as work:
            save_person(work.db, person, share=False)
        address = runtime.settings.public_url
        browser = TestClient(site, base_url=address, follow_redirects=False)
        browser.headers.update(signing.bearer("reporting", person.id))
        browser.headers["Accept-Language"] = "fr"
        return browser

    return client
