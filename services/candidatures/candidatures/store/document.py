"""Documents of applications, and the files that no row names any more."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from candidatures.document import Document
from candidatures.store.deliverable import handed_in
from candidatures.store.metadata import metadata
from candidatures.store.resource import resource_version

document = sa.Table(
    "document",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("uploaded_at", Instant, nullable=False),
)

# Beside an application: what its bearer adds as she was asked, and what stood there before.
correction_document = sa.Table(
    "correction_document",
    metadata,
    sa.Column("correction_id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("former", sa.Boolean, primary_key=True),
    sa.Column("filename", sa.String(200), nullable=False),
    sa.Column("media_type", sa.String(120), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
)

# Files that lost a row which named them: removed from the disk once no other row does.
removed_document = sa.Table(
    "removed_document",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
)


_NAMING = (document, handed_in, resource_version, correction_document)
"""The tables whose rows name a file."""


def of_application(db: sa.Connection, application_id: UUID) -> dict[str, Document]:
    """The documents uploaded, by code."""
    columns = [document.c[field.name] for field in fields(Document)]
    query = sa.select(*columns).where(document.c.application_id == application_id)
    return {row.code: Document(**row._mapping) for row in db.execute(query)}


def save(db: sa.Connection, application_id: UUID, uploaded: Document, now: datetime) -> None:
    """Save an uploaded document in place of the one of the same code."""
    before = of_application(db, application_id).get(uploaded.code)
    if before is not None and before.sha256 != uploaded.sha256:
        note_removed(db, [before.sha256])
    row = asdict(uploaded) | {"application_id": application_id, "uploaded_at": now}
    upsert(db, document, [row])


def delete(db: sa.Connection, application_id: UUID, code: str) -> None:
    mine = sa.and_(document.c.application_id == application_id, document.c.code == code)
    hashes = list(db.scalars(sa.delete(document).where(mine).returning(document.c.sha256)))
    note_removed(db, hashes)


def delete_of(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    """All documents of these applications."""
    gone = sa.delete(document).where(document.c.application_id.in_(application_ids))
    note_removed(db, list(db.scalars(gone.returning(document.c.sha256))))


def note_removed(db: sa.Connection, hashes: Sequence[str]) -> None:
    upsert(db, removed_document, [{"sha256": sha256} for sha256 in dict.fromkeys(hashes)])


def unnamed(db: sa.Connection) -> list[str]:
    """The files to remove: they lost a row, and no other row names them."""
    named = sa.union_all(*(sa.select(one.c.sha256) for one in _NAMING))
    query = sa.select(removed_document.c.sha256)
    return list(db.scalars(query.where(removed_document.c.sha256.not_in(named))))


def nameless(db: sa.Connection, hashes: Sequence[str]) -> list[str]:
    """Those of these files that no row ever came to name, nor says to remove."""
    known = sa.union(
        *(sa.select(one.c.sha256) for one in (*_NAMING, removed_document)),
    ).subquery()
    query = sa.select(known.c.sha256).where(known.c.sha256.in_(hashes))
    return sorted(set(hashes) - set(db.scalars(query)))


def forget_removed(db: sa.Connection, hashes: Sequence[str]) -> None:
    db.execute(sa.delete(removed_document).where(removed_document.c.sha256.in_(hashes)))
