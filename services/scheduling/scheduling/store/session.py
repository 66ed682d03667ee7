"""Sessions on the calendar, with the projects and persons they are for."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim.keeping.listed import listed, shown
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode

from scheduling.cohort import Cohort
from scheduling.session import Session, SessionState, unknown_session
from scheduling.store.columns import code, identifier, metadata

session = sa.Table(
    "session",
    metadata,
    identifier("id", key=True),
    code("programme"),
    identifier("edition_id", index=True),
    identifier("cohort_id", optional=True, index=True),
    identifier("proposed_id", optional=True, index=True),
    code("kind", SessionKind),
    *listed(sa.Column("title", sa.String(300), nullable=False)),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("starts_at", Instant, nullable=False, index=True),
    sa.Column("ends_at", Instant, nullable=False),
    code("mode", SessionMode),
    *listed(sa.Column("place", sa.String(300))),
    identifier("host_id", optional=True),
    identifier("provider_id", optional=True),
    code("hour_kind", HourKind, optional=True),
    sa.Column("speaker_ids", sa.JSON, nullable=False),
    sa.Column("for_cohort", sa.Boolean, nullable=False),
    code("state", SessionState),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("minutes_held", sa.Integer),
    sa.Column("participants", sa.Integer),
)

session_project = sa.Table(
    "session_project",
    metadata,
    identifier("session_id", key=True),
    identifier("project_id", key=True),
    sa.Index("session_project_project", "project_id"),
)

session_person = sa.Table(
    "session_person",
    metadata,
    identifier("session_id", key=True),
    identifier("person_id", key=True),
    sa.Index("session_person_person", "person_id"),
)


def load(db: sa.Connection, session_id: UUID, *, lock: bool = False) -> Session:
    """A session; `lock` makes another change of it wait.

    Raises:
        Refusal: there is none.
    """
    query = sa.select(*shown(session)).where(session.c.id == session_id)
    found = _sessions(db, query.with_for_update() if lock else query)
    if not found:
        raise unknown_session(session_id)
    return found[0]


def save(db: sa.Connection, one: Session) -> None:
    values = asdict(one)
    projects, persons = values.pop("project_ids"), values.pop("participant_ids")
    values["speaker_ids"] = [str(id) for id in one.speaker_ids]
    upsert(db, session, [values])
    for table, column, ids in (
        (session_project, "project_id", projects),
        (session_person, "person_id", persons),
    ):
        gone = table.c[column].not_in(ids)
        db.execute(sa.delete(table).where(table.c.session_id == one.id, gone))
        upsert(db, table, [{"session_id": one.id, column: id} for id in ids])


def at_the_same_time(db: sa.Connection, one: Session) -> list[Session]:
    """The other sessions of its projects or participants that overlap it."""
    same = _for_projects(one.project_ids) | _for_persons(one.participant_ids)
    return _sessions_by_start(
        db,
        same,
        session.c.id != one.id,
        session.c.state != SessionState.CANCELLED,
        session.c.starts_at < one.ends_at,
        session.c.ends_at > one.starts_at,
    )


def to_close(
    db: sa.Connection, within: Iterable[sa.ColumnElement[bool]], now: datetime
) -> list[Session]:
    """The planned sessions within these conditions that are over, the oldest first."""
    over = (session.c.state == SessionState.PLANNED) & (session.c.ends_at <= now)
    return _sessions_by_start(db, over, *within)


def lock_coming_of_project(
    db: sa.Connection, one: Cohort, project_id: UUID, after: datetime
) -> list[Session]:
    """The planned sessions of a cohort or its edition that this project is convened to."""
    of_cohort = session.c.cohort_id == one.id
    of_edition = session.c.cohort_id.is_(None) & (session.c.edition_id == one.edition_id)
    return _sessions_by_start(
        db,
        of_cohort | of_edition,
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > after,
        _for_projects([project_id]),
        lock=True,
    )


def lock_coming_for_cohort(db: sa.Connection, cohort_id: UUID, now: datetime) -> list[Session]:
    """The planned sessions, after now, that are for whatever projects the cohort has."""
    return _sessions_by_start(
        db,
        session.c.cohort_id == cohort_id,
        session.c.for_cohort,
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > now,
        lock=True,
    )


def of_person(db: sa.Connection, person_id: UUID) -> list[Session]:
    return _sessions_by_start(db, _for_persons([person_id]))


def coming_of_person(
    db: sa.Connection, programme: str, person_id: UUID, after: datetime
) -> list[Session]:
    """The planned sessions of a programme, from then on, to which a person is convened."""
    return _sessions_by_start(
        db,
        _for_persons([person_id]),
        session.c.programme == programme,
        session.c.state == SessionState.PLANNED,
        session.c.starts_at >= after,
    )


def shared_in_cohort(db: sa.Connection, cohort_id: UUID) -> list[Session]:
    """The sessions a cohort has in common: nobody's appointments are among them."""
    return _sessions_by_start(db, session.c.cohort_id == cohort_id, session.c.for_cohort)


