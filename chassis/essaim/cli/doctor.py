"""`essaim doctor`: says in plain words what is wrong, and how to mend it."""

import asyncio
import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from nats.errors import Error as NatsError

from essaim.backup.checking import all_notes
from essaim.backup.place import PlaceRefused, place_of
from essaim.broker.topology import OPERATOR, plan, wanted
from essaim.cli.broker_findings import (
    Finding,
    of_clock,
    of_clocks,
    of_directory,
    of_follower,
    of_room,
    of_told,
    silent_broker,
)
from essaim.cli.reach import (
    State,
    broker_of,
    desk_if_here,
    operator_connection,
    out,
    partner_here,
    run_here,
    say_json,
    settings_of,
    unknown_settings,
    wrong_settings,
)
from essaim.clock import PARIS
from essaim.consortium.file import NoSuchFile, UnreadableConsortium, consortium_of
from essaim.consortium.partners import Consortium, Partner
from essaim.hearing.dead import count_dead
from essaim.keeping.database import Database
from essaim.keeping.last_backup import LastBackup, last_backup
from essaim.keeping.migration import missing_migrations
from essaim.operating.certificate import certificate_of
from essaim.operating.clocks import look_at_clocks
from essaim.operating.hub import (
    clock_ahead,
    entries_of_nobody,
    look_at_followers,
    look_at_room,
    told_in_a_day,
)
from essaim.operating.seen import refused_of_late
from essaim.retention.forgetting import count_due
from essaim.running.embedded import running_note
from essaim.running.nats_server import BrokerNotStarted, nats_server_binary
from essaim.service import Service, installed_services
from essaim.settings import Settings
from essaim.telling.outbox import backlog

_LITTLE_DISK = 500 * 1024 * 1024
_OLD_BACKUP = timedelta(hours=36)
_MEND_BACKUP = "Run `essaim backup create`, and let it run every night (docs/backup.md)."


