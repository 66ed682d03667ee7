"""People: a local copy of the directory, kept in step, and forgotten on demand."""
