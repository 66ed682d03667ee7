"""`essaim stream`: the stream of facts against the partners' journals."""

from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from essaim.cli.reach import (
    broker_of,
    consortium_here,
    database_of,
    named,
    operator_connection,
    out,
    run,
    say_json,
)
from essaim.keeping.database import Database
from essaim.operating import restore as restoring
from essaim.operating import verify as verifying
from essaim.operating.own import OwnVerified, verify_own
from essaim.service import installed_services

app = typer.Typer(no_args_is_help=True, help="Verify the stream, restore what it lost.")


@app.command()
def verify(
    service: Annotated[
        str | None,
        typer.Argument(
            help="This one alone, with its own key: for a partner on its own host, who sees the "
            "newest fact of each of its subjects. By default all that run here, as the operator."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
) -> None:
    """Compare the stream with every journal. Ends with 1 when they differ."""
    if service is not None:
        _verify_alone(service, json)
        return
    with ExitStack() as stack:
        found = run(_verify(_journals(stack)))
    if json:
        say_json([asdict(result) | {"sound": result.sound} for result in found])
    else:
        table = Table(
            "service", "told", "in the stream", "to publish", "missing", "altered", "unknown"
        )
        for result in found:
            counts = (result.told, result.in_stream, result.unpublished)
            wrong = (len(result.missing), len(result.altered), len(result.unknown))
            table.add_row(result.service, *map(str, counts + wrong))
        out.print(table)
        _say_who_is_elsewhere("was not compared: its journal is there, and its readiness says it")
    if not all(result.sound for result in found):
        if not json:
            _say_what_to_do(found)
        raise typer.Exit(1)


def _verify_alone(service: str, json: bool) -> None:
    with database_of(named(service)) as database:
        found = run(_verify_own(service, database))
    if json:
        say_json(asdict(found) | {"sound": found.sound})
    else:
        _say_own(found)
    if not found.sound:
        raise typer.Exit(1)


def _say_own(found: OwnVerified) -> None:
    out.print(
        f"{found.service} told {found.told} facts on {found.subjects} subjects; "
        f"{found.unpublished} to publish. By what the stream holds last of each subject, "
        f"{len(found.missing)} facts are missing, {len(found.altered)} altered, "
        f"{len(found.unknown)} unknown to the journal.",
        soft_wrap=True,
    )
    if found.missing:
        out.print(f"Missing: `essaim stream restore {found.service}` publishes them again.")
    if found.altered or found.unknown:
        out.print("Altered or unknown: tell the operator, whose `essaim stream verify` says more.")
    if found.sound:
        out.print(
            "With its own key a partner sees no more: what lies before the newest fact of a "
            "subject is compared by the operator, where this service's journal is at hand.",
            soft_wrap=True,
        )


def _say_what_to_do(found: list[verifying.Verified]) -> None:
    if any(result.missing for result in found):
        out.print("Missing: `essaim stream restore` publishes them again, in their former order.")
    if any(result.unknown for result in found):
        out.print(
            "Unknown to the journal: that service's database is older than the stream, as after a "
            "backup was put back. The partners keep these facts; `essaim facts export` reads them, "
            "so that what they say can be entered again."
        )
    if any(result.altered for result in found):
        out.print(
            "Altered: the stream holds other words under the same id. Readers keep what the stream "
            "says; `essaim facts show` and the service's pages tell the difference."
        )


@app.command()
def restore(
    service: Annotated[
        str | None,
        typer.Argument(
            help="This one alone, with its own key: for a partner on its own host. By default all "
            "that run here, as the operator."
        ),
    ] = None,
) -> None:
    """Publish again, in their former order, the facts the stream lost."""
    if service is not None:
        with database_of(named(service)) as database:
            restored = run(_restore_own(service, database))
        out.print(f"{restored} facts of {service} restored.")
        return
    with ExitStack() as stack:
        restored = run(_restore(_journals(stack)))
    out.print(f"{restored} facts restored.")
    _say_who_is_elsewhere("was not restored here: run `essaim stream restore {}` there")


def _journals(stack: ExitStack) -> dict[str, Database]:
    """Those of our services that run here: one that was handed over writes its own elsewhere."""
    here = consortium_here().here
    return {
        name: stack.enter_context(database_of(service))
        for name, service in installed_services().items()
        if name in here
    }


def _say_who_is_elsewhere(what: str) -> None:
    elsewhere = [one.service for one in consortium_here().partners if one.key or one.revoked]
    for name in elsewhere:
        out.print(f"{name} runs elsewhere, and {what.format(name)}.", markup=False, soft_wrap=True)


async def _restore_own(service: str, database: Database) -> int:
    async with broker_of(service) as broker:
        return await restoring.restore_own(broker, service, database)


async def _verify_own(service: str, database: Database) -> OwnVerified:
    async with broker_of(service) as broker:
        return await verify_own(broker, service, database)


async def _verify(journals: dict[str, Database]) -> list[verifying.Verified]:
    async with operator_connection() as connection:
        return await verifying.verify(connection, journals)


async def _restore(journals: dict[str, Database]) -> int:
    async with operator_connection() as connection:
        return await restoring.restore(connection, journals)
