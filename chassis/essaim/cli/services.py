"""Commands about services: `up`, `run`, `describe`, `migrate`, `consortium`."""

import signal
from contextlib import suppress
from typing import Annotated

import sqlalchemy as sa
import typer
import uvicorn

from essaim.cli.reach import (
    State,
    consortium_here,
    fail,
    named,
    out,
    say_json,
    settings_of,
)
from essaim.consortium.file import (
    NotInConsortium,
    UnreadableConsortium,
    as_yaml,
    check_takes_part,
)
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate as migrate_database
from essaim.operating.description import describe as describe_service
from essaim.running.embedded import AlreadyRunning, Embedded, PortTaken
from essaim.running.runtime import Runtime
from essaim.service import installed_services
from essaim.web.app import build_app


def up(
    port: Annotated[int, typer.Option(help="The port of the pages, on 127.0.0.1.")] = 8000,
) -> None:
    """Run the installed services, and a broker beside them, until Ctrl-C."""
    try:
        embedded = Embedded(installed_services(), State.data, port=port)
        with embedded.running() as server:
            out.print(f"Essaim serves on [bold]{embedded.address}[/bold] (Ctrl-C stops it).")
            embedded.serve(server)
    except (AlreadyRunning, NotInConsortium, PortTaken, UnreadableConsortium) as error:
        fail(str(error))


def run(service: Annotated[str, typer.Argument(help="candidatures, scheduling, …")]) -> None:
    """Run one service as its own process. Its settings come from ESSAIM_… variables."""
    found = named(service)
    settings = settings_of(service, found.settings)
    consortium = consortium_here()
    try:
        check_takes_part(service, consortium)
    except NotInConsortium as error:
        fail(str(error), 2)
    runtime = Runtime(found, settings, consortium=consortium)
    try:
        runtime.migrate()
    except sa.exc.OperationalError as error:
        address = runtime.database.url.render_as_string()
        fail(f"The database {address} cannot be used: {str(error.orig).strip()}")
    try:
        app = build_app([runtime])
    except ValueError as error:
        fail(str(error), 2)
    # uvicorn raises the signal again once it has stopped, though we ended as we were asked to.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=4,
            proxy_headers=True,
        )


def describe(service: Annotated[str, typer.Argument(help="candidatures, scheduling, …")]) -> None:
    """Print what a service hears, says and is asked, as an AsyncAPI document."""
    say_json(describe_service(named(service)))


def migrate(
    service: Annotated[str | None, typer.Argument(help="All installed ones by default.")] = None,
) -> None:
    """Bring the databases to the installed version."""
    chosen = [named(service)] if service else list(installed_services().values())
    for one in chosen:
        settings = settings_of(one.name, one.settings)
        settings.data.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database_url_of(one.name))
        migrate_database(database, one)
        database.close()
        out.print(f"{one.name}: up to date")


def consortium() -> None:
    """Print the consortium file, spelt out for a host that runs one service only."""
    print(as_yaml(consortium_here(), spelt_out=True), end="")
