"""`essaim retention`: what is kept of people until when, and forgetting what is due."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any

import typer

from essaim.cli.reach import consortium_here, database_of, fail, named, out, say_json
from essaim.clock import PARIS, SystemClock
from essaim.keeping.database import Database
from essaim.retention.forgetting import forget_due
from essaim.retention.plan import Durations, Lot, plan
from essaim.service import Service, installed_services
from essaim.text.languages import tongue_of
from essaim.work import open_work

app = typer.Typer(no_args_is_help=True, help="How long personal data is kept.")

Which = Annotated[
    str | None, typer.Option("--service", help="One service; all installed ones by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]
Counted = list[tuple[Service, Counter[Lot]]]


@app.command("plan")
def show_plan(
    service: Which = None,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="What would be due by another day."),
    ] = None,
    all_lots: Annotated[bool, typer.Option("--all", help="Also what has its time to go.")] = False,
    json: AsJson = False,
) -> None:
    """Say what is due, what is near its end, and what is suspended. Changes nothing."""
    day = on.date() if on else _today()
    counted = _counted(service)
    shown = [(one, lot, n) for one, lots in counted for lot, n in lots.items()]
    shown = [row for row in shown if all_lots or row[1].is_near(day) or row[1].is_suspended]
    if json:
        say_json([_as_json(*row, day) for row in shown])
        return
    for one, lot, number in shown:
        out.print(_words(one, lot, number, day), markup=False, soft_wrap=True)
    if not shown:
        out.print(f"Nothing is due on {day}, nor within 30 days of it.")


@app.command()
def apply(
    service: Which = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: AsJson = False,
) -> None:
    """Forget what is due, for ever. Shows it first and asks; the same twice does nothing."""
    today = _today()
    due = [
        (one, {lot: number for lot, number in lots.items() if lot.is_due(today)})
        for one, lots in _counted(service)
    ]
    if any(lots for _, lots in due) and not yes:
        _ask(due, today, quiet=json)
    done = {one.name: _forget(one) for one, lots in due if lots}
    if json:
        say_json(done)
        return
    for name, counted in done.items():
        for code, number in counted.items():
            out.print(f"{name}.{code}: {number} forgotten")
    if not done:
        out.print("Nothing is due.")


def _ask(due: list[tuple[Service, dict[Lot, int]]], today: date, *, quiet: bool) -> None:
    if quiet:
        fail("Nothing was done: --json asks nobody, so it wants --yes.", 2)
    for one, lots in due:
        for lot, number in lots.items():
            out.print(_words(one, lot, number, today), markup=False, soft_wrap=True)
    typer.confirm("Forget all of this for ever?", abort=True)


def _forget(service: Service) -> Counter[str]:
    """Transaction after transaction, until nothing is left that can go."""
    durations = consortium_here().durations_of(service.name)
    done: Counter[str] = Counter()
    with database_of(service) as database:
        while some := _some(database, service, durations):
            done += some
    return done


def _some(database: Database, service: Service, durations: Durations) -> Counter[str]:
    with open_work(database, SystemClock()) as work:
        return forget_due(
            work,
            service.retention,
            durations,
            only_announced=False,
            says=service.retention_says,
        )


def _counted(service: str | None) -> Counted:
    chosen = [named(service)] if service else list(installed_services().values())
    return [(one, _plan_of(one)) for one in chosen if one.retention]


def _plan_of(service: Service) -> Counter[Lot]:
    durations = consortium_here().durations_of(service.name)
    with database_of(service) as database, database.read() as db:
        return plan(db, service.retention, durations)


def _today() -> date:
    return SystemClock().now().astimezone(PARIS).date()


def _words(service: Service, lot: Lot, number: int, day: date) -> str:
    _ = tongue_of(service.name, "en")
    what = f"{service.name}.{lot.rule.code}  {lot.of}: {number}"
    return f"{what}, {_state(lot, day)}. {_(lot.rule.what)} ({_(lot.rule.basis.value)})"


def _state(lot: Lot, day: date) -> str:
    if lot.is_suspended:
        return "suspended"
    if lot.ends_on is None:
        return "its time has not begun"
    return f"due since {lot.ends_on}" if lot.is_due(day) else f"until {lot.ends_on}"


def _as_json(service: Service, lot: Lot, number: int, day: date) -> dict[str, Any]:
    return {
        "rule": f"{service.name}.{lot.rule.code}",
        "of": lot.of,
        "programme": lot.programme,
        "number": number,
        "ends_on": lot.ends_on,
        "due": lot.is_due(day),
        "suspended": lot.is_suspended,
        "basis": lot.rule.basis.name.lower(),
    }
