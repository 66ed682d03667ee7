"""`essaim programme …`: what an operator does with programme files at the command line."""

from pathlib import Path
from typing import Annotated

import typer
from essaim.cli.reach import err, out, say_json, work_on
from essaim.text.file_errors import WrongFile
from essaim.web import speaking

from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme

commands = typer.Typer(
    name="programme", help="Programme files: their partners, people, editions and calls."
)


@commands.callback()
def programme() -> None:
    """Programme files: their partners, people, editions and calls."""


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A YAML file.")],
    check: Annotated[
        bool, typer.Option("--check", help="Say what would change; do nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for a script.")] = False,
    language: Annotated[str, typer.Option(help="Of the errors: fr or en.")] = "fr",
) -> None:
    """Import a programme file: all of it, or nothing and every error with its line and column."""
    try:
        sound = read_programme(file.read_bytes())
        with work_on("candidatures") as work:
            report = import_programme(work, sound, check=check)
    except WrongFile as wrong:
        _say_errors(file, wrong, json=json, language=language)
        raise typer.Exit(2) from wrong
    if json:
        say_json(report.as_json())
        return
    for change in report.changes:
        out.print(f"{'+' if change.added else '~'} {change.kind} {change.code}", markup=False)
    would = " (checked only, nothing is saved)" if check else ""
    out.print(f"{len(report.changes)} changes, {report.unchanged} unchanged{would}")


def _say_errors(file: Path, wrong: WrongFile, *, json: bool, language: str) -> None:
    with speaking("candidatures", language) as _:
        errors = [
            {
                "line": one.line,
                "column": one.column,
                "path": one.path,
                "message": _.refusal(one.why),
            }
            for one in wrong.errors
        ]
    if json:
        say_json({"errors": errors})
        return
    for one in errors:
        words = f"{file}:{one['line']}:{one['column']}: {one['message']}"
        err.print(words, style="red", markup=False, soft_wrap=True)
