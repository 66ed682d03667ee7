"""What organisations offer and what projects wish, from which pairings are proposed."""

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim_contracts.scheduling import PairingKind

from scheduling.assignment import Offer
from scheduling.pairing import PairingState
from scheduling.store.columns import code, identifier, metadata
from scheduling.store.pairing import pairing

offer = sa.Table(
    "offer",
    metadata,
    code("programme", key=True),
    identifier("organisation_id", key=True),
    code("kind", PairingKind, key=True),
    code("sector", optional=True),
    sa.Column("department", sa.String(3)),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
)

wish = sa.Table(
    "wish",
    metadata,
    identifier("project_id", key=True),
    sa.Column("topics", sa.JSON, nullable=False),
)


def load_offers(db: sa.Connection, programme: str, kind: PairingKind) -> dict[UUID, Offer]:
    """What organisations offer, with their load of active pairings."""
    load = _load(db, programme, kind)
    query = sa.select(offer).where(offer.c.programme == programme, offer.c.kind == kind)
    known = {
        row.organisation_id: Offer(
            organisation_id=row.organisation_id,
            sector=row.sector,
            department=row.department,
            topics=frozenset(row.topics),
            capacity=row.capacity,
            load=load.get(row.organisation_id, 0),
        )
        for row in db.execute(query)
    }
    silent = {id: Offer(id, load=count) for id, count in load.items() if id not in known}
    return known | silent


def save_offers(
    db: sa.Connection, programme: str, kind: PairingKind, offers: Iterable[Offer]
) -> None:
    """What organisations offer; their load is not kept, it is counted."""
    rows = []
    for one in offers:
        values = asdict(one) | {"topics": sorted(one.topics), "programme": programme, "kind": kind}
        del values["load"]
        rows.append(values)
    upsert(db, offer, rows)


def load_wishes(db: sa.Connection, project_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    query = sa.select(wish).where(wish.c.project_id.in_(list(project_ids)))
    return {row.project_id: frozenset(row.topics) for row in db.execute(query)}


def save_wish(db: sa.Connection, project_id: UUID, topics: Iterable[str]) -> None:
    upsert(db, wish, [{"project_id": project_id, "topics": sorted(topics)}])


def _load(db: sa.Connection, programme: str, kind: PairingKind) -> dict[UUID, int]:
    """How many projects each organisation accompanies now."""
    query = sa.select(pairing.c.organisation_id, sa.func.count().label("load")).where(
        pairing.c.programme == programme,
        pairing.c.kind == kind,
        pairing.c.state == PairingState.ACTIVE,
    )
    rows = db.execute(query.group_by(pairing.c.organisation_id))
    return {row.organisation_id: row.load for row in rows}
