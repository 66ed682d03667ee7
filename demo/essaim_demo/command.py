"""`essaim demo`: an edition played from its files, then served."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from essaim.cli.reach import State, fail, operator_connection, out, refuse_wrong_settings, run
from essaim.cli.services import NOT_STARTED, PROCESSES
from essaim.cli.tokens import make_operator
from essaim.clock import SimulatedClock
from essaim.observing.logs import set_up_logs
from essaim.person import Role
from essaim.running.embedded import Embedded
from essaim.service import installed_services
from essaim.text.languages import LANGUAGES, Tongue, tongue_of
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from essaim_demo.agreement import disagreements
from essaim_demo.client import NeverSo, Services, tokens_of
from essaim_demo.edition import Edition, UnreadableEdition, read_edition
from essaim_demo.folder import NotADemo, made_fresh
from essaim_demo.player import START, PlayFailed, end_of, play
from essaim_demo.stage import Stage, day_of
from essaim_demo.summary import summary_of, table_of


def demo(
    port: Annotated[int, typer.Option(help="The port of the pages, on 127.0.0.1.")] = 8000,
    once: Annotated[
        bool, typer.Option("--once", help="End after the play; with 1 unless all services agree.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the summary to this file.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="A folder for this demo alone. Default: demo in --data.")
    ] = None,
    source: Annotated[
        Path, typer.Option("--from", help="The folder of the edition to play.")
    ] = Path("demo/premices-2020"),
    lang: Annotated[str | None, typer.Option(help="fr or en. Default: as LANG says.")] = None,
) -> None:
    """Play the first edition of Prémices.coop through the services' APIs, then serve its pages."""
    _ = tongue_of("essaim_demo", _language(lang))
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    refuse_wrong_settings(installed_services().values())
    try:
        edition = read_edition(source)
        folder = _fresh_folder(data or State.data / "demo", _)
        clock, services = SimulatedClock(START), installed_services()
        embedded = Embedded(services, folder, port=port, clock=clock, processes=PROCESSES)
        with (
            embedded.running() as server,
            embedded.served(server) as pages,
            _stage(embedded, edition, _) as stage,
        ):
            _play(stage)
            _sum_up(stage, time.monotonic() - started, json_file)
            if once:
                _end(embedded, _)
            _say_how_to_look(stage)
            while pages.is_alive():
                # Not `join`: Ctrl-C in it makes Python take the thread for ended.
                time.sleep(0.5)
    except (*NOT_STARTED, NotADemo, NeverSo, PlayFailed, UnreadableEdition) as error:
        fail(str(error))
    except KeyboardInterrupt:
        out.print(_("Arrêté."))


def _language(wanted: str | None) -> str:
    if wanted is not None and wanted not in LANGUAGES:
        fail(f"There is no language {wanted!r} here. Choose fr or en.", 2)
    return wanted or ("en" if os.environ.get("LANG", "").startswith("en") else "fr")


def _fresh_folder(folder: Path, _: Tongue) -> Path:
    """The demo's own folder, empty; logs go to a file in it, over which no bar is drawn."""
    if made_fresh(folder):
        out.print(_("La démonstration précédente, dans {folder}, est effacée.", folder=folder))
    State.data = folder
    set_up_logs("INFO", as_json=False, to=(folder / "demo.log").open("w", encoding="utf-8"))
    return folder


@contextmanager
def _stage(embedded: Embedded, edition: Edition, _: Tongue) -> Iterator[Stage]:
    keeper = embedded.runtimes[embedded.consortium.keeper]
    with keeper.work() as work:
        operator_id = make_operator(work.db)
    names, token_for = tuple(embedded.runtimes), tokens_of(keeper)
    with closing(Services(embedded.address, names, token_for)) as services:
        yield Stage(services, services.voice(operator_id, _.language), edition, _)


def _play(stage: Stage) -> None:
    columns = (BarColumn(24), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out) as bar:
        days = (end_of(stage) - START).days
        task = bar.add_task("", total=days)

        def say(at: datetime, words: str) -> None:
            bar.update(task, completed=(at - START).days, description=f"{stage.day(at)} — {words}")

        play(stage, say)
        bar.update(task, completed=days)


def _sum_up(stage: Stage, seconds: float, json_file: Path | None) -> None:
    summary = summary_of(stage, seconds)
    if json_file is not None:
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        json_file.write_text(f"{text}\n", encoding="utf-8")
    out.print(table_of(stage, summary))


def _end(embedded: Embedded, _: Tongue) -> NoReturn:
    """End well only if all services agree."""
    found = run(_disagreements(embedded))
    if found:
        fail("\n".join([_("Les services ne sont pas d’accord :"), *found]))
    out.print(_("Tous les services sont d’accord."))
    raise typer.Exit


async def _disagreements(embedded: Embedded) -> list[str]:
    async with operator_connection() as connection:
        return await disagreements(embedded.runtimes, connection)


def _say_how_to_look(stage: Stage) -> None:
    _, address = stage._, stage.services.address
    emails = [
        person["email"]
        for person in stage.people
        if person["id"] in stage.who(Role.COORDINATOR, day_of(end_of(stage)))
    ]
    out.print(_("Les pages : {address} (Ctrl-C arrête tout).", address=address))
    out.print(
        _(
            "Pour vous connecter, donnez l’adresse de la coordination, {email}, puis ouvrez le "
            "lien qui arrive dans la boîte aux lettres : {mailbox}",
            email=next(filter(None, emails)),
            mailbox=f"{address}/notifications/mailbox",
        ),
        soft_wrap=True,
    )
