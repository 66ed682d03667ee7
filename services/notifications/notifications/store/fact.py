"""Every fact that passed, by its envelope: what webhooks are made of, and made again from."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from essaim.hearing.message import Passing
from essaim.keeping.database import Instant, insert
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK

from notifications.store.tables import metadata
from notifications.webhook import NotedFact

fact = sa.Table(
    "fact",
    metadata,
    # A restored stream gives facts other places: who says it and its id are what it is.
    sa.Column("source", sa.String(125), primary_key=True),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("key", sa.String(36), nullable=False),
    sa.Column("told_at", Instant, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Index("fact_told", "programme", "told_at"),
)


def note(db: sa.Connection, passing: Sequence[Passing]) -> list[NotedFact]:
    """Answers those that were not noted before, in the order of the stream."""
    rows = {one.envelope.identity: _row(one) for one in reversed(passing)}
    new = insert(db, fact).on_conflict_do_nothing().returning(*fact.columns)
    noted = [_noted(row) for row in db.execute(new, list(rows.values()))]
    return sorted(noted, key=lambda one: one.seq)


def since(
    db: sa.Connection,
    told_since: datetime,
    *,
    programme: str | None,
    types: Iterable[str] | None,
    limit: int,
) -> list[NotedFact]:
    """What was told since then, of a programme or (None) of all, of some types or (None) of all.

    That a person was erased is told in no programme, and concerns each.
    """
    chosen = [fact.c.told_at >= told_since]
    if programme is not None:
        chosen.append((fact.c.programme == programme) | (fact.c.type == PersonErased.type))
    if types is not None:
        chosen.append(fact.c.type.in_(list(types)))
    query = sa.select(fact).where(*chosen).order_by(fact.c.seq).limit(limit)
    return [_noted(row) for row in db.execute(query)]


def programmes(db: sa.Connection) -> list[str]:
    """Those in which something was told; found one after the other, for there are few."""
    found: list[str] = []
    nearest = sa.select(sa.func.min(fact.c.programme))
    following = db.scalar(nearest)
    while following is not None:
        found.append(following)
        following = db.scalar(nearest.where(fact.c.programme > following))
    return [slug for slug in found if slug != NETWORK]


def is_known_programme(db: sa.Connection, slug: str) -> bool:
    """Whether anything was told in it."""
    return bool(db.scalar(sa.select(sa.exists().where(fact.c.programme == slug))))


def _row(passing: Passing) -> dict[str, Any]:
    envelope = passing.envelope
    return {
        "source": envelope.source,
        "id": envelope.id,
        "type": envelope.type,
        "programme": envelope.programme,
        "key": envelope.key,
        "told_at": envelope.time,
        "seq": passing.seq,
    }


def _noted(row: sa.Row[Any]) -> NotedFact:
    return NotedFact(**row._mapping)
