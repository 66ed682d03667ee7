"""`essaim mail …`: what an operator does with mail at the command line."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from essaim.cli.reach import out, work_on

from notifications.bounce import LARGEST_REPORT
from notifications.commands.bounce import note_report

commands = typer.Typer(name="mail", help="Mail that came back.")


@commands.callback()
def mail() -> None:
    """Mail that came back."""


@commands.command("bounce")
def bounce(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="A mail; else from stdin.")
    ] = None,
) -> None:
    """Note a report of a letter that came back: to be set as a mail server's pipe command."""
    raw = file.read_bytes() if file else sys.stdin.buffer.read(LARGEST_REPORT)
    with work_on("notifications") as work:
        noted = note_report(work, raw)
    out.print(noted.value, markup=False)
