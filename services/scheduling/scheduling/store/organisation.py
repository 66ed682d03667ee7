"""The partners of each programme."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.keeping.listed import listed, order_of, shown
from essaim_contracts.candidatures import Commitment

from scheduling.organisation import Organisation
from scheduling.store.columns import code, identifier, metadata

organisation = sa.Table(
    "organisation",
    metadata,
    code("programme", key=True),
    identifier("id", key=True),
    *listed(sa.Column("name", sa.String(300))),
    identifier("person_id", optional=True),
    sa.Column("commitments", sa.JSON, nullable=False),
)


def find(db: sa.Connection, programme: str, id: UUID, *, lock: bool = False) -> Organisation | None:
    query = sa.select(*shown(organisation)).where(
        organisation.c.programme == programme, organisation.c.id == id
    )
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _organisation(row) if row else None


def of_programme(db: sa.Connection, programme: str) -> list[Organisation]:
    """The partners of a programme, by name."""
    query = sa.select(*shown(organisation)).where(organisation.c.programme == programme)
    return [
        _organisation(row)
        for row in db.execute(
            query.order_by(order_of(organisation.c.name).nulls_last(), organisation.c.id)
        )
    ]


def save(db: sa.Connection, one: Organisation) -> None:
    upsert(db, organisation, [asdict(one) | {"commitments": sorted(one.commitments)}])


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    """The organisation stays; who acts alone for it is forgotten."""
    hers = organisation.c.person_id == person_id
    db.execute(sa.update(organisation).where(hers).values(person_id=None))


def _organisation(row: sa.Row[Any]) -> Organisation:
    values = dict(row._mapping)
    values["commitments"] = frozenset(map(Commitment, values["commitments"]))
    return Organisation(**values)
