"""Several databases as they were at one instant, while their services run.

A fact that somebody handled must be in the journal of who told it, or a restored consortium would
have effects without causes. So for the instant in which the snapshots begin nobody tells anything:
whatever is handled in one of them was told before, and is in the others. Then all go on, and the
snapshots stay as they are for as long as copying takes.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import sqlalchemy as sa

from essaim.keeping.database import Database, in_words, is_outage
from essaim.telling.outbox import hold_telling

_PATIENCE = 2.0
"""Seconds to wait for one database while the others' services wait for us: they do for ten."""
_TRIES = 5


class NoCut(Exception):
    """A database is not there, or too busy for an instant in which nobody tells."""


@contextmanager
def cut(databases: Mapping[str, Database]) -> Iterator[dict[str, sa.Connection]]:
    """One snapshot of each database, by name, that go together.

    Raises:
        NoCut
    """
    with ExitStack() as stack:
        yield _try_again(stack, databases)


def _try_again(stack: ExitStack, databases: Mapping[str, Database]) -> dict[str, sa.Connection]:
    for _ in range(_TRIES):
        try:
            return _snapshots(stack, databases)
        except sa.exc.SQLAlchemyError as error:
            if not is_outage(error):
                raise
            stack.close()
            words = in_words(error)
    raise NoCut(
        f"There was no instant in which none of {', '.join(databases)} told anything, or one of "
        f"the databases does not answer: {words}. Nothing was saved; try again."
    )


def _snapshots(stack: ExitStack, databases: Mapping[str, Database]) -> dict[str, sa.Connection]:
    with ExitStack() as still:
        for database in databases.values():
            still.enter_context(_nobody_tells(database))
        return {
            name: stack.enter_context(_snapshot(database)) for name, database in databases.items()
        }


@contextmanager
def _nobody_tells(database: Database) -> Iterator[None]:
    with database.engine.connect().execution_options(essaim_write=True) as db:
        if database.is_sqlite:
            raw = db.connection.cursor()
            raw.execute(f"pragma busy_timeout={int(_PATIENCE * 1000)}")
        with db.begin() as transaction:
            hold_telling(db, _PATIENCE)
            yield
            transaction.rollback()


@contextmanager
def _snapshot(database: Database) -> Iterator[sa.Connection]:
    with database.engine.connect() as db:
        if not database.is_sqlite:
            db = db.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with db.begin() as transaction:
            if not database.is_sqlite:
                # It waits while the others are copied.
                db.execute(sa.text("set local idle_in_transaction_session_timeout = 0"))
            # Either begins to see at its first look.
            db.execute(sa.text("select count(*) from essaim_position"))
            yield db
            transaction.rollback()
