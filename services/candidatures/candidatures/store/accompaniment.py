"""Who accompanies our projects, as scheduling said it."""

from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert
from essaim.person import Person
from essaim_contracts.scheduling import PairingKind

from candidatures.accompaniment import Accompaniment
from candidatures.store.metadata import metadata
from candidatures.store.programme import organisation

accompaniment = sa.Table(
    "accompaniment",
    metadata,
    sa.Column("source_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, primary_key=True, index=True),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("person_id", sa.Uuid),
    sa.Column("kind", sa.String(20)),
)


def of_project(db: sa.Connection, project_id: UUID) -> list[Accompaniment]:
    """Those beside a project."""
    return _beside(db, accompaniment.c.project_id == project_id)


def of_person(db: sa.Connection, person: Person) -> list[Accompaniment]:
    """What names a person, or an organisation she has or had a role for."""
    held = [role.organisation_id for role in person.roles if role.organisation_id]
    named = (accompaniment.c.person_id == person.id) | (organisation.c.person_id == person.id)
    return _beside(db, named | accompaniment.c.organisation_id.in_(held))


def _beside(db: sa.Connection, of: sa.ColumnElement[bool]) -> list[Accompaniment]:
    query = (
        sa.select(accompaniment, organisation.c.person_id.label("alone_id"))
        .outerjoin(organisation, organisation.c.id == accompaniment.c.organisation_id)
        .where(of)
    )
    return [
        Accompaniment(**{**row._mapping, "kind": row.kind and PairingKind(row.kind)})
        for row in db.execute(query)
    ]


def save(db: sa.Connection, *those: Accompaniment) -> None:
    rows, columns = [asdict(one) for one in those], accompaniment.columns.keys()
    upsert(db, accompaniment, [{name: row[name] for name in columns} for row in rows])


def end(db: sa.Connection, source_id: UUID) -> None:
    db.execute(sa.delete(accompaniment).where(accompaniment.c.source_id == source_id))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    hers = accompaniment.c.person_id == person_id
    db.execute(sa.update(accompaniment).where(hers).values(person_id=None))