def doctor(
    json: Annotated[bool, typer.Option("--json", help="For a script.")] = False,
) -> None:
    """Look at everything a consortium needs here. Ends with 1 when something is wrong."""
    findings = [*_this_machine(), *_settings()]
    if all(finding.ok for finding in findings if finding.what == "settings"):
        findings += [*_consortium(), _backup()]
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
    # Where nothing is kept in it, as in the operator's container, this disk is the host's.
    is_used = State.data.is_dir() and any(State.data.iterdir())
    folder = (State.data if is_used else Path()).resolve()
    free = shutil.disk_usage(folder).free
    findings.append(
        Finding(
            "disk", free > _LITTLE_DISK, f"{free // 1024**2:,} MiB free in {folder.name}",
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
    here = run_here(found)
    looked = [finding for service in here for finding in _looked_at(service)]
    return [
        Finding("consortium", True, words),
        *_broker(found),
        *_refused(),
        *looked,
        *_pages([one.name for one in here]),
    ]


def _backup() -> Finding:
    """How old the newest backup is, where one is looked for."""
    settings = settings_of(OPERATOR, Settings)
    if not (settings.backup_to and settings.backup_recipient):
        words = "where they lie is not looked at: ESSAIM_BACKUP_TO and _RECIPIENT are not set here"
        return Finding("backup", True, words)
    try:
        newest = all_notes(place_of(settings.backup_to))[-1:]
    except PlaceRefused as error:
        return Finding("backup", False, str(error), "See that the place can be reached.")
    if not newest:
        return Finding("backup", False, f"none at {settings.backup_to} yet", _MEND_BACKUP)
    age = datetime.now(UTC) - newest[0].created_at
    words = f"{newest[0].name}, {age.total_seconds() / 3600:.0f} hours old"
    return Finding("backup", age < _OLD_BACKUP, words, _MEND_BACKUP)


def _broker(consortium: Consortium) -> list[Finding]:
    url = settings_of(OPERATOR, Settings).nats_url

    async def look_as(partner: Partner) -> list[Finding]:
        """All that its rights let it see."""
        async with broker_of(partner.service) as broker:
            mine = await look_at_followers(broker.connection, [partner.service])
            clock = [of_clock(await clock_ahead(broker.connection, one.name)) for one in mine]
            return [Finding("broker", True, f"answers at {url}"), *clock, *map(of_follower, mine)]

    async def look() -> list[Finding]:
        async with operator_connection() as connection:
            steps = await plan(connection, wanted(consortium))
            words = "; ".join(f"{step.what}: {step.change}" for step in steps) or "as declared"
            findings = [
                Finding("broker", True, f"answers at {url}"),
                Finding("topology", not steps, words, "Run `essaim topology apply`."),
            ]
            if not steps:
                findings += [of_room(await look_at_room(connection))]
                findings += [of_told(await told_in_a_day(connection, consortium.services))]
                findings += [of_directory(await entries_of_nobody(connection), consortium)]
                wrong = await look_at_clocks(connection)
                findings += [of_clock(await clock_ahead(connection)), *of_clocks(wrong)]
                followers = await look_at_followers(connection, consortium.services)
                findings += [of_follower(follower) for follower in followers]
            return findings

    try:
        partner = partner_here(consortium)
        return asyncio.run(look_as(partner) if partner else look())
    except Exception as error:
        # Whatever nats-py threw, the doctor's finding is the same.
        return [silent_broker(url, str(error) or type(error).__name__)]


def _refused() -> list[Finding]:
    """Who was refused at the broker's door, where that is looked after from here."""
    desk = desk_if_here()
    if desk is None or not desk.url:
        return []
    try:
        refused = refused_of_late(desk)
    except (OSError, NatsError):
        return []  # said already: it does not answer
    return [
        Finding(
            "key", name is not None,
            f"{name or f'{one.key}, which is nobody’s,'} was refused to {one.address} at "
            f"{one.since.astimezone(PARIS):%H:%M:%S}",
            "A partner whose key was changed? Hand it the new folder: `essaim partner rotate`.",
        )
        for name, one in refused
    ]  # fmt: skip


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
            behind, dead, saved = backlog(db), count_dead(db), last_backup(db)
            past = count_due(db, datetime.now(PARIS).date())
        return [
            Finding(what, True, "up to date"),
            _saved(what, saved),
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
            Finding(
                f"{service.name} retention", past == 0, f"{past} lots past their time",
                "`essaim retention plan` says which; `essaim retention apply` forgets them.",
            ),
        ]  # fmt: skip
    finally:
        database.close()


def _saved(what: str, saved: LastBackup | None) -> Finding:
    if saved is None:
        # Nothing is wrong where nobody has begun; whoever looks is told all the same.
        return Finding(f"{what} saved", True, "never: docs/backup.md says how, every night")
    age = datetime.now(UTC) - saved.taken_at
    words = f"saved {age.total_seconds() / 3600:.0f} hours ago, in {saved.name}"
    return Finding(f"{what} saved", age < _OLD_BACKUP, words, _MEND_BACKUP)


def _pages(names: list[str]) -> list[Finding]:
    """What the running services say of themselves: each part that fails, waits or hangs."""
    settings, versions = settings_of(OPERATOR, Settings), dict[str, str]()
    findings = [
        finding
        for what, address in _addresses(settings, names)
        for finding in _said_ready(what, address, versions)
    ]
    if versions:
        findings.append(_versions(versions))
    if settings.public_url.startswith("https:"):
        findings.append(_certificate(settings.public_url))
    return findings


def _addresses(settings: Settings, names: list[str]) -> list[tuple[str, str]]:
    """Where somebody says whether it is ready, and what we call that."""
    note = running_note(State.data)
    if note is not None:
        return [("pages", f"{note['address']}/health/ready")]
    if not settings.services_at:
        return []
    return [
        (f"{one} pages", f"{settings.services_at.replace('{service}', one)}/{one}/health/ready")
        for one in names
    ]


def _said_ready(what: str, address: str, versions: dict[str, str]) -> list[Finding]:
    """The version each service says is noted in `versions`."""
    try:
        answer = httpx.get(address, timeout=15).json()
        states = answer.get("services", [answer])
        versions |= {state["service"]: state["version"] for state in states if "version" in state}
        return [found for state in states for found in (_ready(state), *_away(state))]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        words = f"{address} does not say whether it is ready ({type(error).__name__})"
        return [Finding(what, False, words, "Start it, or restart it; its log says more.")]


def _away(state: dict[str, Any]) -> list[Finding]:
    """The partners whom a service misses; its pages say so too."""
    mend = "See that its service runs and reaches the broker. Nothing is lost: it will catch up."
    return [
        Finding(f"{partner} away", False, f"{state['service']} has not heard it since {at}", mend)
        for partner, at in state.get("away", {}).items()
    ]


def _versions(said: dict[str, str]) -> Finding:
    words = ", ".join(f"{service} {one}" for service, one in said.items())
    return Finding(
        "versions", len(set(said.values())) == 1, words,
        "Expected during an upgrade; else build and start those that were left behind.",
    )  # fmt: skip


def _certificate(url: str) -> Finding:
    now = datetime.now(UTC)
    try:
        found = certificate_of(url)
    except (OSError, ValueError) as error:
        mend = "See the log of Caddy, or of your own proxy; people may reach it all the same."
        return Finding("certificate", False, f"{url} shows none here ({error})", mend)
    return Finding(
        "certificate", found.is_renewed_in_time(now),
        f"until {found.ends:%Y-%m-%d %H:%M} UTC, signed by {found.issuer}",
        "It should have been renewed: are ports 80 and 443 open? See the log of Caddy.",
    )  # fmt: skip


def _ready(state: dict[str, Any]) -> Finding:
    bad = [part for part in state["parts"] if not part["ok"]]
    words = "; ".join(f"{part['name']}: {part['words']}" for part in bad) or "ready"
    return Finding(f"{state['service']} pages", not bad, words, "See its log.")
