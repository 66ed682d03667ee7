"""`essaim`: run services, look after the broker, the dead letters and the stream."""

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from essaim.cli import (
    backup,
    conform,
    dead,
    desk,
    doctor,
    facts,
    partners,
    rebuild,
    retention,
    sandbox,
    services,
    stream,
    tokens,
    topology,
)
from essaim.cli.reach import State
from essaim.observing.logs import set_up_logs
from essaim.running.garbage import collect_rarely
from essaim.service import installed_services
from essaim.settings import LEVELS

app = typer.Typer(
    name="essaim",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Several organisations run one support programme together.",
)


@app.callback()
def common(
    data: Annotated[
        Path, typer.Option(envvar="ESSAIM_DATA", help="The folder of databases and documents.")
    ] = State.data,
    log_level: Annotated[str, typer.Option(envvar="ESSAIM_LOG_LEVEL")] = "INFO",
    json_logs: Annotated[
        bool, typer.Option("--json-logs", envvar="ESSAIM_JSON_LOGS", help="Logs as JSON lines.")
    ] = False,
) -> None:
    """Options of every command."""
    # What we write is about people: it is for this user alone.
    os.umask(0o077)
    if log_level.upper() not in LEVELS and log_level != os.environ.get("ESSAIM_LOG_LEVEL"):
        raise typer.BadParameter(f"Write {', '.join(LEVELS)}.", param_hint="--log-level")
    State.data = data
    set_up_logs(log_level, as_json=json_logs)
    collect_rarely()


app.command("up")(services.up)
app.command("run")(services.run)
app.command("describe")(services.describe)
app.command("migrate")(services.migrate)
app.command("consortium")(services.consortium)
app.command("sign-in-key")(tokens.sign_in_key)
app.add_typer(tokens.commands, name="token")
app.command("sandbox")(sandbox.sandbox)
app.command("conform")(conform.conform)
app.command("doctor")(doctor.doctor)
app.command("rebuild")(rebuild.rebuild)
app.add_typer(partners.app, name="partner")
app.command("desk")(desk.desk)
app.add_typer(topology.app, name="topology")
app.add_typer(facts.app, name="facts")
app.add_typer(dead.app, name="dead")
app.add_typer(stream.app, name="stream")
app.add_typer(backup.app, name="backup")
app.add_typer(retention.app, name="retention")
for _service in installed_services().values():
    if _service.commands is not None:
        app.add_typer(_service.commands)
# Distributions that are no service bring a command each: the demo does.
for _point in sorted(entry_points(group="essaim.commands")):
    app.command(_point.name)(_point.load())
