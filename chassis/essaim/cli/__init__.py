"""The `essaim` command."""
