"""Drafts whose writer was reminded that they are not sent: once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert

from candidatures.application import Application, ApplicationState
from candidatures.store import application as applications
from candidatures.store.application import application
from candidatures.store.call import call
from candidatures.store.metadata import metadata

draft_reminder = sa.Table(
    "draft_reminder",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("reminded_at", Instant, nullable=False),
)


def due(db: sa.Connection, now: datetime, until: datetime) -> list[Application]:
    """Drafts with a proved address, of calls that are open and close until then: 100 at most."""
    query = (
        sa.select(application.c.id)
        .join(call, call.c.id == application.c.call_id)
        .where(
            application.c.state == ApplicationState.DRAFT.value,
            application.c.proved_email.is_not(None),
            call.c.opens_at <= now,
            call.c.closes_at > now,
            call.c.closes_at <= until,
            ~sa.exists().where(draft_reminder.c.application_id == application.c.id),
        )
        .order_by(application.c.started_at, application.c.id)
        .limit(100)
    )
    found = applications.of_ids(db, list(db.scalars(query)))
    return list(found.values())


def note(db: sa.Connection, application_id: UUID, now: datetime) -> bool:
    """False when it was noted already."""
    row = {"application_id": application_id, "reminded_at": now}
    statement = insert(db, draft_reminder).values(row).on_conflict_do_nothing()
    return db.execute(statement.returning(draft_reminder.c.application_id)).first() is not None


def forget(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    gone = draft_reminder.c.application_id.in_(application_ids)
    db.execute(sa.delete(draft_reminder).where(gone))
