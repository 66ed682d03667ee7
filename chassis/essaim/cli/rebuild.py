"""`essaim rebuild`: a read model made again from the first fact."""

import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from essaim.cli.reach import broker_of, consortium_here, database_of, fail, named, out, say_json
from essaim.cli.reach import run as run_task
from essaim.hearing.projection import Projection
from essaim.hearing.pull import PullLost
from essaim.keeping.database import Database
from essaim.operating.rebuild import RebuildFailed, Rebuilt
from essaim.operating.rebuild import rebuild as rebuild_model
from essaim.operating.shares import ProcessLost


def rebuild(
    service: Annotated[str, typer.Argument(help="The service with the read model: reporting.")],
    compare: Annotated[
        bool, typer.Option("--compare", help="Only compare; ends with 1 when they differ.")
    ] = False,
    processes: Annotated[
        int,
        typer.Option(min=1, max=64, help="How many project at once. By default one for each core."),
    ] = min(8, os.cpu_count() or 1),
    json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
) -> None:
    """Make a read model again from the stream, compare it with the served one, and swap it in."""
    found = named(service)
    if not isinstance(found.hearing, Projection):
        fail(f"{service} has no read model made by projectors. Rebuild reporting.", 2)
    with database_of(found) as database:
        try:
            result = run_task(
                _rebuild(
                    database,
                    service,
                    found.hearing,
                    not compare,
                    processes=processes,
                    quiet=json,
                )
            )
        except (RebuildFailed, ProcessLost, PullLost) as error:
            fail(f"Nothing was changed: {error}")
    if json:
        say_json(asdict(result) | {"equal": result.equal})
    else:
        _say(result, compare)
    if compare and not result.equal:
        raise typer.Exit(1)


async def _rebuild(
    database: Database,
    service: str,
    projection: Projection,
    swap: bool,
    *,
    processes: int,
    quiet: bool,
) -> Rebuilt:
    async with broker_of(service) as broker:
        with Progress(disable=quiet) as bar:
            task = bar.add_task("facts", total=None)
            return await rebuild_model(
                database,
                broker,
                service,
                projection,
                swap=swap,
                said=consortium_here().said,
                processes=processes,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )


def _say(result: Rebuilt, compare: bool) -> None:
    for difference in result.differences:
        out.print(
            f"{difference.table}: {difference.served} rows served, {difference.rebuilt} rebuilt, "
            f"{difference.differing} differ"
        )
    verdict = "equal to the served model" if result.equal else "different from the served model"
    done = "" if compare else " It now serves."
    out.print(f"{result.facts} facts read up to {result.last_seq}: {verdict}.{done}")
