"""Reads what is too long to hold in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from essaim.keeping.database import Database

_FETCHED = 200
"""Rows at a time."""


@contextmanager
def read_through(database: Database) -> Iterator[sa.Connection]:
    """All statements see one instant, and rows come as they are fetched, however many."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection.execution_options(yield_per=_FETCHED)
