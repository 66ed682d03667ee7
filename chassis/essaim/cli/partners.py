"""`essaim partner`: who takes part from elsewhere, and who reads; each has a key of its own."""

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from essaim_contracts.fact import all_facts
from nats.errors import Error as NatsError
from rich.table import Column, Table

from essaim.broker.topology import TopologyRefused
from essaim.cli.reach import desk_here, err, fail, hub_here, out, say_json
from essaim.clock import PARIS
from essaim.consortium.file import UnreadableConsortium
from essaim.consortium.partners import Partner, Reader
from essaim.consortium.rules import EVERYTHING
from essaim.operating import joining
from essaim.operating.desk import Desk
from essaim.operating.handover import (
    FolderInTheWay,
    Hub,
    check_free,
    files_of,
    write_folder,
    zipped,
)
from essaim.operating.joining import Joined, NotTold
from essaim.operating.seen import Seen, seen_at
from essaim.refusal import Refusal
from essaim.text.file_errors import WrongFile
from essaim.text.languages import CHASSIS, tongue_of

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Partners that run a service elsewhere, and readers.")

To = Annotated[
    Path | None,
    typer.Option(help="The folder to write; `-` writes it as a .zip on standard output."),
]
Which = Annotated[str, typer.Argument(help="A service or a reader, as `list` names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]
Several = Annotated[list[str] | None, typer.Option()]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The organisation; of a reader, its user's name.")],
    service: Annotated[str | None, typer.Option(help="The service it runs.")] = None,
    reads: Annotated[
        list[str] | None,
        typer.Option(help="What it reads: types, or their middle (trophy.awarded), or everything."),
    ] = None,
    programme: Annotated[list[str] | None, typer.Option(help="Of these programmes only.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Of a reader: who it is.")] = None,
    one_at_a_time: Annotated[bool, typer.Option(help="Of a reader: in order, one by one.")] = False,
    pages: Annotated[str | None, typer.Option(help="Of a service: https://… of its pages.")] = None,
    says: Annotated[list[str] | None, typer.Option(help="Of a service not ours: types.")] = None,
    hears: Annotated[list[str] | None, typer.Option(help="Of a service not ours: types.")] = None,
    title: Annotated[tuple[str, str] | None, typer.Option(help="French, English.")] = None,
    purpose: Annotated[tuple[str, str] | None, typer.Option(help="French, English.")] = None,
    to: To = None,
) -> None:
    """Let somebody join: NAME --service S runs a service elsewhere, NAME --reads FACTS reads.

    Writes the folder to hand over: its key, which is kept nowhere else, settings and a guide.
    """
    if (service is None) == (reads is None):
        fail("Say what it does: either --service S, or --reads FACTS.", 2)
    folder = to or Path(service or name)
    _check_free(folder)
    hub = hub_here(desk_here())
    given: dict[str, Any] = {"programmes": _listed(programme)}
    if service is not None:
        given |= {"organisation": name, "pages": pages, "says": _types(says)}
        given |= {"hears": _types(hears), "title": _both(title), "purpose": _both(purpose)}
        joined = _done(lambda desk: joining.add_service(desk, service, _without_none(given)))
    else:
        given |= {"organisation": organisation or name, "reads": _types(reads)}
        given |= {"one_at_a_time": one_at_a_time or None}
        joined = _done(lambda desk: joining.add_reader(desk, name, _without_none(given)))
    _hand_over(joined, hub, folder)
    if service in desk_here().services and isinstance(joined.who, Partner):
        err.print(_left_to_do(joined.who), markup=False, soft_wrap=True)


@app.command("list")
def list_(json: AsJson = False) -> None:
    """List who takes part, with how each was seen at the broker."""
    desk, seen = desk_here(), _seen()
    everybody = _done(lambda desk: desk.consortium()).everybody
    if json:
        say_json([_summary(desk, one, seen.get(one.name, Seen())) for one in everybody])
        return
    table = Table(Column("name", no_wrap=True), "who", "does", "key", "at the broker", "last said")
    for one in everybody:
        summary = _summary(desk, one, seen.get(one.name, Seen()))
        does = "runs a service" if isinstance(one, Partner) else "reads"
        key = f"{one.key[:8]}…" if one.key else summary["key"]
        rest = (summary["at the broker"], summary["last said"] or "")
        table.add_row(one.name, one.organisation, does, key, *rest)
    out.print(table)


@app.command()
def show(name: Which, json: AsJson = False) -> None:
    """Show one: what it may, its key, when it was seen, what waits for it."""
    desk = desk_here()
    who = _done(lambda desk: joining.find(desk.consortium(), name))
    summary = _summary(desk, who, _seen().get(name, Seen()))
    if json:
        say_json(summary)
        return
    for label, value in summary.items():
        out.print(f"[bold]{label}[/bold]: ", end="")
        out.print(str(value if value not in (None, "") else "none"), markup=False)


@app.command()
def rotate(name: Which, to: To = None) -> None:
    """Give it a new key; the one it has is refused from now on. Gives a revoked one its right back.

    A service that runs here takes its new key by itself.
    """
    here = _done(lambda desk: desk.consortium()).here
    folder = to or Path(name)
    if name not in here:
        _check_free(folder)
    hub = hub_here(desk_here())
    joined = _done(lambda desk: joining.rotate(desk, name))
    if name in here:
        err.print(f"{name} has a new key, and takes it by itself.")
    else:
        _hand_over(joined, hub, folder)


@app.command("file")
def file_(
    put: Annotated[
        bool, typer.Option("--put", help="Take the one on standard input instead.")
    ] = False,
) -> None:
    """Print the consortium file as it is written, to change by hand; `--put` takes it back."""
    if not put:
        print(desk_here().file.read_text(encoding="utf-8"), end="")
        return
    written = sys.stdin.read()
    _done(lambda desk: joining.put(desk, written))
    out.print("The file is taken; services here follow it within seconds.")


@app.command()
def revoke(
    name: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Refuse it from now on. What it said stays, and what waits for it."""
    _done(lambda desk: joining.find(desk.consortium(), name))
    if not yes:
        typer.confirm(f"Refuse {name} from now on?", abort=True, err=True)
    today = datetime.now(PARIS).date()
    _done(lambda desk: joining.revoke(desk, name, today))
    out.print(f"{name} is revoked; `essaim partner rotate {name}` gives it its right back.")


def _done(act: Callable[[Desk], T]) -> T:
    """Do it; what forbids it is an end that says why."""
    desk = desk_here()
    tongue = tongue_of(CHASSIS, "en")
    try:
        return act(desk)
    except Refusal as refusal:
        fail(tongue.refusal(refusal))
    except WrongFile as wrong:
        fail("\n".join(dict.fromkeys(tongue.refusal(error.why) for error in wrong.errors)))
    except (UnreadableConsortium, TopologyRefused, NotTold) as error:
        fail(str(error))
    except (OSError, NatsError) as error:
        where = desk.url or desk.file
        fail(f"Nothing has changed: {where} cannot be used ({error or type(error).__name__}).")


def _seen() -> dict[str, Seen]:
    """How everybody was seen; nothing, and why, where the broker does not say."""
    desk = desk_here()
    try:
        return seen_at(desk)
    except (OSError, NatsError) as error:
        words = f"The broker {desk.url} does not say who is there: {error or type(error).__name__}."
        err.print(words, style="yellow", markup=False, soft_wrap=True)
        return {}


def _summary(desk: Desk, who: Partner | Reader, seen: Seen) -> dict[str, Any]:
    return {
        "name": who.name,
        "organisation": who.organisation,
        "does": _does(who),
        "programmes": "all" if who.programmes is None else ", ".join(sorted(who.programmes)),
        "key": _key(who),
        "at the broker": _at_the_broker(seen) if desk.url else "it does not run",
        "last said": _moment(seen.heard),
        "waiting": seen.waiting,
    }


def _does(who: Partner | Reader) -> str:
    if isinstance(who, Partner):
        return "runs a service" + (f" ({who.pages})" if who.pages else "")
    return f"reads {EVERYTHING if who.reads is None else ', '.join(sorted(who.reads))}"


def _key(who: Partner | Reader) -> str:
    if who.revoked:
        return f"revoked on {who.revoked}"
    return who.key or "made here"


def _at_the_broker(seen: Seen) -> str:
    if seen.connected:
        return f"connected from {seen.connected.address} since {_moment(seen.connected.since)}"
    if seen.refused:
        return f"refused to {seen.refused.address} at {_moment(seen.refused.since)}"
    return "not connected"


def _moment(at: datetime | None) -> str | None:
    """In Paris; without the day where it is today's."""
    if at is None:
        return None
    here, today = at.astimezone(PARIS), datetime.now(PARIS).date()
    return here.strftime("%H:%M:%S" if here.date() == today else "%Y-%m-%d %H:%M")


def _without_none(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _both(texts: tuple[str, str] | None) -> dict[str, str] | None:
    return {"fr": texts[0], "en": texts[1]} if texts else None


def _listed(given: Iterable[str] | None) -> list[str] | None:
    """Several of an option, or apart by commas in one."""
    return (
        [one.strip() for each in given for one in each.split(",") if one.strip()] if given else None
    )


def _types(given: list[str] | None) -> list[str] | None:
    """Types of facts in full; their middle says which, where there is one only."""
    known = [fact.type for fact in all_facts()]
    types = []
    for one in _listed(given) or ():
        meant = [type for type in known if f".{one}." in type]
        types += meant if len(meant) == 1 else [one]
    return types or None


def _check_free(folder: Path) -> None:
    """Before anything is changed: a key that cannot be written would be lost."""
    if str(folder) == "-":
        if sys.stdout.isatty():
            fail("Standard output is a terminal. Send the .zip to a file: … --to - > folder.zip", 2)
        return
    try:
        check_free(folder)
    except FolderInTheWay as error:
        fail(str(error), 2)


def _hand_over(joined: Joined, hub: Hub, folder: Path) -> None:
    desk, name = desk_here(), joined.who.name
    files = files_of(joined, hub)
    if str(folder) == "-":
        sys.stdout.buffer.write(zipped(name, files))
    else:
        write_folder(folder, files)
    where = "the .zip" if str(folder) == "-" else str(folder)
    reach = "" if desk.url else " The broker does not run; it knows when it starts."
    err.print(
        f"{name} may connect with the key in {where}. Hand that over by a way nobody else reads, "
        f"then delete it: the key is kept nowhere else.{reach}",
        markup=False,
        soft_wrap=True,
    )


def _left_to_do(who: Partner) -> str:
    """What the operator has to know of a service of ours that runs elsewhere from now on."""
    pages = (
        "" if who.host else f" Its pages stay at {who.pages} of this host: --pages names others."
    )
    return (
        f"What still runs here as {who.service} is refused now: start that anew (`essaim up`, or "
        f"`docker compose up -d --force-recreate {who.service}`). Its database goes along: "
        f"docs/operators.md, « One of ours handed over ».{pages}"
    )
