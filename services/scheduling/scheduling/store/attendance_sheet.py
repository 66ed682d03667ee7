"""The marks on the sheets of sessions."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim_contracts.scheduling import AttendeeRole

from scheduling.attendance_sheet import AttendanceStatus, Mark
from scheduling.half_day import HalfDay, Part
from scheduling.store.columns import code, identifier, metadata

mark = sa.Table(
    "mark",
    metadata,
    identifier("session_id", key=True),
    identifier("person_id", key=True),
    sa.Column("day", sa.Date, primary_key=True),
    code("part", Part, key=True),
    code("status", AttendanceStatus),
    code("role", AttendeeRole),
    identifier("project_id", optional=True),
    identifier("organisation_id", optional=True),
    identifier("marked_by", optional=True),
    sa.Column("marked_at", Instant, nullable=False),
)


def load_marks(db: sa.Connection, session_id: UUID) -> list[Mark]:
    query = sa.select(mark).where(mark.c.session_id == session_id)
    ordered = query.order_by(mark.c.person_id, mark.c.day, mark.c.part.desc())
    return [
        Mark(
            person_id=row.person_id,
            half_day=HalfDay(row.day, row.part),
            status=row.status,
            role=row.role,
            project_id=row.project_id,
            organisation_id=row.organisation_id,
        )
        for row in db.execute(ordered)
    ]


def save_marks(
    db: sa.Connection, session_id: UUID, marks: Iterable[Mark], by: UUID | None, now: datetime
) -> None:
    rows = []
    for one in marks:
        values = asdict(one)
        values |= values.pop("half_day") | {"session_id": session_id}
        rows.append(values | {"marked_by": by, "marked_at": now})
    upsert(db, mark, rows)
