"""What is still kept of people, with the day from which its time counts."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.retention.rule import Kept

from scheduling.store.attendance_sheet import mark
from scheduling.store.cohort import cohort, project
from scheduling.store.exchange import exchange
from scheduling.store.session import session, session_person


def attendance(db: sa.Connection) -> Iterator[Kept]:
    """The sessions of which it is known who was called, spoke or came."""
    known = sa.union(sa.select(mark.c.session_id), sa.select(session_person.c.session_id))
    query = sa.select(
        session.c.id,
        session.c.programme,
        session.c.edition_id,
        session.c.ends_at,
        cohort.c.label,
    ).select_from(session.outerjoin(cohort, cohort.c.id == session.c.cohort_id))
    for row in db.execute(query.where(session.c.id.in_(known))):
        of = row.label or row.programme
        since = row.ends_at.astimezone(PARIS).date()
        yield Kept(row.id, of, row.programme, (row.edition_id,), since)


def forget_attendance(db: sa.Connection, session_id: UUID) -> None:
    """That it was held, for how long and how many came stays."""
    for table in (mark, session_person):
        db.execute(sa.delete(table).where(table.c.session_id == session_id))
    db.execute(sa.update(session).where(session.c.id == session_id).values(speaker_ids=[]))


def exchanges(db: sa.Connection) -> Iterator[Kept]:
    """What was noted of exchanges, from the day of each."""
    query = sa.select(
        exchange.c.id,
        exchange.c.happened_on,
        cohort.c.label,
        cohort.c.programme,
        cohort.c.edition_id,
    ).select_from(
        exchange.join(project, project.c.id == exchange.c.project_id).join(
            cohort, cohort.c.id == project.c.cohort_id
        )
    )
    by_id: dict[UUID, list[Any]] = {}
    for row in db.execute(query.order_by(cohort.c.starts_on)):
        by_id.setdefault(row.id, []).append(row)
    for id, rows in by_id.items():
        editions = tuple({row.edition_id for row in rows})
        yield Kept(id, rows[-1].label, rows[-1].programme, editions, rows[-1].happened_on)


def forget_exchange(db: sa.Connection, exchange_id: UUID) -> None:
    db.execute(sa.delete(exchange).where(exchange.c.id == exchange_id))
