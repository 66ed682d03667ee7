"""`essaim backup`: everything the consortium keeps in one encrypted archive, checked, and back."""

import asyncio
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer
from nats.errors import Error as NatsError
from rich.table import Column, Table

from essaim.backup import archive, checking, creating, restoring
from essaim.backup.again import erase_again
from essaim.backup.cut import NoCut
from essaim.backup.erased import LIST, erased_in, erased_in_stream, listed_at, note_at, together
from essaim.backup.manifest import Manifest, NotOurs, as_data
from essaim.backup.place import Place, PlaceRefused, place_of
from essaim.backup.places import Places, find_places
from essaim.backup.rotation import NoRule, read_rule
from essaim.broker.topology import OPERATOR, wanted
from essaim.broker.topology import apply as apply_topology
from essaim.cli.reach import (
    State,
    close_to_others,
    consortium_here,
    database_of,
    err,
    fail,
    named,
    operator_connection,
    out,
    run,
    say_json,
    settings_of,
)
from essaim.consortium.file import as_yaml
from essaim.keeping.database import Database
from essaim.keeping.documents import Documents, Unlike
from essaim.keeping.tables import erased_person
from essaim.operating.restore import restore as restore_stream
from essaim.operating.verify import verify as verify_stream
from essaim.running.embedded import Embedded
from essaim.running.holding import AlreadyRunning, held
from essaim.service import Service, installed_services
from essaim.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Save everything, check it, put it back.")

To = Annotated[str, typer.Option("--to", help="A folder, or s3://bucket/folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a script.")]
SecretFile = Annotated[
    Path | None, typer.Option("--secret", help="The file with the secret age key; - to read it.")
]
Name = Annotated[str | None, typer.Argument(help="Which one; the newest by default.")]

FAILURES = (
    AlreadyRunning, archive.Broken, archive.KeyRefused, checking.NoBackup, NoCut, NoRule,
    NotOurs, OSError, PlaceRefused, restoring.NotRestored, Unlike,
)  # fmt: skip
"""Why it does not go; each says what to do."""


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        fail(str(error))


@app.command()
def key() -> None:
    """Make the key that opens backups. Print it, keep it elsewhere, and nowhere on this host."""
    secret, recipient = archive.new_secret()
    print(f"# recipient: {recipient}\n{secret}")
    for words in (
        "Keep what was printed in two places outside this host, on paper for example: without it "
        "no backup opens, and nobody can make it again.",
        f"Here, set ESSAIM_BACKUP_RECIPIENT={recipient}",
    ):
        err.print(words, markup=False, soft_wrap=True)


