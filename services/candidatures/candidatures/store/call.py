"""Calls, each with what its programme offers in its form."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim_contracts.candidatures import ApplicantKind, CallKind
from pydantic import TypeAdapter

from candidatures.call import Call, unknown_call
from candidatures.charter import Charter
from candidatures.eligibility import EligibilityQuestion
from candidatures.form import Choice, Criterion, DocumentAsked, Round, Text
from candidatures.question import Question, Section
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition, programme

call = sa.Table(
    "call",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("edition_id", sa.Uuid, nullable=False, index=True),
    sa.Column("slug", sa.String(60), nullable=False, unique=True),
    sa.Column("receipt_prefix", sa.String(30), nullable=False, unique=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("title", sa.JSON, nullable=False),
    sa.Column("summary", sa.JSON),
    sa.Column("track_code", sa.String(60), nullable=False),
    sa.Column("places", sa.Integer),
    sa.Column("opens_at", Instant, nullable=False),
    sa.Column("closes_at", Instant, nullable=False),
    sa.Column("questions", sa.JSON, nullable=False),
    sa.Column("documents", sa.JSON, nullable=False),
    sa.Column("criteria", sa.JSON, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
    sa.Column("opened_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("received", sa.Integer, nullable=False, server_default="0"),
    # How the committee works: its rounds, the one it is in, and how many must be there.
    sa.Column("rounds", sa.JSON),
    sa.Column("round", sa.Integer, nullable=False, server_default="1"),
    sa.Column("quorum", sa.Integer),
    # What stands around its questions, and what both sides accept.
    sa.Column("sections", sa.JSON),
    sa.Column("eligibility", sa.JSON),
    sa.Column("applicants", sa.JSON),
    sa.Column("charter", sa.JSON),
)

_ELIGIBILITY = TypeAdapter(tuple[EligibilityQuestion, ...])
_SECTIONS = TypeAdapter(tuple[Section, ...])
_QUESTIONS = TypeAdapter(tuple[Question, ...])
_DOCUMENTS = TypeAdapter(tuple[DocumentAsked, ...])
_CRITERIA = TypeAdapter(tuple[Criterion, ...])
_ROUNDS = TypeAdapter(tuple[Round, ...])
_CHOICES = TypeAdapter(tuple[Choice, ...])


def _calls() -> sa.Select[Any]:
    return sa.select(
        call,
        edition.c.programme,
        edition.c.number,
        edition.c.year,
        programme.c.name.label("programme_name"),
        programme.c.sectors,
        programme.c.heard_from,
        programme.c.tracks,
        programme.c.departments,
    ).select_from(
        call.join(edition, edition.c.id == call.c.edition_id).join(
            programme, programme.c.slug == edition.c.programme
        )
    )


def _call(row: Any) -> Call:
    return Call(
        id=row.id,
        programme=row.programme,
        programme_name=row.programme_name,
        edition_id=row.edition_id,
        edition_number=row.number,
        edition_year=row.year,
        slug=row.slug,
        receipt_prefix=row.receipt_prefix,
        title=Text(**row.title),
        kind=CallKind(row.kind),
        track_code=row.track_code,
        places=row.places,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        received=row.received,
        summary=Text(**row.summary) if row.summary else None,
        applicants=tuple(map(ApplicantKind, row.applicants or ApplicantKind)),
        charter=Charter.model_validate(row.charter) if row.charter else None,
        eligibility=_ELIGIBILITY.validate_python(row.eligibility or ()),
        sections=_SECTIONS.validate_python(row.sections or ()),
        questions=_QUESTIONS.validate_python(row.questions),
        documents=_DOCUMENTS.validate_python(row.documents),
        criteria=_CRITERIA.validate_python(row.criteria),
        sectors=_CHOICES.validate_python(row.sectors),
        heard_from=_CHOICES.validate_python(row.heard_from),
        tracks=_CHOICES.validate_python(row.tracks),
        departments=tuple(row.departments),
        invented=row.invented,
        rounds=_ROUNDS.validate_python(row.rounds or ({},)),
        round=row.round,
        quorum=row.quorum,
    )


def find(db: sa.Connection, slug: str) -> Call | None:
    row = db.execute(_calls().where(call.c.slug == slug)).one_or_none()
    return _call(row) if row else None


def get(db: sa.Connection, slug: str) -> Call:
    """
    Raises:
        Refusal: (404) there is no such call.
    """
    found = find(db, slug)
    if found is None:
        raise unknown_call(slug)
    return found


def of_id(db: sa.Connection, call_id: UUID, *, lock: bool = False) -> Call:
    """The call; with `lock`, nobody else changes it or takes a number until we commit."""
    if lock:
        # The locked row is read again below: on PostgreSQL the lock may have waited.
        db.execute(sa.select(call.c.id).where(call.c.id == call_id).with_for_update())
    return _call(db.execute(_calls().where(call.c.id == call_id)).one())


def every(db: sa.Connection) -> list[Call]:
    """Every call, the last to open first."""
    return [_call(row) for row in db.execute(_calls().order_by(call.c.opens_at.desc()))]


def to_open(db: sa.Connection, now: datetime) -> list[UUID]:
    query = sa.select(call.c.id).where(call.c.opened_at.is_(None), call.c.opens_at <= now)
    return list(db.scalars(query.order_by(call.c.opens_at)))


def to_close(db: sa.Connection, now: datetime) -> list[UUID]:
    query = sa.select(call.c.id).where(call.c.closed_at.is_(None), call.c.closes_at <= now)
    return list(db.scalars(query.order_by(call.c.closes_at)))


def mark_opened(db: sa.Connection, call_id: UUID, at: datetime) -> None:
    db.execute(sa.update(call).where(call.c.id == call_id).values(opened_at=at))


def mark_closed(db: sa.Connection, call_id: UUID, at: datetime) -> None:
    db.execute(sa.update(call).where(call.c.id == call_id).values(closed_at=at))


def begin_round(db: sa.Connection, call_id: UUID, nth: int) -> None:
    db.execute(sa.update(call).where(call.c.id == call_id).values(round=nth))


def take_number(db: sa.Connection, locked: Call) -> int:
    """The next receipt number of a locked call. Rolled back with the rest: there are no gaps."""
    nth = locked.received + 1
    db.execute(sa.update(call).where(call.c.id == locked.id).values(received=nth))
    return nth
