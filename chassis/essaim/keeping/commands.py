"""What commands answered, by the key each was sent with: the same twice changes nothing twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from essaim.keeping.database import insert
from essaim.keeping.tables import command as table
from essaim.refusal import Refusal

REMEMBERED_FOR = timedelta(hours=24)
_LONGEST = 120
"""Of a key and of an actor, in characters; the rest is cut."""


@dataclass(frozen=True)
class Answer:
    """What a command answered: JSON text, HTTP status, and whether it was done earlier."""

    json: str
    status: int
    earlier: bool = False


@dataclass(frozen=True)
class Key:
    """A key of somebody's own, and the fingerprint of the request it was sent with."""

    key: str
    actor: str
    request: str

    @property
    def row(self) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.key == self.key[:_LONGEST], table.c.actor == self.actor[:_LONGEST])


def once(db: sa.Connection, key: Key, do: Callable[[], Answer], *, may_change: bool) -> Answer:
    """Do a command, or give the answer of its earlier twin.

    With `may_change` the same key with another request is a new act, and its answer is kept.

    Raises:
        Refusal: (422) the key was used for another request.
    """
    earlier = _claim(db, key)
    if earlier is not None and earlier.request == key.request:
        return Answer(earlier.answer, earlier.status, earlier=True)
    if earlier is not None and not may_change:
        raise Refusal(
            "idempotency_key_reused",
            "Cette clé d’idempotence a déjà servi à une autre requête. "
            "Donnez une nouvelle clé à chaque nouvelle requête.",
            status=422,
        )
    answer = do()
    kept = {"request": key.request, "status": answer.status, "answer": answer.json}
    db.execute(sa.update(table).where(key.row).values(kept | {"done_at": datetime.now(UTC)}))
    return answer


def forget_old_commands(db: sa.Connection) -> None:
    """Drop the answers older than a day: nobody repeats those, and some name a person's things."""
    limit = datetime.now(UTC) - REMEMBERED_FOR
    db.execute(sa.delete(table).where(table.c.done_at < limit))


def _claim(db: sa.Connection, key: Key) -> sa.Row[Any] | None:
    """The earlier command of this key, or None and the key is now ours.

    Claiming first makes a simultaneous twin wait for our commit instead of acting beside us.
    """
    row = {
        "key": key.key[:_LONGEST],
        "actor": key.actor[:_LONGEST],
        "request": "",
        "status": 0,
        "answer": "",
        "done_at": datetime.now(UTC),
    }
    claim = insert(db, table).values(row).on_conflict_do_nothing().returning(table.c.key)
    if db.execute(claim).first() is not None:
        return None
    return db.execute(sa.select(table).where(key.row)).one()
