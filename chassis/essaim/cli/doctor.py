"""`essaim doctor`: says in plain words what is wrong, and how to mend it."""

import asyncio
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from essaim.broker.topology import OPERATOR, plan, wanted
from essaim.cli.reach import (
    State,
    operator_connection,
    out,
    say_json,
    settings_of,
    unknown_settings,
    wrong_settings,
)
from essaim.consortium.file import NoSuchFile, UnreadableConsortium, consortium_of
from essaim.consortium.partners import Consortium
from essaim.hearing.dead import count_dead
from essaim.hearing.message import storable
from essaim.keeping.database import Database
from essaim.keeping.migration import missing_migrations
from essaim.operating.hub import NEWEST, Room, entries_of_nobody, look_at_room
from essaim.running.embedded import running_note
from essaim.running.nats_server import BrokerNotStarted, nats_server_binary
from essaim.service import Service, installed_services
from essaim.settings import Settings
from essaim.telling.outbox import backlog

_LITTLE_DISK = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do when it is not `ok`."""

    what: str
    ok: bool
    words: str
    mend: str = ""


def doctor(
    json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
) -> None:
    """Look at everything a consortium needs here. Ends with 1 when something is wrong."""
    findings = [*_this_machine(), *_settings()]
    if all(finding.ok for finding in findings if finding.what == "settings"):
        findings += [*_consortium(), *_services(), *_pages()]
    if json:
        say_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "[green]ok  [/green]" if finding.ok else "[red]bad [/red]"
            out.print(mark, end="")
            out.print(f"{finding.what}: {finding.words}", markup=False)
            if not finding.ok:
                out.print(f"      → {finding.mend}", markup=False)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _this_machine() -> list[Finding]:
    services = installed_services()
    findings = [
        Finding(
            "services", bool(services), ", ".join(services) or "none installed",
            "Install at least one: pip install essaim-candidatures.",
        )
    ]  # fmt: skip
    try:
        findings.append(Finding("nats-server", True, nats_server_binary()))
    except BrokerNotStarted as error:
        findings.append(Finding("nats-server", False, "not found", str(error)))
    folder = State.data if State.data.exists() else Path()
    free = shutil.disk_usage(folder).free
    findings.append(
        Finding(
            "disk", free > _LITTLE_DISK, f"{free // 1024**2:,} MiB free in {folder.resolve().name}",
            "Free some room: a full disk refuses submissions, and says so to the people.",
        )
    )  # fmt: skip
    return findings


def _settings() -> list[Finding]:
    services = installed_services().values()
    mend = "Mend it where the services are started; nothing else was looked at."
    wrong = [Finding("settings", False, words, mend) for words in wrong_settings(services)]
    unread = unknown_settings(services)
    return wrong or [Finding("settings", True, " ".join(unread) or "read without a mistake")]


def _consortium() -> list[Finding]:
    try:
        found = consortium_of(settings_of(OPERATOR, Settings))
    except (NoSuchFile, UnreadableConsortium) as error:
        mend = "Mend the file; docs/operators.md explains its keys."
        return [Finding("consortium", False, str(error), mend)]
    words = f"{found.name}: {', '.join(found.services)}"
    return [Finding("consortium", True, words), *_broker(found)]


def _broker(consortium: Consortium) -> list[Finding]:
    url = settings_of(OPERATOR, Settings).nats_url

    async def look() -> list[Finding]:
        async with operator_connection() as connection:
            steps = await plan(connection, wanted(consortium))
            words = "; ".join(f"{step.what}: {step.change}" for step in steps) or "as declared"
            findings = [
                Finding("broker", True, f"answers at {url}"),
                Finding("topology", not steps, words, "Run `essaim topology apply`."),
            ]
            if not steps:
                findings += [_room(await look_at_room(connection))]
                findings += [_directory(await entries_of_nobody(connection), consortium)]
            return findings

    try:
        return asyncio.run(look())
    except Exception as error:
        # Whatever nats-py threw, the doctor's finding is the same.
        words = f"no answer at {url} ({error or type(error).__name__})"
        mend = "Start it with `essaim up` or compose, or set ESSAIM_NATS_URL and _SEED_FILE."
        return [Finding("broker", False, words, mend)]


def _room(room: Room) -> Finding:
    words = f"{room.used / room.most:.0%} full"
    if room.is_scarce:
        said = ", ".join(f"{owner} {size:,} bytes" for owner, size in room.newest)
        words += f"; of its newest {NEWEST:,} messages: {said}"
    return Finding(
        "stream", not room.is_scarce, words,
        "Full, it takes nobody's facts. Ask whoever says too much; then raise "
        "ESSAIM_STREAM_MAX_BYTES and run `essaim topology apply`.",
    )  # fmt: skip


def _directory(nobody: dict[str, str], consortium: Consortium) -> Finding:
    if not nobody:
        return Finding("directory", True, "holds persons only")
    shown = "; ".join(f"{storable(key, 64)}: {why}" for key, why in [*nobody.items()][:5])
    return Finding(
        "directory", False, f"{len(nobody)} entries are no person and are passed over ({shown})",
        f"{consortium.keeper} removes what it did not write: see that it runs, and what it says.",
    )  # fmt: skip


def _services() -> list[Finding]:
    findings = []
    for service in installed_services().values():
        findings += _looked_at(service)
    return findings


def _looked_at(service: Service) -> list[Finding]:
    try:
        return _database(service)
    except Exception as error:
        words = str(error).splitlines()[0]
        mend = "Check that the database server runs and that ESSAIM_DATABASE_URL names it."
        return [Finding(f"{service.name} database", False, words, mend)]


def _database(service: Service) -> list[Finding]:
    settings = settings_of(service.name, service.settings)
    database = Database(settings.database_url_of(service.name))
    what = f"{service.name} database"
    try:
        if database.is_sqlite and not Path(database.url.database or "").exists():
            mend = "Start it once with `essaim up`, or name the folder with --data."
            return [Finding(what, False, f"no file {database.url.database}", mend)]
        missing = missing_migrations(database, service)
        if missing:
            mend = f"Run `essaim migrate {service.name}`."
            return [Finding(what, False, f"lacks {', '.join(missing)}", mend)]
        with database.read() as db:
            behind, dead = backlog(db), count_dead(db)
        return [
            Finding(what, True, "up to date"),
            Finding(
                f"{service.name} outbox", behind.parked == 0 and behind.oldest < 60,
                f"{behind.waiting} to publish, {behind.parked} refused, the oldest "
                f"{behind.oldest:.0f} s ago",
                "See `essaim dead list`; check the broker and the topology above.",
            ),
            Finding(
                f"{service.name} dead letters", dead == 0, str(dead),
                "Read them with `essaim dead list`, then retry or discard each.",
            ),
        ]  # fmt: skip
    finally:
        database.close()


def _pages() -> list[Finding]:
    """What the running services say of themselves: each part that fails, waits or hangs."""
    note = running_note(State.data)
    if note is not None:
        return _said_ready("pages", f"{note['address']}/health/ready")
    asked = settings_of(OPERATOR, Settings).services_at
    if not asked:
        return []
    addresses = {one: asked.replace("{service}", one) for one in installed_services()}
    return [
        finding
        for service, address in addresses.items()
        for finding in _said_ready(f"{service} pages", f"{address}/{service}/health/ready")
    ]


def _said_ready(what: str, address: str) -> list[Finding]:
    try:
        answer = httpx.get(address, timeout=15).json()
        states = answer.get("services", [answer])
        return [_ready(state) for state in states]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        words = f"{address} does not say whether it is ready ({type(error).__name__})"
        return [Finding(what, False, words, "Start it, or restart it; its log says more.")]


def _ready(state: dict[str, Any]) -> Finding:
    bad = [part for part in state["parts"] if not part["ok"]]
    words = "; ".join(f"{part['name']}: {part['words']}" for part in bad) or "ready"
    return Finding(f"{state['service']} pages", not bad, words, "See its log.")
