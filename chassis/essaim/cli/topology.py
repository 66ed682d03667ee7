"""`essaim topology`: what the broker must hold, against what it holds."""

from pathlib import Path
from typing import Annotated

import typer

from essaim.broker.topology import Step, TopologyRefused, wanted
from essaim.broker.topology import apply as apply_topology
from essaim.broker.topology import plan as plan_topology
from essaim.cli.reach import (
    consortium_here,
    desk_here,
    desk_if_here,
    fail,
    operator_connection,
    out,
    run,
    say_json,
)
from essaim.consortium.file import UnreadableConsortium
from essaim.operating.desk import share as hand_out
from essaim.operating.joining import NotTold, tell

app = typer.Typer(no_args_is_help=True, help="The broker's streams, consumers and rights.")

AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]


@app.command()
def plan(json: AsJson = False) -> None:
    """Say what `apply` would do; changes nothing."""
    steps = run(_plan())
    _show(steps, json, "Would change")


@app.command()
def apply(json: AsJson = False) -> None:
    """Make the broker as declared, and have it read its users anew where they are kept here."""
    try:
        steps = run(_apply())
        desk = desk_if_here()
        if desk is not None:
            tell(desk)
    except (TopologyRefused, NotTold) as error:
        fail(str(error))
    _show(steps, json, "Changed")


@app.command()
def share(
    given: Annotated[Path, typer.Argument(help="With consortium.yaml and keys.json.")],
) -> None:
    """Begin the folder that broker and services read, and take keys that were made elsewhere."""
    desk = desk_here()
    try:
        hand_out(desk, given)
    except (OSError, UnreadableConsortium) as error:
        fail(str(error))
    out.print(f"Broker and services read who takes part in {desk.folder}.")


@app.command()
def check(json: AsJson = False) -> None:
    """End with 1 when the broker differs from what is declared."""
    steps = run(_plan())
    _show(steps, json, "Differs")
    if steps:
        raise typer.Exit(1)


async def _plan() -> list[Step]:
    topology = wanted(consortium_here())
    async with operator_connection() as connection:
        return await plan_topology(connection, topology)


async def _apply() -> list[Step]:
    topology = wanted(consortium_here())
    async with operator_connection() as connection:
        return await apply_topology(connection, topology)


def _show(steps: list[Step], as_json: bool, verb: str) -> None:
    if as_json:
        say_json([{"what": step.what, "change": step.change} for step in steps])
    elif not steps:
        out.print("The broker is as declared.")
    for step in steps if not as_json else []:
        out.print(f"{verb} {step.what}: {step.change}", markup=False)
