"""Applications, from the first save of a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.keeping.followed import followed
from essaim.keeping.listed import kept_beside, listed, with_keys
from essaim_contracts.candidatures import ApplicationReceived, Decision, WithdrawalReason
from essaim_contracts.correspondence import ApplicationCorrected

from candidatures.application import (
    Application,
    ApplicationState,
    draft_opened_elsewhere,
    secret_of_another_draft,
    unknown_application,
)
from candidatures.conflict import address_key, organisation_key
from candidatures.store import document
from candidatures.store import draft_secret as secrets
from candidatures.store.draft_secret import SecretKind
from candidatures.store.metadata import metadata

KEY_LENGTH = 200
"""What is longer is cut: an index takes no more."""


def kept_address(content: Mapping[str, Any]) -> str:
    return address_key(content.get("bearer_email"))[:KEY_LENGTH]


def kept_organisation(content: Mapping[str, Any]) -> str:
    return organisation_key(content.get("organisation") or "")[:KEY_LENGTH]


CODES = ("state", "sector", "department", "decision")
"""What lists are filtered by: an index in the order of one has the others too."""


def _others(code: str) -> list[str]:
    return [other for other in CODES if other != code]


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
    sa.Column("link_sent_to", sa.String(254)),
    sa.Column("proved_email", sa.String(254)),
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
    # What finds a conflict of interest without reading every content. Empty where nothing is
    # said. They are those of the content only where `kept_version` is its version: a release
    # that does not know these columns writes content without them.
    kept_beside("content", "kept_address", sa.String(KEY_LENGTH), kept_address),
    kept_beside("content", "kept_organisation", sa.String(KEY_LENGTH), kept_organisation),
    kept_beside("version", "kept_version", sa.Integer, int),
    # What its project and its decision say: lists are filtered and put in order by them.
    followed("sector", sa.String(60), "project.sector", key="id", by="project_id"),
    followed("department", sa.String(3), "project.department", key="id", by="project_id"),
    followed("decision", sa.String(20), "decision.applied_decision", key="application_id", by="id"),
    # Last: SQLite reads through a long text to reach what stands behind it.
    sa.Column("content", sa.JSON, nullable=False),
    # Lists are of one call, by number, without drafts: counted and put in order from here alone.
    sa.Index("application_in_order", "call_id", "number_order", "id", "state"),
    sa.Index("application_by_mean", "call_id", "mean", "id", "state"),
    sa.Index("application_by_day", "call_id", "received_at", "id", "state"),
    *(sa.Index(f"application_by_{code}", "call_id", code, "id", *_others(code)) for code in CODES),
    sa.Index("application_by_address", "kept_address"),
    sa.Index("application_by_organisation", "kept_organisation"),
    info={"searched_with": ("call_id", "state", "project_id", "bearer_id")},
)
IS_EMPTY = sa.cast(application.c.content, sa.Text) == "{}"
"""Nothing of what its bearer wrote is there any more."""

# An equality with a constant: of « empty or unlike » PostgreSQL takes nearly all rows to be so, and
# would read the whole table instead of the index of those few.
keys_behind = sa.case(
    (application.c.kept_version == application.c.version, sa.literal_column("1")),
    else_=sa.literal_column("0"),
) == sa.literal_column("0")
"""Applications whose content is later than the keys beside it."""

sa.Index(
    "application_behind",
    application.c.id,
    sqlite_where=keys_behind,
    postgresql_where=keys_behind,
)


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
        proved_email=row.proved_email,
        started_at=row.started_at,
    )


def add(db: sa.Connection, started: Application, token: str, now: datetime) -> Application:
    """Save a new draft; the one that this token opens already, when there is one.

    Raises:
        Refusal: the token ended, or opens the draft of another call.
    """
    if not secrets.add(db, started.id, token, SecretKind.BROWSER, now):
        found = find_draft(db, started.call_id, token, lock=True)
        if found is not None:
            return found
        ended = secrets.opened_once(db, token) is not None
        raise draft_opened_elsewhere() if ended else secret_of_another_draft()
    return add_handed_over(db, started, now)


def add_handed_over(db: sa.Connection, started: Application, now: datetime) -> Application:
    """Save a new application that no secret opens."""
    row = {
        "id": started.id,
        "call_id": started.call_id,
        "project_id": started.project_id,
        "state": started.state.value,
        "language": started.language,
        "content": dict(started.content),
        "version": started.version,
        "saved_by_form": started.saved_by_form,
        "proved_email": started.proved_email,
        "started_at": now,
        "saved_at": now,
    }
    db.execute(sa.insert(application).values(row))
    return replace(started, started_at=now)


def find_draft(
    db: sa.Connection, call_id: UUID, token: str, *, lock: bool = False
) -> Application | None:
    """The application to this call that a secret link opens, whatever its state."""
    opened = secrets.opened_by(db, token, SecretKind.BROWSER)
    found = find(db, opened[0], lock=lock) if opened else None
    return found if found and found.call_id == call_id else None


def token_opens(db: sa.Connection, application_id: UUID, token: str) -> bool:
    opened = secrets.opened_by(db, token, SecretKind.BROWSER)
    return opened is not None and opened[0] == application_id


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


def of_project(db: sa.Connection, project_id: UUID) -> list[Application]:
    query = sa.select(application).where(application.c.project_id == project_id)
    return [_application(row) for row in db.execute(query)]


def save(db: sa.Connection, saved: Application, now: datetime) -> None:
    row = {
        "content": dict(saved.content),
        "version": saved.version,
        "saved_by_form": saved.saved_by_form,
        "language": saved.language,
        "saved_at": now,
    }
    db.execute(
        sa.update(application)
        .where(application.c.id == saved.id)
        .values(with_keys(application, row))
    )


def mark_link_sent(db: sa.Connection, application_id: UUID, email: str | None) -> None:
    db.execute(
        sa.update(application).where(application.c.id == application_id).values(link_sent_to=email)
    )


def mark_proved(db: sa.Connection, application_id: UUID, email: str) -> None:
    db.execute(
        sa.update(application).where(application.c.id == application_id).values(proved_email=email)
    )


def never_linked(db: sa.Connection, before: datetime) -> list[Application]:
    """Drafts whose link went nowhere, that nobody saved since."""
    query = sa.select(application).where(
        application.c.state == ApplicationState.DRAFT.value,
        application.c.link_sent_to.is_(None),
        application.c.saved_at < before,
    )
    return [_application(row) for row in db.execute(query)]


def delete(db: sa.Connection, ids: Sequence[UUID]) -> None:
    """Drafts and all that belongs to them."""
    secrets.delete_of(db, ids)
    document.delete_of(db, ids)
    db.execute(sa.delete(application).where(application.c.id.in_(ids)))


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


def save_corrected(
    db: sa.Connection,
    found: Application,
    content: Mapping[str, str],
    corrected: ApplicationCorrected,
    now: datetime,
) -> None:
    row = {
        "content": dict(content),
        "version": found.version + 1,
        "applicant_kind": corrected.applicant_kind.value,
        "heard_from": corrected.heard_from,
        "saved_at": now,
    }
    mine = application.c.id == found.id
    db.execute(sa.update(application).where(mine).values(with_keys(application, row)))


def save_bearer(db: sa.Connection, found: Application, bearer_id: UUID) -> None:
    db.execute(
        sa.update(application).where(application.c.id == found.id).values(bearer_id=bearer_id)
    )


def save_withdrawn(
    db: sa.Connection, application_id: UUID, at: datetime, reason: WithdrawalReason
) -> None:
    db.execute(
        sa.update(application)
        .where(application.c.id == application_id)
        .values(
            state=ApplicationState.WITHDRAWN.value,
            withdrawn_at=at,
            withdrawal_reason=reason.value,
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


def drafts_of(db: sa.Connection, call_id: UUID) -> list[tuple[dict[str, str], set[str]]]:
    """What the drafts of a call say, and the codes of the documents they have."""
    is_draft = sa.and_(
        application.c.call_id == call_id, application.c.state == ApplicationState.DRAFT.value
    )
    drafts = {
        row.id: (dict(row.content), set[str]())
        for row in db.execute(sa.select(application.c.id, application.c.content).where(is_draft))
    }
    handed_in = sa.select(document.document.c.application_id, document.document.c.code).join(
        application, application.c.id == document.document.c.application_id
    )
    for row in db.execute(handed_in.where(is_draft)) if drafts else ():
        drafts[row.application_id][1].add(row.code)
    return list(drafts.values())


def of_ids(db: sa.Connection, ids: Sequence[UUID]) -> dict[UUID, Application]:
    query = sa.select(application).where(application.c.id.in_(ids))
    return {row.id: _application(row) for row in db.execute(query)}


def decided_of(db: sa.Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Those of which a decision was applied."""
    query = sa.select(application.c.id).where(
        application.c.id.in_(ids), application.c.decision.is_not(None)
    )
    return set(db.scalars(query))


def is_reoriented(db: sa.Connection, application_id: UUID) -> bool:
    """Whether that is the decision that was applied."""
    query = sa.select(application.c.decision).where(application.c.id == application_id)
    return bool(db.scalar(query) == Decision.REORIENTED.value)


def has_decided(db: sa.Connection, call_id: UUID) -> bool:
    """Whether a decision on an application to this call was applied."""
    decided = sa.exists().where(
        application.c.call_id == call_id, application.c.decision.is_not(None)
    )
    return bool(db.scalar(sa.select(decided)))
