"""`python -m essaim` is the `essaim` command."""

from essaim.cli.main import app

app()
