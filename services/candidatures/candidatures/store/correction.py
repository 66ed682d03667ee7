"""What was asked to be corrected in applications, what she wrote so far, and what stood before."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from candidatures.application import ApplicationState
from candidatures.correction import Correction, unknown_correction
from candidatures.document import Document
from candidatures.store.application import application
from candidatures.store.call import call
from candidatures.store.document import correction_document, note_removed
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition
from candidatures.store.project import project

correction = sa.Table(
    "correction",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("application_id", sa.Uuid, nullable=False, index=True),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("words", sa.Text),
    sa.Column("open_until", sa.Date, nullable=False),
    sa.Column("asked_by", sa.Uuid),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("reminded_at", Instant),
    sa.Column("done_at", Instant),
    sa.Column("taken_back_at", Instant),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
)

_COLUMNS = [correction.c[one.name] for one in fields(Correction)]


def _correction(row: Any) -> Correction:
    return Correction(**{**row._mapping, "fields": tuple(row.fields)})


def add(db: sa.Connection, new: Correction) -> None:
    db.execute(sa.insert(correction).values(asdict(new) | {"fields": list(new.fields)}))


def change(db: sa.Connection, correction_id: UUID, **values: object) -> None:
    db.execute(sa.update(correction).where(correction.c.id == correction_id).values(values))


def of_application(
    db: sa.Connection, application_id: UUID, *, lock: bool = False
) -> list[Correction]:
    """All that was asked of an application, the first first."""
    query = sa.select(*_COLUMNS).where(correction.c.application_id == application_id)
    query = query.order_by(correction.c.asked_at, correction.c.id)
    return [_correction(row) for row in db.execute(query.with_for_update() if lock else query)]


def get(db: sa.Connection, application_id: UUID, correction_id: UUID) -> Correction:
    """
    Raises:
        Refusal: (404) this application has no such correction.
    """
    for one in of_application(db, application_id, lock=True):
        if one.id == correction_id:
            return one
    raise unknown_correction()


def waiting_of(db: sa.Connection, application_ids: Collection[UUID]) -> set[UUID]:
    """Those of these applications of which something is asked, and not sent."""
    query = sa.select(correction.c.application_id).where(
        correction.c.application_id.in_(application_ids), *_WAITS
    )
    return set(db.scalars(query))


_WAITS = (correction.c.done_at.is_(None), correction.c.taken_back_at.is_(None))


def to_remind(db: sa.Connection, until: date) -> list[Correction]:
    """What ends until this day, of which she was not reminded."""
    is_there = application.c.state == ApplicationState.RECEIVED.value
    query = (
        sa.select(*_COLUMNS)
        .join(application, application.c.id == correction.c.application_id)
        .where(*_WAITS, is_there, correction.c.reminded_at.is_(None))
        .where(correction.c.open_until <= until)
        .order_by(correction.c.asked_at)
        .limit(100)
    )
    return [_correction(row) for row in db.execute(query)]


def of_bearer(db: sa.Connection, person_id: UUID) -> list[tuple[Correction, str]]:
    """What is asked of her, with the projects it is about."""
    query = _with_projects().where(*_WAITS, application.c.bearer_id == person_id)
    return [(_correction_of(row), row.title) for row in db.execute(query)]


def late_in(
    db: sa.Connection, programmes: Collection[str], today: date
) -> list[tuple[Correction, str]]:
    """What was asked by these programmes and not sent in time, with the projects."""
    query = _with_projects().where(
        *_WAITS,
        correction.c.open_until < today,
        application.c.decision.is_(None),
        edition.c.programme.in_(programmes),
    )
    return [(_correction_of(row), row.title) for row in db.execute(query)]


def _with_projects() -> sa.Select[Any]:
    return (
        sa.select(*_COLUMNS, project.c.title)
        .select_from(
            correction.join(application, application.c.id == correction.c.application_id)
            .join(project, project.c.id == application.c.project_id)
            .join(call, call.c.id == application.c.call_id)
            .join(edition, edition.c.id == call.c.edition_id)
        )
        .where(application.c.state == ApplicationState.RECEIVED.value)
        .order_by(correction.c.open_until, correction.c.id)
    )


def _correction_of(row: Any) -> Correction:
    values = {one.name: row._mapping[one.name] for one in fields(Correction)}
    return Correction(**{**values, "fields": tuple(row.fields)})


# --- documents beside the application: those she adds, and those that stood before


def documents_of(db: sa.Connection, correction_id: UUID, *, former: bool) -> dict[str, Document]:
    columns = [correction_document.c[one.name] for one in fields(Document)]
    query = sa.select(*columns).where(
        correction_document.c.correction_id == correction_id,
        correction_document.c.former.is_(former),
    )
    return {row.code: Document(**row._mapping) for row in db.execute(query)}


def save_document(
    db: sa.Connection, correction_id: UUID, uploaded: Document, *, former: bool
) -> None:
    """In place of the one of the same code."""
    before = documents_of(db, correction_id, former=former).get(uploaded.code)
    if before is not None and before.sha256 != uploaded.sha256:
        note_removed(db, [before.sha256])
    row = asdict(uploaded) | {"correction_id": correction_id, "former": former}
    upsert(db, correction_document, [row])


def forget_added(db: sa.Connection, correction_id: UUID) -> None:
    """What she added is the application's own now, or is wanted no more."""
    added = sa.and_(
        correction_document.c.correction_id == correction_id,
        correction_document.c.former.is_(False),
    )
    gone = sa.delete(correction_document).where(added).returning(correction_document.c.sha256)
    note_removed(db, list(db.scalars(gone)))


def forget(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    """All that was asked of these applications, and written."""
    mine = correction.c.application_id.in_(application_ids)
    ids = list(db.scalars(sa.delete(correction).where(mine).returning(correction.c.id)))
    table = correction_document
    gone = sa.delete(table).where(table.c.correction_id.in_(ids)).returning(table.c.sha256)
    note_removed(db, list(db.scalars(gone)))
