"""`essaim dead`: facts a service could not read, handle or publish, and what to do of them."""

import base64
from collections.abc import Callable
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from rich.table import Column, Table

from essaim.cli.reach import database_of, fail, named, out, say_json
from essaim.hearing import dead
from essaim.hearing.retries import count_waiting, make_due
from essaim.service import installed_services
from essaim.telling import parked

app = typer.Typer(no_args_is_help=True, help="Dead letters: list, show, retry, discard.")

AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]
Which = Annotated[str, typer.Argument(help="SERVICE/NUMBER, as `list` prints it.")]


@app.command("list")
def list_(
    service: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    closed: Annotated[bool, typer.Option(help="Those retried or discarded, instead.")] = False,
    json: AsJson = False,
) -> None:
    """List dead letters, and facts the stream refused (`parked`); say what is still tried."""
    rows: list[dict[str, Any]] = []
    waiting: dict[str, int] = {}
    for one in [named(service)] if service else installed_services().values():
        with database_of(one) as database, database.read() as db:
            rows += [_summary(one.name, row) for row in dead.list_dead(db, closed=closed)]
            rows += [] if closed else _parked(db, one.name)
            waiting[one.name] = count_waiting(db)
    if json:
        say_json(rows)
        return
    out.print(_table(rows) if rows else "No dead letter.")
    for name, count in waiting.items():
        if count and not closed:
            out.print(
                f"{name}: {count} facts failed or wait behind one that did; tried again soon, and "
                f"at once after `essaim dead retry {name}`."
            )


def _table(rows: list[dict[str, Any]]) -> Table:
    # Whole, however narrow the terminal: `retry` asks for it.
    table = Table(Column("which", no_wrap=True), "type", "attempts", "since", "reason")
    for row in rows:
        table.add_row(
            row["which"], row["type"], str(row["attempts"]), str(row["since"]), row["reason"][:200]
        )
    return table


@app.command()
def show(which: Which, json: AsJson = False) -> None:
    """Show one letter whole: headers, body, reason, place in the stream."""
    service, _, number = _split(which)
    with database_of(named(service)) as database, database.read() as db:
        try:
            row = dead.show(db, number)
        except dead.NoSuchLetter as error:
            fail(str(error))
    letter = _summary(service, row) | {
        "id": row.id,
        "subject": row.subject,
        "stream_seq": row.stream_seq,
        "headers": row.headers,
        "body": _readable(row.body),
        "closed_as": row.closed_as,
    }
    if json:
        say_json(letter)
        return
    for name, value in letter.items():
        out.print(f"[bold]{name}[/bold]: ", end="")
        out.print(str(value), markup=False)


@app.command()
def retry(which: Which) -> None:
    """Handle a letter again, or publish a parked fact again; it happens within two seconds.

    SERVICE alone has it try at once what failed and waits for its time.
    """
    if which in installed_services():
        with database_of(named(which)) as database, database.write() as db:
            out.print(f"{which} will try {make_due(db)} facts again, and what waits behind them.")
        return
    _change(which, dead.retry, parked.unpark)
    out.print(f"{which} will be tried again.")


@app.command()
def discard(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Close a letter, or give a parked fact up. It stays readable."""
    if not yes:
        typer.confirm(f"Give {which} up?", abort=True)
    _change(which, dead.discard, parked.discard)
    out.print(f"{which} is discarded.")


def _change(
    which: str,
    letter: Callable[[sa.Connection, int], None],
    parked: Callable[[sa.Connection, int], bool],
) -> None:
    service, kind, number = _split(which)
    with database_of(named(service)) as database, database.write() as db:
        if kind == "parked":
            if not parked(db, number):
                fail(f"There is no parked fact {which}. See `essaim dead list`.")
            return
        try:
            letter(db, number)
        except dead.NoSuchLetter as error:
            fail(str(error))


def _split(which: str) -> tuple[str, str, int]:
    """`candidatures/3` is a letter, `candidatures/parked-12` a parked fact."""
    service, _, rest = which.partition("/")
    kind, _, number = rest.rpartition("-")
    if not number.isdigit() or kind not in ("", "parked"):
        fail(f"{which!r} is not of the form SERVICE/NUMBER, like candidatures/3.", 2)
    return service, kind or "letter", int(number)


def _summary(service: str, row: dead.DeadLetter) -> dict[str, Any]:
    return {
        "which": f"{service}/{row.number}",
        "type": row.type or "unreadable",
        "attempts": row.attempts,
        "since": row.died_at,
        "reason": row.reason,
    }


def _parked(db: sa.Connection, service: str) -> list[dict[str, Any]]:
    return [
        {
            "which": f"{service}/parked-{row.position}",
            "type": row.subject,
            "attempts": 1,
            "since": row.told_at,
            "reason": row.reason,
        }
        for row in parked.list_parked(db)
    ]


def _readable(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"base64:{base64.b64encode(body).decode()}"