def minutes_planned(db: sa.Connection, project_id: UUID) -> dict[HourKind, int]:
    """The minutes of its planned sessions that will use a package, by kind."""
    coming = _sessions_by_start(
        db,
        session.c.state == SessionState.PLANNED,
        session.c.hour_kind.is_not(None),
        _for_projects([project_id]),
    )
    planned: dict[HourKind, int] = {}
    for one in coming:
        if one.hour_kind is not None:
            planned[one.hour_kind] = planned.get(one.hour_kind, 0) + one.minutes
    return planned


@dataclass(frozen=True)
class Wanted:
    """Which sessions a reader wants; None means all. `within` are conditions: what she may read."""

    within: Sequence[sa.ColumnElement[bool]] = ()
    edition_id: UUID | None = None
    cohort_id: UUID | None = None
    project_id: UUID | None = None
    kind: SessionKind | None = None
    state: SessionState | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None


def find_wanted(
    db: sa.Connection, wanted: Wanted, limit: int, offset: int = 0
) -> tuple[list[Session], int]:
    """One page of them by start, and how many there are."""
    query = sa.select(*shown(session)).where(*_conditions(wanted))
    total = db.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(session.c.starts_at, session.c.id).limit(limit).offset(offset)
    return _sessions(db, page), total


def coming_to(
    db: sa.Connection, within: Iterable[sa.ColumnElement[bool]], now: datetime, limit: int
) -> list[Session]:
    """The next planned sessions within these conditions."""
    query = sa.select(*shown(session)).where(
        session.c.state == SessionState.PLANNED, session.c.starts_at > now, *within
    )
    return _sessions(db, query.order_by(session.c.starts_at, session.c.id).limit(limit))


def forget_participant(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(session_person).where(session_person.c.person_id == person_id))


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = list(wanted.within)
    if wanted.project_id is not None:
        conditions.append(_for_projects([wanted.project_id]))
    for column, value in (
        (session.c.edition_id, wanted.edition_id),
        (session.c.cohort_id, wanted.cohort_id),
        (session.c.kind, wanted.kind),
        (session.c.state, wanted.state),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.starts_from is not None:
        conditions.append(session.c.starts_at >= wanted.starts_from)
    if wanted.starts_until is not None:
        conditions.append(session.c.starts_at < wanted.starts_until)
    return conditions


def _for_projects(ids: Iterable[UUID]) -> sa.ColumnElement[bool]:
    return _linked_to(session_project, "project_id", ids)


def _for_persons(ids: Iterable[UUID]) -> sa.ColumnElement[bool]:
    return _linked_to(session_person, "person_id", ids)


def _linked_to(table: sa.Table, column: str, ids: Iterable[UUID]) -> sa.ColumnElement[bool]:
    return session.c.id.in_(sa.select(table.c.session_id).where(table.c[column].in_(list(ids))))


def _sessions_by_start(
    db: sa.Connection, *conditions: sa.ColumnElement[bool], lock: bool = False
) -> list[Session]:
    query = sa.select(*shown(session)).where(*conditions).order_by(session.c.starts_at)
    return _sessions(db, query.with_for_update() if lock else query)


def _sessions(db: sa.Connection, query: sa.Select[Any]) -> list[Session]:
    """The sessions whose rows a query selects, in its order."""
    rows = db.execute(query).all()
    projects = _links(db, session_project, "project_id", [row.id for row in rows])
    persons = _links(db, session_person, "person_id", [row.id for row in rows])
    return [
        _session(row, tuple(projects.get(row.id, ())), tuple(persons.get(row.id, ())))
        for row in rows
    ]


def _links(
    db: sa.Connection, table: sa.Table, column: str, session_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    linked: dict[UUID, list[UUID]] = {}
    query = sa.select(table.c.session_id, table.c[column]).where(
        table.c.session_id.in_(session_ids)
    )
    for session_id, id in db.execute(query.order_by(table.c[column])):
        linked.setdefault(session_id, []).append(id)
    return linked


def _session(row: sa.Row[Any], projects: tuple[UUID, ...], persons: tuple[UUID, ...]) -> Session:
    values = dict(row._mapping)
    values["topics"] = tuple(values["topics"])
    values["speaker_ids"] = tuple(map(UUID, values["speaker_ids"]))
    return Session(**values, project_ids=projects, participant_ids=persons)
