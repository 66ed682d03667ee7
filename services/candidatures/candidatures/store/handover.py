"""Hand-overs of applications, and the links of receivers outside of the consortium."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim_contracts.candidatures import Decision
from essaim_contracts.handover import HandoverParty

from candidatures.application import ApplicationState
from candidatures.form import Text
from candidatures.handover import (
    Handover,
    HandoverDue,
    HandoverState,
    Outside,
    unknown_handover,
)
from candidatures.store.application import application
from candidatures.store.call import call
from candidatures.store.draft_secret import digest
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition
from candidatures.store.project import project

handover = sa.Table(
    "handover",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("application_id", sa.Uuid, nullable=False, index=True),
    sa.Column("to_call_id", sa.Uuid),
    sa.Column("receiver_name", sa.String(300)),
    sa.Column("receiver_email", sa.String(254)),
    sa.Column("receiver_language", sa.String(5)),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("answer_by", sa.Date, nullable=False),
    sa.Column("proposed_by", sa.Uuid),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("agreed_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", sa.String(20)),
    # What who declined wrote to who proposed.
    sa.Column("reason", sa.Text),
    sa.Column("to_application_id", sa.Uuid, index=True),
    sa.Index("handover_to", "to_call_id", "state"),
)

handover_link = sa.Table(
    "handover_link",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("handover_id", sa.Uuid, nullable=False, index=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)


def _handover(row: Any) -> Handover:
    outside = (
        Outside(row.receiver_name or "", row.receiver_email or "", row.receiver_language)
        if row.receiver_language
        else None
    )
    return Handover(
        id=row.id,
        application_id=row.application_id,
        to_call_id=row.to_call_id,
        outside=outside,
        state=HandoverState(row.state),
        answer_by=row.answer_by,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        agreed_at=row.agreed_at,
        ended_at=row.ended_at,
        ended_by=HandoverParty(row.ended_by) if row.ended_by else None,
        reason=row.reason,
        to_application_id=row.to_application_id,
    )


def add(db: sa.Connection, new: Handover) -> None:
    outside = new.outside
    row = {
        "id": new.id,
        "application_id": new.application_id,
        "to_call_id": new.to_call_id,
        "receiver_name": outside.name if outside else None,
        "receiver_email": outside.email if outside else None,
        "receiver_language": outside.language if outside else None,
        "state": new.state.value,
        "answer_by": new.answer_by,
        "proposed_by": new.proposed_by,
        "proposed_at": new.proposed_at,
    }
    db.execute(sa.insert(handover).values(row))


def change(db: sa.Connection, handover_id: UUID, **values: object) -> None:
    db.execute(sa.update(handover).where(handover.c.id == handover_id).values(values))


def get(db: sa.Connection, handover_id: UUID, *, lock: bool = False) -> Handover:
    """
    Raises:
        Refusal: (404) there is no such hand-over.
    """
    query = sa.select(handover).where(handover.c.id == handover_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise unknown_handover()
    return _handover(row)


def of_application(db: sa.Connection, application_id: UUID) -> list[Handover]:
    """Where an application went, or was to go: the first proposed first."""
    query = sa.select(handover).where(handover.c.application_id == application_id)
    return [_handover(row) for row in db.execute(query.order_by(handover.c.proposed_at))]


def that_made(db: sa.Connection, application_id: UUID) -> Handover | None:
    """The hand-over by which an application came; None where it was sent."""
    query = sa.select(handover).where(handover.c.to_application_id == application_id)
    row = db.execute(query).one_or_none()
    return _handover(row) if row else None


# --- its links


def add_link(db: sa.Connection, handover_id: UUID, token: str, now: datetime) -> None:
    """The one link that opens it from now on."""
    end_links(db, handover_id, now)
    row = {"digest": digest(token), "handover_id": handover_id, "made_at": now}
    db.execute(sa.insert(handover_link).values(row))


def end_links(db: sa.Connection, handover_id: UUID, now: datetime) -> None:
    alive = sa.and_(handover_link.c.handover_id == handover_id, handover_link.c.ended_at.is_(None))
    db.execute(sa.update(handover_link).where(alive).values(ended_at=now))


def has_link(db: sa.Connection, handover_id: UUID) -> bool:
    alive = sa.and_(handover_link.c.handover_id == handover_id, handover_link.c.ended_at.is_(None))
    return bool(db.scalar(sa.select(sa.exists().where(alive))))


def linked(db: sa.Connection, token: str) -> UUID | None:
    query = sa.select(handover_link.c.handover_id).where(
        handover_link.c.digest == digest(token), handover_link.c.ended_at.is_(None)
    )
    found: UUID | None = db.execute(query).scalar_one_or_none()
    return found


# --- what waits


_TO, _TO_EDITION = call.alias("to_call"), edition.alias("to_edition")


def _due() -> sa.Select[Any]:
    return sa.select(
        handover,
        project.c.title.label("project"),
        application.c.number,
        edition.c.programme.label("from_programme"),
        call.c.title.label("from_title"),
        _TO_EDITION.c.programme.label("to_programme"),
        _TO.c.title.label("to_title"),
    ).select_from(
        handover.join(application, application.c.id == handover.c.application_id)
        .join(project, project.c.id == application.c.project_id)
        .join(call, call.c.id == application.c.call_id)
        .join(edition, edition.c.id == call.c.edition_id)
        .outerjoin(_TO, _TO.c.id == handover.c.to_call_id)
        .outerjoin(_TO_EDITION, _TO_EDITION.c.id == _TO.c.edition_id)
    )


def _read_due(row: Any, language: str) -> HandoverDue:
    return HandoverDue(
        handover=_handover(row),
        project=row.project,
        number=row.number,
        from_programme=row.from_programme,
        from_call=Text(**row.from_title).say(language),
        to_programme=row.to_programme,
        to=Text(**row.to_title).say(language) if row.to_title else row.receiver_name or "",
    )


def offered(db: sa.Connection, programmes: Collection[str], language: str) -> list[HandoverDue]:
    """Those that wait for a receiver's answer, given or received by these programmes."""
    mine = sa.or_(edition.c.programme.in_(programmes), _TO_EDITION.c.programme.in_(programmes))
    query = _due().where(handover.c.state == HandoverState.OFFERED.value, mine)
    return [_read_due(row, language) for row in db.execute(query.order_by(handover.c.answer_by))]


