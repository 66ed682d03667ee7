"""Those who may be written to together, and the letters that were written to many."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from notifications.message import MessageState, Template
from notifications.store.application import call
from notifications.store.cohort import cohort
from notifications.store.message import message
from notifications.store.tables import metadata
from notifications.writing import Standing

applicant = sa.Table(
    "applicant",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("call_id", sa.Uuid, nullable=False),
    sa.Column("person_id", sa.Uuid, nullable=False, index=True),
    sa.Column("standing", sa.String(20), nullable=False),
    sa.Index("applicant_of_call", "call_id", "standing", "person_id"),
)
"""Who sent an application that was not taken back, and where it stands."""

member = sa.Table(
    "cohort_member",
    metadata,
    sa.Column("cohort_id", sa.Uuid, primary_key=True),
    sa.Column("project_id", sa.Uuid, primary_key=True),
    sa.Column("person_id", sa.Uuid, primary_key=True, index=True),
    sa.Column("programme", sa.String(60), nullable=False),
)

writing = sa.Table(
    "writing",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False),
    sa.Column("audience", sa.String(100), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
)
"""A letter to many: what it is called in the outbox."""


def save_applicant(
    db: sa.Connection, programme: str, application_id: UUID, call_id: UUID, person_id: UUID
) -> None:
    row = {
        "application_id": application_id,
        "programme": programme,
        "call_id": call_id,
        "person_id": person_id,
        "standing": Standing.UNDECIDED,
    }
    upsert(db, applicant, [row])


def save_standing(db: sa.Connection, application_id: UUID, standing: Standing) -> None:
    mine = applicant.c.application_id == application_id
    db.execute(sa.update(applicant).where(mine).values(standing=standing))


def drop_applicant(db: sa.Connection, application_id: UUID) -> None:
    db.execute(sa.delete(applicant).where(applicant.c.application_id == application_id))


def add_members(
    db: sa.Connection, programme: str, cohort_id: UUID, project_id: UUID, people: Iterable[UUID]
) -> None:
    key = {"cohort_id": cohort_id, "project_id": project_id, "programme": programme}
    upsert(db, member, [key | {"person_id": one} for one in set(people)])


def drop_members(db: sa.Connection, cohort_id: UUID, project_id: UUID) -> None:
    gone = (member.c.cohort_id == cohort_id) & (member.c.project_id == project_id)
    db.execute(sa.delete(member).where(gone))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(applicant).where(applicant.c.person_id == person_id))
    db.execute(sa.delete(member).where(member.c.person_id == person_id))


def calls(db: sa.Connection, programme: str) -> dict[UUID, tuple[str, dict[Standing, int]]]:
    """The calls somebody answered: their title, and how many applications stand where."""
    query = (
        sa.select(applicant.c.call_id, call.c.title, applicant.c.standing, sa.func.count())
        .select_from(applicant.join(call, call.c.id == applicant.c.call_id))
        .where(applicant.c.programme == programme)
        .group_by(applicant.c.call_id, call.c.title, applicant.c.standing)
    )
    found: dict[UUID, tuple[str, dict[Standing, int]]] = {}
    for id, title, standing, number in db.execute(query):
        found.setdefault(id, (title, {}))[1][Standing(standing)] = number
    return found


def cohorts(db: sa.Connection, programme: str) -> dict[UUID, tuple[str, int]]:
    """The cohorts of a programme: what they are called, how many people are in them."""
    number = sa.func.count(sa.distinct(member.c.person_id))
    query = (
        sa.select(cohort.c.id, cohort.c.label, number)
        .select_from(member.join(cohort, cohort.c.id == member.c.cohort_id))
        .where(member.c.programme == programme)
        .group_by(cohort.c.id, cohort.c.label)
    )
    return {id: (label, people) for id, label, people in db.execute(query)}


def applicants(db: sa.Connection, programme: str, call_id: UUID, standing: Standing) -> set[UUID]:
    query = sa.select(applicant.c.person_id).where(
        applicant.c.programme == programme, applicant.c.call_id == call_id
    )
    if standing != Standing.RECEIVED:
        query = query.where(applicant.c.standing == standing)
    return set(db.scalars(query))


def members(db: sa.Connection, programme: str, cohort_id: UUID) -> set[UUID]:
    query = sa.select(member.c.person_id).where(
        member.c.programme == programme, member.c.cohort_id == cohort_id
    )
    return set(db.scalars(query))


def awaiting_answer(db: sa.Connection, programme: str, people: Iterable[UUID]) -> int:
    """How many of these the committee's answer is still held for."""
    query = sa.select(sa.func.count(sa.distinct(message.c.recipient_id))).where(
        message.c.programme == programme,
        message.c.template == Template.APPLICATION_DECIDED,
        message.c.state == MessageState.HELD,
        message.c.recipient_id.in_(list(people)),
    )
    return db.execute(query).scalar_one()


def add(
    db: sa.Connection, id: UUID, programme: str, audience: str, subject: str, at: datetime
) -> None:
    row = {"id": id, "programme": programme, "audience": audience, "subject": subject}
    db.execute(sa.insert(writing).values(row | {"written_at": at}))


def subjects(db: sa.Connection, ids: Iterable[UUID]) -> dict[str, str]:
    """What letters to many are called, by their id as text."""
    query = sa.select(writing.c.id, writing.c.subject).where(writing.c.id.in_(list(ids)))
    return {str(row.id): row.subject for row in db.execute(query)}
