"""Applications, from the first save of a draft."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert
from essaim.keeping.listed import listed, with_keys
from essaim_contracts.candidatures import ApplicationReceived, ApplicationWithdrawn

from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.store.metadata import metadata

application = sa.Table(
    "application",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("call_id", sa.Uuid, nullable=False),
    sa.Column("project_id", sa.Uuid, nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved_by_form", sa.String(64)),
    sa.Column("token_digest", sa.String(64), nullable=False, unique=True),
    sa.Column("link_sent_to", sa.String(254)),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("bearer_id", sa.Uuid, index=True),
    *listed(sa.Column("number", sa.String(40), unique=True)),
    sa.Column("applicant_kind", sa.String(20)),
    sa.Column("heard_from", sa.String(60)),
    sa.Column("received_at", Instant),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawal_reason", sa.String(40)),
    sa.Column("mean", sa.Float),
    # Last: SQLite reads through a long text to reach what stands behind it.
    sa.Column("content", sa.JSON, nullable=False),
    # Lists are of one call, by number, without drafts: counted and put in order from here alone.
    sa.Index("application_in_order", "call_id", "number", "id", "state"),
)


def digest(token: str) -> str:
    """What is kept of a draft's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _application(row: Any) -> Application:
    return Application(
        id=row.id,
        call_id=row.call_id,
        project_id=row.project_id,
        state=ApplicationState(row.state),
        language=row.language,
        content=dict(row.content),
        version=row.version,
        saved_by_form=row.saved_by_form,
        bearer_id=row.bearer_id,
        number=row.number,
        received_at=row.received_at,
        withdrawn_at=row.withdrawn_at,
        link_sent_to=row.link_sent_to,
    )


def add(db: sa.Connection, started: Application, token: str, now: datetime) -> Application:
    """Save a new draft; the one that has this token already, when there is one."""
    row = {
        "id": started.id,
        "call_id": started.call_id,
        "project_id": started.project_id,
        "state": started.state.value,
        "language": started.language,
        "content": dict(started.content),
        "version": started.version,
        "saved_by_form": started.saved_by_form,
        "token_digest": digest(token),
        "started_at": now,
        "saved_at": now,
    }
    db.execute(insert(db, application).values(row).on_conflict_do_nothing())
    found = find_draft(db, started.call_id, token, lock=True)
    if found is None:
        raise LookupError(f"The token of draft {started.id} belongs to a draft of another call.")
    return found


def find_draft(
    db: sa.Connection, call_id: UUID, token: str, *, lock: bool = False
) -> Application | None:
    """The application to this call that a secret link opens, whatever its state."""
    query = sa.select(application).where(
        application.c.token_digest == digest(token), application.c.call_id == call_id
    )
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _application(row) if row else None


def find_by_token(db: sa.Connection, token: str) -> Application | None:
    query = sa.select(application).where(application.c.token_digest == digest(token))
    row = db.execute(query).one_or_none()
    return _application(row) if row else None


def token_opens(db: sa.Connection, application_id: UUID, token: str) -> bool:
    found = find_by_token(db, token)
    return found is not None and found.id == application_id


def find(db: sa.Connection, application_id: UUID, *, lock: bool = False) -> Application | None:
    query = sa.select(application).where(application.c.id == application_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _application(row) if row else None


def get(db: sa.Connection, application_id: UUID, *, lock: bool = False) -> Application:
    """
    Raises:
        Refusal: (404) there is no such application.
    """
    found = find(db, application_id, lock=lock)
    if found is None:
        raise unknown_application()
    return found


def save(db: sa.Connection, saved: Application, now: datetime) -> None:
    db.execute(
        sa.update(application)
        .where(application.c.id == saved.id)
        .values(
            content=dict(saved.content),
            version=saved.version,
            saved_by_form=saved.saved_by_form,
            language=saved.language,
            saved_at=now,
        )
    )


def mark_link_sent(db: sa.Connection, application_id: UUID, email: str | None) -> None:
    db.execute(
        sa.update(application).where(application.c.id == application_id).values(link_sent_to=email)
    )


def save_received(db: sa.Connection, received: ApplicationReceived, now: datetime) -> None:
    row = {
        "state": ApplicationState.RECEIVED.value,
        "bearer_id": received.bearer_id,
        "number": received.number,
        "received_at": received.received_at,
        "applicant_kind": received.applicant_kind.value,
        "heard_from": received.heard_from,
        "saved_at": now,
    }
    db.execute(
        sa.update(application)
        .where(application.c.id == received.application_id)
        .values(with_keys(application, row))
    )


def save_bearer(db: sa.Connection, found: Application, bearer_id: UUID) -> None:
    db.execute(
        sa.update(application).where(application.c.id == found.id).values(bearer_id=bearer_id)
    )


def save_withdrawn(db: sa.Connection, withdrawn: ApplicationWithdrawn) -> None:
    db.execute(
        sa.update(application)
        .where(application.c.id == withdrawn.application_id)
        .values(
            state=ApplicationState.WITHDRAWN.value,
            withdrawn_at=withdrawn.withdrawn_at,
            withdrawal_reason=withdrawn.reason.value,
        )
    )


def counts_of_call(db: sa.Connection, call_id: UUID) -> dict[str, int]:
    """How many applications are in each state."""
    query = (
        sa.select(application.c.state, sa.func.count().label("how_many"))
        .where(application.c.call_id == call_id)
        .group_by(application.c.state)
    )
    return {row.state: row.how_many for row in db.execute(query)}