def proposed_to(db: sa.Connection, person_id: UUID, language: str) -> list[HandoverDue]:
    """Those that wait for the agreement of this person."""
    mine = application.c.bearer_id == person_id
    query = _due().where(handover.c.state == HandoverState.PROPOSED.value, mine)
    return [_read_due(row, language) for row in db.execute(query.order_by(handover.c.proposed_at))]


def never_proposed(db: sa.Connection, programmes: Collection[str]) -> dict[UUID, int]:
    """How many re-oriented applications of each call were never proposed to anybody, by its id."""
    query = (
        sa.select(application.c.call_id, sa.func.count().label("left"))
        .select_from(
            application.join(call, call.c.id == application.c.call_id).join(
                edition, edition.c.id == call.c.edition_id
            )
        )
        .where(
            application.c.decision == Decision.REORIENTED.value,
            application.c.state == ApplicationState.RECEIVED.value,
            edition.c.programme.in_(programmes),
            ~sa.exists().where(handover.c.application_id == application.c.id),
        )
        .group_by(application.c.call_id)
    )
    return {row.call_id: row.left for row in db.execute(query)}


# --- forgotten


def forget(db: sa.Connection, application_ids: Sequence[UUID]) -> None:
    """Who was asked outside, what was written, and the links; where it went stays."""
    mine = handover.c.application_id.in_(application_ids)
    ids = sa.select(handover.c.id).where(mine)
    db.execute(sa.delete(handover_link).where(handover_link.c.handover_id.in_(ids)))
    written = {"receiver_name": None, "receiver_email": None, "reason": None}
    db.execute(sa.update(handover).where(mine).values(written))
