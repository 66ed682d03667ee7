"""How far a service has handled the stream: a row of its database, saved with the effects."""

from functools import cache
from typing import Any

import sqlalchemy as sa

from essaim.hearing.message import Message
from essaim.keeping.database import insert_of, upsert
from essaim.keeping.tables import position as table


class PositionLost(Exception):
    """The stream does not hold our last fact where we left it: it was restored or truncated."""


class Overtaken(Exception):
    """Our position is not where we left it: another instance of this service handled facts."""

    def __init__(self, position: int) -> None:
        super().__init__(
            f"another instance handled facts beyond {position}, where we were; binding again"
        )


def load_position(db: sa.Connection, service: str) -> tuple[int, str | None]:
    """The place and the id of the last fact handled.

    0 before the first; without id where we went back to a place that is no fact's of ours.
    """
    query = sa.select(table.c.stream_seq, table.c.fact_id).where(table.c.consumer == service)
    row = db.execute(query).one_or_none()
    return (row.stream_seq, row.fact_id or None) if row else (0, None)


def go_back(db: sa.Connection, service: str, seq: int) -> None:
    """What comes after this place is read again; what was claimed there is not handled again."""
    db.execute(
        sa.update(table)
        .where(table.c.consumer == service, table.c.stream_seq > seq)
        .values(stream_seq=seq, fact_id="")
    )


def forget_position(db: sa.Connection, service: str) -> None:
    """The stream is read from its start again."""
    db.execute(sa.delete(table).where(table.c.consumer.in_((service, _watch(service)))))


def _watch(service: str) -> str:
    """Beside how far a service has handled the stream, how far it has watched it.

    They differ where a version that does not watch held the lease.
    """
    return f"{service} watch"


def move_watch(db: sa.Connection, service: str, last: Message) -> None:
    """Save that we watched the stream as far as we handled it."""
    upsert(
        db,
        table,
        [{"consumer": _watch(service), "stream_seq": last.seq, "fact_id": last.id}],
    )


def behind_watch(db: sa.Connection, service: str) -> int | None:
    """The first place that was handled and not watched; None where there is none."""
    handled, _ = load_position(db, service)
    watched, _ = load_position(db, _watch(service))
    return watched + 1 if watched < handled else None


def move_position(db: sa.Connection, service: str, known: int, last: Message) -> None:
    """Save how far we are, if we are still where we know to be.

    Raises:
        Overtaken: we are not.
    """
    values = {"consumer": service, "stream_seq": last.seq, "fact_id": last.id, "known": known}
    if db.execute(_moving(db.dialect.name), values).first() is None:
        raise Overtaken(known)


@cache
def _moving(dialect: str) -> Any:
    moving = insert_of(dialect, table)
    return moving.on_conflict_do_update(
        index_elements=["consumer"],
        set_={name: moving.excluded[name] for name in ("stream_seq", "fact_id")},
        where=table.c.stream_seq == sa.bindparam("known"),
    ).returning(table.c.consumer)


def check_position(db: sa.Connection, service: str, known: int) -> None:
    """Hold our position until the end of the transaction.

    Raises:
        Overtaken: we are not where we know to be.
    """
    query = sa.select(table.c.stream_seq).where(table.c.consumer == service)
    if (db.execute(query.with_for_update()).scalar_one_or_none() or 0) != known:
        raise Overtaken(known)
