"""What the projects of an edition owe, and the versions they handed in."""

from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim_contracts.candidatures import DeliverableHandedIn, DeliverableKind

from candidatures.deliverable import Deliverable, HandedIn
from candidatures.document import Document
from candidatures.form import Choice, Text
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition

deliverable = sa.Table(
    "deliverable",
    metadata,
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("label", sa.JSON, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("sections", sa.JSON, nullable=False, server_default="[]"),
)

handed_in = sa.Table(
    "handed_in",
    metadata,
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("handed_in_at", Instant, nullable=False),
    sa.Column("handed_in_by", sa.Uuid),
)


def _deliverables() -> sa.Select[Any]:
    return sa.select(deliverable, edition.c.programme).join(
        edition, edition.c.id == deliverable.c.edition_id
    )


def _deliverable(row: Any) -> Deliverable:
    return Deliverable(
        edition_id=row.edition_id,
        programme=row.programme,
        kind=DeliverableKind(row.kind),
        label=Text(**row.label),
        due_on=row.due_on,
        sections=tuple(Choice.model_validate(one) for one in row.sections),
    )


def find(db: sa.Connection, edition_id: UUID, kind: DeliverableKind) -> Deliverable | None:
    query = _deliverables().where(
        deliverable.c.edition_id == edition_id, deliverable.c.kind == kind.value
    )
    row = db.execute(query).one_or_none()
    return _deliverable(row) if row else None


def of_edition(db: sa.Connection, edition_id: UUID) -> list[Deliverable]:
    """What the projects of an edition owe, by day."""
    query = _deliverables().where(deliverable.c.edition_id == edition_id)
    return [_deliverable(row) for row in db.execute(query.order_by(deliverable.c.due_on))]


def _versions(project_id: UUID) -> sa.Select[Any]:
    columns = [handed_in.c[field.name] for field in fields(HandedIn)]
    return sa.select(*columns).where(handed_in.c.project_id == project_id)


def versions_of(db: sa.Connection, project_id: UUID) -> list[HandedIn]:
    """Every version of every deliverable a project handed in, the newest first."""
    query = _versions(project_id).order_by(handed_in.c.handed_in_at.desc())
    return [HandedIn(**row._mapping) for row in db.execute(query)]


def last_handed_in(
    db: sa.Connection, project_id: UUID, edition_id: UUID, kind: DeliverableKind
) -> HandedIn | None:
    query = _versions(project_id).where(
        handed_in.c.edition_id == edition_id, handed_in.c.kind == kind.value
    )
    row = db.execute(query.order_by(handed_in.c.version.desc()).limit(1)).one_or_none()
    return HandedIn(**row._mapping) if row else None


def forget_files(db: sa.Connection, project_id: UUID) -> list[str]:
    """That it was handed in, and when, stays; the hashes of what no longer has a name here."""
    mine = handed_in.c.project_id == project_id
    hashes = list(db.scalars(sa.select(handed_in.c.sha256).where(mine, handed_in.c.sha256 != "")))
    db.execute(sa.update(handed_in).where(mine).values(filename="", sha256="", size=0))
    return hashes


def add_handed_in(
    db: sa.Connection, handed: DeliverableHandedIn, file: Document, actor: UUID | None
) -> None:
    row = {
        "project_id": handed.project_id,
        "edition_id": handed.edition_id,
        "kind": handed.kind.value,
        "version": handed.version,
        "filename": file.filename,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": handed.document_sha256,
        "due_on": handed.due_on,
        "handed_in_at": handed.handed_in_at,
        "handed_in_by": actor,
    }
    db.execute(sa.insert(handed_in), row)
