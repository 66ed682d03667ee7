"""Commands about services: `up`, `run`, `describe`, `migrate`, `consortium`."""

import os
import signal
from contextlib import suppress
from socket import socket
from typing import Annotated

import sqlalchemy as sa
import structlog
import typer

from essaim.broker.topology import OPERATOR, TopologyRefused
from essaim.broker.users import public_key_of as key_of_seed
from essaim.cli.reach import (
    State,
    close_to_others,
    consortium_here,
    fail,
    named,
    out,
    refuse_wrong_settings,
    run_here,
    say_json,
    settings_of,
)
from essaim.consortium.file import (
    NotInConsortium,
    UnreadableConsortium,
    as_yaml,
    check_takes_part,
)
from essaim.consortium.partners import Consortium, Partner
from essaim.keeping.database import Database, in_words
from essaim.keeping.migration import migrate as migrate_database
from essaim.observing.tracing import TracingNotInstalled
from essaim.operating.description import describe as describe_service
from essaim.operating.handover import from_elsewhere
from essaim.running.beside import serve_beside
from essaim.running.embedded import Door, Embedded, PortTaken
from essaim.running.ending import ended_in_time
from essaim.running.holding import AlreadyRunning
from essaim.running.nats_server import BrokerNotStarted
from essaim.running.page_processes import Link, page_processes
from essaim.running.runtime import Runtime
from essaim.running.serving import Server, listening
from essaim.service import Service, installed_services
from essaim.settings import Settings, SettingsRefused, clock_of
from essaim.web.app import build_app
from essaim.web.elsewhere import build_signpost

log = structlog.get_logger()

PROCESSES = min(2, os.cpu_count() or 1)
"""More would take more memory than they bring on the machines that `up` is for."""


def up(
    port: Annotated[int, typer.Option(help="The port of the pages, on 127.0.0.1.")] = 8000,
    nats_host: Annotated[
        str | None,
        typer.Option(help="The name by which partners elsewhere reach the broker, then with TLS."),
    ] = None,
    nats_bind: Annotated[
        str | None, typer.Option(help="With --nats-host: where the broker listens. Default: all.")
    ] = None,
    nats_port: Annotated[
        int | None, typer.Option(help="With --nats-host: its port. Default: that of last time.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="How many processes serve the pages.")
    ] = PROCESSES,
) -> None:
    """Run the installed services, and a broker beside them, until Ctrl-C."""
    for name, value in (("HOST", nats_host), ("BIND", nats_bind), ("PORT", nats_port)):
        if value is not None:
            os.environ[f"ESSAIM_NATS_{name}"] = str(value)
    installed = installed_services()
    refuse_wrong_settings(installed.values())
    close_to_others(State.data)
    public_url = os.environ.get("ESSAIM_PUBLIC_URL", "")
    try:
        embedded = Embedded(
            installed, State.data, port=port, door=_door(), public_url=public_url, processes=workers
        )
        with embedded.running() as server:
            out.print(f"Essaim serves on [bold]{embedded.address}[/bold] (Ctrl-C stops it).")
            embedded.serve(server)
    except NOT_STARTED as error:
        fail(str(error))


def _door() -> Door | None:
    settings = settings_of(OPERATOR, Settings)
    if not settings.nats_host:
        return None
    return Door(settings.nats_host, settings.nats_bind, settings.nats_port)


NOT_STARTED = (
    AlreadyRunning, BrokerNotStarted, NotInConsortium, PortTaken, SettingsRefused,
    TopologyRefused, TracingNotInstalled, UnreadableConsortium,
)  # fmt: skip
"""Why a consortium in one process does not start; each says what to do."""


def run(
    service: Annotated[str, typer.Argument(help="candidatures, scheduling, …")],
    workers: Annotated[
        int,
        typer.Option(
            envvar="ESSAIM_WORKERS", min=1, max=64, help="How many processes serve the pages."
        ),
    ] = 1,
) -> None:
    """Run one service. Its settings come from ESSAIM_… variables.

    It speaks plain HTTP, and wants a proxy in front that ends slow connections and speaks TLS.
    """
    found = named(service)
    refuse_wrong_settings([found])
    close_to_others(State.data)
    settings = settings_of(service, found.settings)
    consortium = consortium_here()
    try:
        check_takes_part(service, consortium)
    except NotInConsortium as error:
        fail(str(error), 2)
    if partner := now_elsewhere(service, settings, consortium):
        log.info("a partner runs it: links lead there", organisation=partner.organisation)
        _run(Server(build_signpost(partner)), [_listening(settings)])
        return
    _serve(found, settings, consortium, workers)


def now_elsewhere(service: str, settings: Settings, consortium: Consortium) -> Partner | None:
    """The partner that signs on with another key than ours, from another host, as that service."""
    partner, seed = consortium.find(service), settings.read_nats_seed()
    if partner is None or not partner.key or not seed:
        return None
    is_ours = partner.host in ("", settings.public_url) or partner.key == key_of_seed(seed)
    return None if is_ours else partner


def _serve(service: Service, settings: Settings, consortium: Consortium, workers: int) -> None:
    clock, pages = clock_of(settings), _listening(settings)

    def serve_pages(link: Link, _: str) -> None:
        beside = Runtime(service, settings, clock=clock, consortium=consortium, leads=False)
        serve_beside(link, [beside], pages)

    with page_processes(workers - 1, serve_pages) as others:
        committed = others.part(lambda _: runtime.committed_elsewhere())
        try:
            runtime = Runtime(
                service, settings, clock=clock, consortium=consortium, beside=committed
            )
            _bring_up_to_date(runtime.database, service)
            server = Server(build_app([runtime]))
        except (TracingNotInstalled, ValueError) as error:
            fail(str(error), 2)
        log.info(
            "serves plain HTTP: put a proxy in front that speaks TLS and ends slow connections",
            host=settings.host,
            port=settings.port,
        )
        others.begin()
        _run(server, [pages, *others.sockets])


def _run(server: Server, sockets: list[socket]) -> None:
    # uvicorn raises the signal again once it has stopped, though we ended as we were asked to.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), ended_in_time(server):
        server.run(sockets)


def _listening(settings: Settings) -> socket:
    try:
        return listening(settings.host, settings.port)
    except OSError as error:
        fail(f"{settings.host}, port {settings.port}: {error.strerror}. Choose others.", 2)


def _bring_up_to_date(database: Database, service: Service) -> None:
    try:
        migrate_database(database, service)
    except sa.exc.OperationalError as error:
        address = database.url.render_as_string()
        fail(f"The database {address} cannot be used: {in_words(error)}")


def describe(service: Annotated[str, typer.Argument(help="candidatures, scheduling, …")]) -> None:
    """Print what a service hears, says and is asked, as an AsyncAPI document."""
    say_json(describe_service(named(service)))


def migrate(
    service: Annotated[str | None, typer.Argument(help="All that run here by default.")] = None,
) -> None:
    """Bring the databases to the installed version."""
    chosen = [named(service)] if service else run_here(consortium_here())
    refuse_wrong_settings(chosen)
    close_to_others(State.data)
    for one in chosen:
        settings = settings_of(one.name, one.settings)
        settings.data.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database_url_of(one.name))
        _bring_up_to_date(database, one)
        database.close()
        out.print(f"{one.name}: up to date")


def consortium(
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="As a partner on another host needs it.")
    ] = False,
) -> None:
    """Print the consortium file, spelt out for a host that runs one service only."""
    found = consortium_here()
    if elsewhere:
        found = from_elsewhere(found, settings_of(found.keeper, Settings).public_url)
    print(as_yaml(found, spelt_out=True), end="")