@app.command()
def create(
    to: To = "",
    recipient: Annotated[str, typer.Option(help="The public age key to encrypt for.")] = "",
    keep: Annotated[str, typer.Option(help="Which ones to keep: 7d,4w,12m.")] = "",
    without: Annotated[
        list[str] | None, typer.Option(help="A service whose database is not kept here.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Save everything into one new archive, while all runs; then remove those not to be kept."""
    settings = settings_of(OPERATOR, Settings)
    close_to_others(State.data)
    with _said(), ExitStack() as stack:
        rule = read_rule(keep or settings.backup_keep)
        whom = recipient or settings.backup_recipient
        if not whom:
            raise archive.KeyRefused(
                "Nobody said whom to encrypt for. Make a key with `essaim backup key`, and set "
                "ESSAIM_BACKUP_RECIPIENT to its public half."
            )
        archive.check_recipient(whom)
        place = _place(to)
        source = _source(stack, settings, _services_but(without or ()))
        made = creating.create(place, source, whom, _placed)
        removed = checking.rotate(place, rule, made)
    if json:
        say_json(as_data(made) | {"removed": removed})
        return
    out.print(f"{made.name}: {_amount(made.size)}, written, and read back as it was written.")
    if not made.placed:
        out.print("The broker did not answer: facts that were on its way will be said anew.")
    if removed:
        out.print(f"Removed, as {keep or settings.backup_keep} says: {', '.join(removed)}.")


@app.command("list")
def list_(to: To = "", json: AsJson = False) -> None:
    """The backups there are, and how many persons in each were erased since."""
    with _said():
        place = _place(to)
        notes, erased = checking.all_notes(place), listed_at(place)
    # The list only grows, and had all whom a backup knew as erased.
    since = {note.name: max(0, len(erased) - note.erased) for note in notes}
    if json:
        say_json([as_data(note) | {"erased_since": since[note.name]} for note in notes])
        return
    backup, erased_since = Column("backup", no_wrap=True), "still in it, erased since"
    table = Table(backup, "size", "facts told", "documents", erased_since)
    for note in notes:
        told = sum(one.told for one in note.services.values())
        documents = sum(one.documents for one in note.services.values())
        row = (_amount(note.size), told, documents, since[note.name])
        table.add_row(note.name, *map(str, row))
    out.print(table)
    if any(since.values()):
        out.print(
            "Who was erased since stays in an older backup until that is removed; a restore "
            "erases her again before anybody is served."
        )


@app.command()
def verify(
    name: Name = None,
    to: To = "",
    secret: SecretFile = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Without the secret: only from outside.")
    ] = False,
) -> None:
    """Check a backup without putting it back. Ends with 1 when it is damaged."""
    with _said():
        place = _place(to)
        note = checking.find_note(place, name)
        checking.check_outside(place, note)
        if quick:
            out.print(f"{note.name}: as it was written. What is in it was not looked at.")
            return
        whole = checking.check_inside(place, note, _secret(secret))
    out.print(f"{note.name}: opens, and its {len(whole.members)} pieces are as they were saved.")


@app.command()
def consortium(name: Name = None, to: To = "", secret: SecretFile = None) -> None:
    """Print the consortium file as it was saved: a new host needs it before anything starts."""
    found: list[bytes] = []

    def take(member: str, content: archive.Hashing) -> None:
        if member == "consortium.yaml":
            found.append(content.read())

    with _said():
        place = _place(to)
        checking.check_inside(place, checking.find_note(place, name), _secret(secret), take)
    print(b"".join(found).decode(), end="")


@app.command()
def erasures(to: To = "") -> None:
    """Note beside the backups who was erased until now: cheap, for every few minutes."""
    with _said(), ExitStack() as stack:
        databases = [stack.enter_context(database_of(one)) for one in installed_services().values()]
        count = note_at(_place(to), together(map(_erased_in, databases)))
    out.print(f"{count} erased persons are on the list {LIST} beside the backups.")


@app.command()
def restore(
    name: Name = None,
    to: To = "",
    secret: SecretFile = None,
    over_data: Annotated[
        bool, typer.Option("--over-data", help="Also where there is data, which is lost.")
    ] = False,
) -> None:
    """Put a backup back, erase again who was erased since, and fill the stream again."""
    settings, installed = settings_of(OPERATOR, Settings), installed_services()
    with _said(), ExitStack() as stack:
        place = _place(to)
        note, words = checking.find_note(place, name), _secret(secret)
        is_embedded = "ESSAIM_NATS_URL" not in os.environ
        if is_embedded:
            stack.enter_context(held(State.data))
        restoring.check_installed(note, installed)
        target = _target(stack, settings, {name: installed[name] for name in note.services})
        restoring.check_can_restore(note, target, over_data=over_data)
        erased = together([*map(_erased_in, target.databases.values()), listed_at(place)])
        whole = restoring.restore(place, note, words, target, erased)
        out.print(f"{note.name} is back: {len(whole.members)} pieces, as they were saved.")
        if is_embedded:
            _with_broker_of(installed, target)
        else:
            run(_fill_stream(target))
    _say_after(note, is_embedded=is_embedded)


def _target(
    stack: ExitStack, settings: Settings, services: Mapping[str, Service]
) -> restoring.Target:
    State.data.mkdir(parents=True, exist_ok=True)
    databases = {}
    for name, service in services.items():
        database = Database(settings_of(name, service.settings).database_url_of(name))
        stack.callback(database.close)
        databases[name] = database
    documents = _documents(settings, services)
    folder = settings.backup_keys or State.data
    return restoring.Target(services, databases, documents, folder, State.data)


def _with_broker_of(services: Mapping[str, Service], target: restoring.Target) -> None:
    """The broker of this folder, with its keys as they are now, while no service runs."""
    embedded = Embedded(dict(services), State.data)
    try:
        with embedded.broker_alone():
            run(_fill_stream(target))
    finally:
        embedded.close()


async def _fill_stream(target: restoring.Target) -> None:
    """What the stream lost comes from the journals; who it says was erased is erased first."""
    async with operator_connection() as connection:
        await apply_topology(connection, wanted(consortium_here()))
        erased = await erased_in_stream(connection)
        for name, database in target.databases.items():
            with database.write() as db:
                erase_again(db, target.services[name], erased, say=False)
        journals = dict(target.databases)
        restored = await restore_stream(connection, journals)
        found = await verify_stream(connection, journals)
    out.print(f"{restored} facts were published again from the journals.")
    for one in found:
        if one.unknown:
            out.print(
                f"{one.service}: {len(one.unknown)} facts of the stream are later than the backup. "
                "The partners keep them; `essaim facts export` reads them."
            )
        if one.missing or one.altered:
            fail(f"{one.service}: the stream does not agree. See `essaim stream verify`.")


def _say_after(note: Manifest, *, is_embedded: bool) -> None:
    start = "`essaim up`" if is_embedded else "the services"
    out.print(
        f"All is as it was on {note.created_at:%d %B %Y at %H:%M} UTC, but for who was erased "
        f"since. Everybody signs in once more. Start {start}, then see `essaim doctor`, "
        "`essaim stream verify` and `essaim rebuild reporting --compare`."
    )


def _services_but(without: Collection[str]) -> dict[str, Service]:
    """Those installed, but for whoever is named: a partner that runs elsewhere saves its own."""
    named_all = {one: named(one) for one in without}
    return {name: one for name, one in installed_services().items() if name not in named_all}


def _source(
    stack: ExitStack, settings: Settings, services: Mapping[str, Service]
) -> creating.Source:
    return creating.Source(
        services=services,
        databases={
            name: stack.enter_context(database_of(service)) for name, service in services.items()
        },
        documents=_documents(settings, services),
        keys=settings.backup_keys or State.data,
        room=State.data,
        consortium=as_yaml(consortium_here(), spelt_out=True),
        version=version("essaim"),
    )


def _documents(settings: Settings, services: Mapping[str, Service]) -> dict[str, Documents]:
    return {name: Documents(settings.documents_of(name)) for name in services}


def _place(to: str) -> Place:
    return place_of(to or settings_of(OPERATOR, Settings).backup_to)


def _placed(snapshots: Mapping[str, sa.Connection]) -> Places | None:
    async def ask() -> Places:
        async with operator_connection() as connection:
            return await find_places(connection, snapshots)

    with suppress(OSError, NatsError, TimeoutError):
        return asyncio.run(ask())
    return None


def _secret(file: Path | None) -> str:
    if file is None:
        raise archive.KeyRefused(
            "Give the secret key with --secret FILE, or --secret - to read it from what is typed."
        )
    return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")


def _erased_in(database: Database) -> dict[UUID, datetime]:
    """Those a database knows of; nobody where there is none yet."""
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return {}
    with database.read() as db:
        return erased_in(db) if sa.inspect(db).has_table(erased_person.name) else {}


def _amount(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"
