"""`essaim conform`: does an implementation of a partner's service keep the contracts?"""

import asyncio
import json as json_module
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from essaim_contracts.words import Words
from rich.table import Table

from essaim.cli.reach import consortium_here, err, fail, out
from essaim.consortium.partners import Consortium, Directory, Partner, Reader
from essaim.proving.candidate import Candidate, CannotRun
from essaim.proving.ground import Ground, NotTaken
from essaim.proving.rules import RULES, Outcome, Verdict
from essaim.proving.script import Script
from essaim.proving.terms import Terms
from essaim.proving.trial import Trial
from essaim.running.nats_server import BrokerNotStarted

_COLOURS = {Outcome.KEPT: "green", Outcome.BROKEN: "red", Outcome.NOT_APPLICABLE: "dim"}


def conform(
    service: Annotated[
        str, typer.Argument(help="Its name in the consortium file, a reader's too.")
    ],
    run: Annotated[
        str | None, typer.Option(help="The command that starts it, such as `node dist/main.js`.")
    ] = None,
    act: Annotated[
        str | None,
        typer.Option(help="A command that makes it say facts, run once it has caught up."),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(
            help='Where it says {"facts": {"<type>": <how many it counts>}}: an address, or a path '
            "on the ESSAIM_PORT it is given."
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds without progress until it is taken for stuck.")
    ] = 60.0,
    json: Annotated[Path | None, typer.Option(help="Also write the report to this file.")] = None,
) -> None:
    """Prove that a service keeps the contracts, whatever it is written in.

    Starts a broker of its own with the rights of the consortium file, plays what the service
    hears, and checks what it does and says. Nothing of yours is read or changed. Start the service
    with --run, or by hand with what is printed. Ends with 1 when a rule is broken.
    """
    partner = _partner(service, consortium_here())
    folder = Path(tempfile.mkdtemp(prefix="essaim-conform-"))
    terms = Terms(patience=patience, view=view, act=act)
    try:
        verdicts = asyncio.run(_proved(folder, consortium_here(), partner, run, terms))
    except (BrokerNotStarted, CannotRun, NotTaken) as error:
        fail(str(error), 2)
    is_broken = any(one.outcome == Outcome.BROKEN for one in verdicts)
    out.print(_table(partner, verdicts))
    _say_what_to_do(verdicts)
    if json is not None:
        json.write_text(_as_json(partner, verdicts), encoding="utf-8")
    if is_broken:
        err.print(f"What it printed, and the broker's log, are in {folder}", markup=False)
        raise typer.Exit(1)
    shutil.rmtree(folder, ignore_errors=True)


def _partner(service: str, consortium: Consortium) -> Partner:
    found = consortium.find_anybody(service)
    if found is None:
        names = ", ".join(one.name for one in consortium.everybody)
        fail(
            f"Nobody in {consortium.name} is called {service!r} ({names} are there). Name the file "
            "that has its entry with ESSAIM_CONSORTIUM.",
            2,
        )
    return found if isinstance(found, Partner) else _as_partner(found)


def _as_partner(reader: Reader) -> Partner:
    """Who only reads: hears what it reads, says and asks nothing."""
    return Partner(
        service=reader.name,
        organisation=reader.organisation,
        title=Words(reader.name, reader.name),
        purpose=Words(reader.name, reader.name),
        pages=None,
        directory=Directory.NONE,
        says=frozenset(),
        hears=reader.reads,
        asks=frozenset(),
        programmes=reader.programmes,
    )


async def _proved(
    folder: Path, consortium: Consortium, partner: Partner, command: str | None, terms: Terms
) -> list[Verdict]:
    ground = Ground(folder, consortium)
    async with ground.ready():
        environment = ground.environment(partner)
        log = folder / f"{partner.service}.log"
        candidate = Candidate(command, environment, log)
        if terms.view is not None and terms.view.startswith("/"):
            terms = replace(terms, view=environment["ESSAIM_PUBLIC_URL"] + terms.view)
        if command is None:
            _say_how_to_connect(partner, environment)
        try:
            trial = Trial(ground, Script(consortium, partner), candidate, terms, _say)
            found = [verdict async for verdict in _told(trial)]
        finally:
            candidate.kill()
    order = [rule.check for rule in RULES]
    return sorted(found, key=lambda verdict: order.index(verdict.check))


async def _told(trial: Trial) -> AsyncIterator[Verdict]:
    async for verdict in trial.verdicts():
        if verdict.outcome == Outcome.BROKEN:
            err.print(f"broken: {verdict.check}", style="red", markup=False)
        yield verdict


def _say(words: str) -> None:
    err.print(f"… {words}", style="dim", markup=False)


def _say_how_to_connect(partner: Partner, environment: dict[str, str]) -> None:
    out.print(f"Start {partner.service} with these, on an empty database:", markup=False)
    for name, value in environment.items():
        print(f"  export {name}={value}", flush=True)


def _table(partner: Partner, verdicts: list[Verdict]) -> Table:
    table = Table(title=f"{partner.service} and the contracts", title_justify="left")
    for heading in ("rule", "", "what must hold, and what was seen"):
        table.add_column(heading)
    for one in verdicts:
        colour = _COLOURS[one.outcome]
        # What is broken follows below, whole: a table cuts long words.
        words = "" if one.outcome == Outcome.BROKEN else one.words
        seen = f"\n[{colour}]{_plain(words)}[/{colour}]" if words else ""
        table.add_row(one.check, f"[{colour}]{one.outcome.value}[/{colour}]", one.rule + seen)
    return table


def _plain(words: str) -> str:
    return words.replace("[", r"\[")


def _say_what_to_do(verdicts: list[Verdict]) -> None:
    for one in verdicts:
        if one.outcome == Outcome.BROKEN:
            words = f"\n{one.check}: {one.words}\n  → {one.mend}\n  asked for in docs/{one.where}"
            out.print(words, markup=False, soft_wrap=True)
    counts = {outcome: sum(one.outcome == outcome for one in verdicts) for outcome in Outcome}
    out.print(", ".join(f"{count} {outcome.value}" for outcome, count in counts.items()) + ".")


def _as_json(partner: Partner, verdicts: list[Verdict]) -> str:
    report = {
        "service": partner.service,
        "conforms": all(one.outcome != Outcome.BROKEN for one in verdicts),
        "verdicts": [asdict(one) for one in verdicts],
    }
    return json_module.dumps(report, ensure_ascii=False, indent=2) + "\n"
