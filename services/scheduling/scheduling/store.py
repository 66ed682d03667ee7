"""Every SQL statement of scheduling, by concept."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.keeping.database import upsert
from essaim.refusal import Refusal
from essaim_contracts.candidatures import Commitment
from essaim_contracts.scheduling import (
    AttendeeRole,
    GrantReason,
    HourKind,
    HoursUsed,
    PairingEndReason,
    PairingKind,
    PairingMethod,
    ProjectStatus,
    SessionKind,
    SessionMode,
)

from scheduling.assignment import Offer, Reason
from scheduling.attendance_sheet import AttendanceStatus, Mark
from scheduling.cohort import Cohort, Project, ProposedSession
from scheduling.half_day import HalfDay, Part
from scheduling.hour_package import HourPackage
from scheduling.pairing import Organisation, Pairing, PairingState
from scheduling.progress import Progress
from scheduling.session import Session, SessionState
from scheduling.tables import (
    bearer,
    cohort,
    feed,
    hour_package,
    hour_use,
    mark,
    offer,
    organisation,
    pairing,
    progress,
    project,
    proposed_session,
    session,
    session_person,
    session_project,
    track,
    trophy,
    wish,
)
from scheduling.track import Track

# --- tracks


def find_track(db: sa.Connection, code: str, version: int | None = None) -> Track | None:
    """This version of a track; the latest by default."""
    query = sa.select(track.c.document).where(track.c.code == code)
    if version is not None:
        query = query.where(track.c.version == version)
    document = db.execute(query.order_by(track.c.version.desc()).limit(1)).scalar_one_or_none()
    return Track.model_validate(document) if document else None


def save_track(db: sa.Connection, new: Track, now: datetime) -> None:
    document = new.model_dump(mode="json", exclude_unset=True)
    row = {"code": new.code, "version": new.version, "name": new.name, "document": document}
    db.execute(sa.insert(track), row | {"imported_at": now})


def all_tracks(db: sa.Connection) -> list[Track]:
    """Every version, by code, the latest first."""
    query = sa.select(track.c.document).order_by(track.c.code, track.c.version.desc())
    return [Track.model_validate(document) for document in db.execute(query).scalars()]


# --- organisations


def save_organisation(db: sa.Connection, one: Organisation) -> None:
    row = asdict(one) | {"commitments": sorted(one.commitments)}
    upsert(db, organisation, [row])


def find_organisation(
    db: sa.Connection, programme: str, id: UUID, *, lock: bool = False
) -> Organisation | None:
    query = sa.select(organisation).where(
        organisation.c.programme == programme, organisation.c.id == id
    )
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return _organisation(row) if row else None


def organisations_of(db: sa.Connection, programme: str) -> list[Organisation]:
    """The partners of a programme, by name."""
    query = sa.select(organisation).where(organisation.c.programme == programme)
    return [_organisation(row) for row in db.execute(query.order_by(organisation.c.name))]


def organisation_names(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str | None]:
    query = sa.select(organisation.c.id, organisation.c.name).where(organisation.c.id.in_(set(ids)))
    return {row.id: row.name for row in db.execute(query)}


def _organisation(row: Any) -> Organisation:
    values = dict(row._mapping)
    values["commitments"] = frozenset(map(Commitment, values["commitments"]))
    return Organisation(**values)


# --- cohorts and projects


def save_cohort(db: sa.Connection, new: Cohort) -> None:
    values = asdict(new)
    del values["projects"]
    db.execute(sa.insert(cohort), values)
    for one in new.projects:
        save_project(db, one)


def save_project(db: sa.Connection, one: Project) -> None:
    values = asdict(one)
    bearers = values.pop("bearer_ids")
    upsert(db, project, [values])
    here = (bearer.c.cohort_id == one.cohort_id) & (bearer.c.project_id == one.id)
    db.execute(sa.delete(bearer).where(here))
    rows = [{"cohort_id": one.cohort_id, "project_id": one.id, "person_id": id} for id in bearers]
    upsert(db, bearer, rows)


def find_cohort(db: sa.Connection, cohort_id: UUID, *, lock: bool = False) -> Cohort | None:
    """A cohort with its projects; `lock` makes others who plan for it wait their turn."""
    query = sa.select(cohort).where(cohort.c.id == cohort_id)
    found = _cohorts(db, query.with_for_update() if lock else query)
    return found[0] if found else None


def cohort_of(db: sa.Connection, cohort_id: UUID, *, lock: bool = False) -> Cohort:
    """The same, when a request names it.

    Raises:
        Refusal: there is none.
    """
    found = find_cohort(db, cohort_id, lock=lock)
    if found is None:
        raise Refusal(
            "unknown_cohort",
            "La promotion {cohort} est inconnue ici. Vérifiez l’identifiant, ou attendez qu’elle "
            "ait été formée.",
            field="cohort_id",
            status=404,
            cohort=cohort_id,
        )
    return found


def cohorts(db: sa.Connection, edition_id: UUID | None = None) -> list[Cohort]:
    query = sa.select(cohort).order_by(cohort.c.starts_on.desc(), cohort.c.label)
    if edition_id is not None:
        query = query.where(cohort.c.edition_id == edition_id)
    return _cohorts(db, query)


def cohorts_waiting_for_track(
    db: sa.Connection, code: str | None = None, *, lock: bool = False
) -> list[Cohort]:
    """The cohorts whose track was not known when they were formed."""
    query = sa.select(cohort).where(cohort.c.track_version.is_(None)).order_by(cohort.c.id)
    if code is not None:
        query = query.where(cohort.c.track_code == code)
    return _cohorts(db, query.with_for_update() if lock else query)


def bind_track(db: sa.Connection, cohort_id: UUID, version: int, last_day: date | None) -> None:
    values = {"track_version": version, "last_day": last_day}
    db.execute(sa.update(cohort).where(cohort.c.id == cohort_id).values(values))


def leave_cohort(db: sa.Connection, cohort_id: UUID, project_id: UUID, left_on: date) -> None:
    here = (project.c.cohort_id == cohort_id) & (project.c.id == project_id)
    db.execute(sa.update(project).where(here).values(left_on=left_on))


def projects_of_id(db: sa.Connection, project_id: UUID) -> list[Project]:
    """A project in each cohort it went through, the present one first."""
    query = sa.select(project).where(project.c.id == project_id)
    return _projects(db, query.order_by(project.c.left_on.is_not(None), project.c.joined_on.desc()))


def project_of(db: sa.Connection, project_id: UUID) -> Project:
    """A project as it is in its present cohort, else in its last one.

    Raises:
        Refusal: it is in no cohort.
    """
    found = projects_of_id(db, project_id)
    if not found:
        raise Refusal(
            "unknown_project",
            "Le projet {project} n’est dans aucune promotion. Vérifiez l’identifiant.",
            field="project_id",
            status=404,
            project=project_id,
        )
    return found[0]


def projects_borne_by(db: sa.Connection, person_id: UUID) -> list[Project]:
    mine = sa.select(bearer.c.project_id).where(bearer.c.person_id == person_id)
    return _projects(db, sa.select(project).where(project.c.id.in_(mine)))


def forget_bearer(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(bearer).where(bearer.c.person_id == person_id))


def _cohorts(db: sa.Connection, query: sa.Select[Any]) -> list[Cohort]:
    rows = db.execute(query).all()
    inside: dict[UUID, list[Project]] = {row.id: [] for row in rows}
    ordered = sa.select(project).where(project.c.cohort_id.in_(inside)).order_by(project.c.title)
    for one in _projects(db, ordered):
        inside[one.cohort_id].append(one)
    return [Cohort(**row._mapping, projects=tuple(inside[row.id])) for row in rows]


def _projects(db: sa.Connection, query: sa.Select[Any]) -> list[Project]:
    rows = db.execute(query).all()
    bearers: dict[tuple[UUID, UUID], list[UUID]] = {}
    here = sa.select(bearer).where(bearer.c.cohort_id.in_({row.cohort_id for row in rows}))
    for row in db.execute(here.order_by(bearer.c.person_id)):
        bearers.setdefault((row.cohort_id, row.project_id), []).append(row.person_id)
    return [
        Project(**row._mapping, bearer_ids=tuple(bearers.get((row.cohort_id, row.id), ())))
        for row in rows
    ]


# --- proposed sessions


@dataclass(frozen=True)
class Proposal:
    """A proposed session with its id."""

    id: UUID
    proposed: ProposedSession


def save_proposed(db: sa.Connection, proposed: Sequence[ProposedSession]) -> None:
    if proposed:
        db.execute(
            sa.insert(proposed_session), [asdict(one) | {"id": new_id()} for one in proposed]
        )


def open_proposals(
    db: sa.Connection, cohort_id: UUID | None = None, project_id: UUID | None = None
) -> list[Proposal]:
    """The proposed sessions that no session on the calendar answers."""
    query = sa.select(proposed_session).where(proposed_session.c.id.not_in(_answered()))
    if cohort_id is not None:
        query = query.where(proposed_session.c.cohort_id == cohort_id)
    if project_id is not None:
        query = query.where(proposed_session.c.project_id == project_id)
    ordered = query.order_by(
        proposed_session.c.kind,
        proposed_session.c.title,
        proposed_session.c.project_id,
        proposed_session.c.number,
    )
    return [_proposal(row) for row in db.execute(ordered)]


def open_proposal(db: sa.Connection, id: UUID) -> Proposal:
    """One of them.

    Raises:
        Refusal: there is none, or a session answers it already.
    """
    query = sa.select(proposed_session).where(
        proposed_session.c.id == id, proposed_session.c.id.not_in(_answered())
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise Refusal(
            "no_open_proposal",
            "La séance proposée {proposed} est inconnue ou déjà planifiée. "
            "Relisez la liste des séances proposées.",
            field="proposed_id",
            proposed=id,
        )
    return _proposal(row)


def drop_proposals_of_project(db: sa.Connection, cohort_id: UUID, project_id: UUID) -> None:
    db.execute(
        sa.delete(proposed_session).where(
            proposed_session.c.cohort_id == cohort_id,
            proposed_session.c.project_id == project_id,
            proposed_session.c.id.not_in(_answered()),
        )
    )


def _answered() -> sa.Select[Any]:
    return sa.select(session.c.proposed_id).where(
        session.c.proposed_id.is_not(None), session.c.state != SessionState.CANCELLED
    )


def _proposal(row: Any) -> Proposal:
    values = dict(row._mapping)
    id = values.pop("id")
    values["kind"] = SessionKind(values["kind"])
    values["mode"] = SessionMode(values["mode"]) if values["mode"] else None
    values["hour_kind"] = HourKind(values["hour_kind"]) if values["hour_kind"] else None
    values["topics"] = tuple(values["topics"])
    return Proposal(id, ProposedSession(**values))


# --- sessions


def save_session(db: sa.Connection, one: Session) -> None:
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


def session_of(db: sa.Connection, session_id: UUID, *, lock: bool = False) -> Session:
    """A session; `lock` makes another change of it wait.

    Raises:
        Refusal: there is none.
    """
    query = sa.select(session).where(session.c.id == session_id)
    found = read_sessions(db, query.with_for_update() if lock else query)
    if not found:
        raise Refusal(
            "unknown_session",
            "La séance {session} est inconnue. Vérifiez l’identifiant.",
            status=404,
            session=session_id,
        )
    return found[0]


def read_sessions(db: sa.Connection, query: sa.Select[Any]) -> list[Session]:
    """The sessions whose rows a query selects, in its order."""
    rows = db.execute(query).all()
    projects = _linked(db, session_project, "project_id", [row.id for row in rows])
    persons = _linked(db, session_person, "person_id", [row.id for row in rows])
    return [
        _session(row, tuple(projects.get(row.id, ())), tuple(persons.get(row.id, ())))
        for row in rows
    ]


def at_the_same_time(db: sa.Connection, one: Session) -> list[Session]:
    """The other sessions of its projects or participants that overlap it."""
    same = sa.or_(
        session.c.id.in_(_having(session_project, "project_id", one.project_ids)),
        session.c.id.in_(_having(session_person, "person_id", one.participant_ids)),
    )
    query = sa.select(session).where(
        same,
        session.c.id != one.id,
        session.c.state != SessionState.CANCELLED,
        session.c.starts_at < one.ends_at,
        session.c.ends_at > one.starts_at,
    )
    return read_sessions(db, query.order_by(session.c.starts_at))


def sheets_to_close(
    db: sa.Connection, programmes: tuple[str, ...] | None, now: datetime
) -> list[Session]:
    """The planned sessions of these programmes (None: all) that are over, the oldest first."""
    over = (session.c.state == SessionState.PLANNED) & (session.c.ends_at <= now)
    query = sa.select(session).where(over, *readable(programmes, None))
    return read_sessions(db, query.order_by(session.c.starts_at))


def coming_sessions_of_project(
    db: sa.Connection, one: Cohort, project_id: UUID, after: datetime
) -> list[Session]:
    """The planned sessions of a cohort or its edition that this project is convened to."""
    of_cohort = session.c.cohort_id == one.id
    of_edition = session.c.cohort_id.is_(None) & (session.c.edition_id == one.edition_id)
    query = sa.select(session).where(
        of_cohort | of_edition,
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > after,
        session.c.id.in_(_having(session_project, "project_id", [project_id])),
    )
    return read_sessions(db, query.order_by(session.c.starts_at).with_for_update())


def coming_sessions_for_cohort(db: sa.Connection, cohort_id: UUID, now: datetime) -> list[Session]:
    """The planned sessions, after now, that are for whatever projects the cohort has."""
    query = sa.select(session).where(
        session.c.cohort_id == cohort_id,
        session.c.for_cohort,
        session.c.state == SessionState.PLANNED,
        session.c.starts_at > now,
    )
    return read_sessions(db, query.order_by(session.c.starts_at).with_for_update())


def sessions_of_person(db: sa.Connection, person_id: UUID) -> list[Session]:
    convened = session.c.id.in_(_having(session_person, "person_id", [person_id]))
    return read_sessions(db, sa.select(session).where(convened).order_by(session.c.starts_at))


def shared_sessions_of_cohort(db: sa.Connection, cohort_id: UUID) -> list[Session]:
    """The sessions a cohort has in common: nobody's appointments are among them."""
    query = sa.select(session).where(session.c.cohort_id == cohort_id, session.c.for_cohort)
    return read_sessions(db, query.order_by(session.c.starts_at))


@dataclass(frozen=True)
class Wanted:
    """Which sessions a reader wants; None and empty mean all.

    `programmes` are those she may read whole (None is every one); those that `or_person_id` is
    convened to come beside.
    """

    programmes: tuple[str, ...] | None = None
    or_person_id: UUID | None = None
    edition_id: UUID | None = None
    cohort_id: UUID | None = None
    project_id: UUID | None = None
    kind: SessionKind | None = None
    state: SessionState | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None


def wanted_sessions(
    db: sa.Connection, wanted: Wanted, limit: int, offset: int
) -> tuple[list[Session], int]:
    """One page of them by start, and how many there are."""
    query = sa.select(session).where(*_conditions(wanted))
    total = db.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(session.c.starts_at, session.c.id).limit(limit).offset(offset)
    return read_sessions(db, page), total


def readable(
    programmes: tuple[str, ...] | None, person_id: UUID | None
) -> list[sa.ColumnElement[bool]]:
    """What keeps to the sessions of these programmes (None: all), and those she is convened to."""
    if programmes is None:
        return []
    persons = [person_id] if person_id else []
    convened = session.c.id.in_(_having(session_person, "person_id", persons))
    return [sa.or_(session.c.programme.in_(programmes), convened)]


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = readable(wanted.programmes, wanted.or_person_id)
    if wanted.project_id is not None:
        conditions.append(
            session.c.id.in_(_having(session_project, "project_id", [wanted.project_id]))
        )
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


def forget_participant(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(session_person).where(session_person.c.person_id == person_id))


def _having(table: sa.Table, column: str, ids: Iterable[UUID]) -> sa.Select[Any]:
    return sa.select(table.c.session_id).where(table.c[column].in_(list(ids)))


def _linked(
    db: sa.Connection, table: sa.Table, column: str, session_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    linked: dict[UUID, list[UUID]] = {}
    query = sa.select(table.c.session_id, table.c[column]).where(
        table.c.session_id.in_(session_ids)
    )
    for session_id, id in db.execute(query.order_by(table.c[column])):
        linked.setdefault(session_id, []).append(id)
    return linked


def _session(row: Any, projects: tuple[UUID, ...], persons: tuple[UUID, ...]) -> Session:
    values = dict(row._mapping)
    values["kind"] = SessionKind(values["kind"])
    values["mode"] = SessionMode(values["mode"])
    values["state"] = SessionState(values["state"])
    values["hour_kind"] = HourKind(values["hour_kind"]) if values["hour_kind"] else None
    values["topics"] = tuple(values["topics"])
    values["speaker_ids"] = tuple(map(UUID, values["speaker_ids"]))
    return Session(**values, project_ids=projects, participant_ids=persons)


# --- attendance


def save_marks(
    db: sa.Connection, session_id: UUID, marks: Iterable[Mark], by: UUID | None, now: datetime
) -> None:
    rows = []
    for one in marks:
        values = asdict(one)
        values |= values.pop("half_day") | {"session_id": session_id}
        rows.append(values | {"marked_by": by, "marked_at": now})
    upsert(db, mark, rows)


def marks_of(db: sa.Connection, session_id: UUID) -> list[Mark]:
    query = sa.select(mark).where(mark.c.session_id == session_id)
    ordered = query.order_by(mark.c.person_id, mark.c.day, mark.c.part.desc())
    return [
        Mark(
            person_id=row.person_id,
            half_day=HalfDay(row.day, Part(row.part)),
            status=AttendanceStatus(row.status),
            role=AttendeeRole(row.role),
            project_id=row.project_id,
            organisation_id=row.organisation_id,
        )
        for row in db.execute(ordered)
    ]


# --- hours


def save_packages(db: sa.Connection, packages: Sequence[HourPackage]) -> None:
    upsert(db, hour_package, [asdict(package) for package in packages])


def packages_of(
    db: sa.Connection,
    project_id: UUID,
    cohort_id: UUID | None = None,
    kind: HourKind | None = None,
    *,
    lock: bool = False,
) -> list[HourPackage]:
    """The packages of a project, the oldest first; `lock` makes another use of them wait."""
    query = sa.select(hour_package).where(hour_package.c.project_id == project_id)
    if cohort_id is not None:
        query = query.where(hour_package.c.cohort_id == cohort_id)
    if kind is not None:
        query = query.where(hour_package.c.kind == kind)
    query = query.order_by(hour_package.c.granted_on, hour_package.c.id)
    rows = db.execute(query.with_for_update() if lock else query)
    return [_package(row) for row in rows]


def save_use(db: sa.Connection, package: HourPackage, use: HoursUsed) -> None:
    """A use, and the package once it is counted."""
    columns = {"package_id", "session_id", "provider_id", "minutes", "minutes_over", "override_by"}
    row = use.model_dump(include=columns | {"used_on"})
    db.execute(sa.insert(hour_use), row | {"id": new_id()})
    save_packages(db, [package])


def uses_of(db: sa.Connection, package_ids: Iterable[UUID]) -> list[sa.Row[Any]]:
    query = sa.select(hour_use).where(hour_use.c.package_id.in_(list(package_ids)))
    return list(db.execute(query.order_by(hour_use.c.used_on, hour_use.c.id)))


def minutes_planned(db: sa.Connection, project_id: UUID) -> dict[HourKind, int]:
    """The minutes of its planned sessions that will use a package, by kind."""
    query = sa.select(session).where(
        session.c.state == SessionState.PLANNED,
        session.c.hour_kind.is_not(None),
        session.c.id.in_(_having(session_project, "project_id", [project_id])),
    )
    planned: dict[HourKind, int] = {}
    for one in read_sessions(db, query):
        if one.hour_kind is not None:
            planned[one.hour_kind] = planned.get(one.hour_kind, 0) + one.minutes
    return planned


def _package(row: Any) -> HourPackage:
    values = dict(row._mapping)
    values["kind"] = HourKind(values["kind"])
    values["reason"] = GrantReason(values["reason"])
    return HourPackage(**values)


# --- pairings, offers and wishes


def save_pairing(db: sa.Connection, one: Pairing) -> None:
    upsert(db, pairing, [asdict(one) | {"reasons": [asdict(reason) for reason in one.reasons]}])


def pairing_of(db: sa.Connection, pairing_id: UUID, *, lock: bool = False) -> Pairing:
    """A pairing in any state.

    Raises:
        Refusal: there is none.
    """
    query = sa.select(pairing).where(pairing.c.id == pairing_id)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise Refusal(
            "unknown_pairing",
            "Le lien {pairing} est inconnu. Vérifiez l’identifiant.",
            status=404,
            pairing=pairing_id,
        )
    return _pairing(row)


def pairings(
    db: sa.Connection,
    *,
    programmes: Iterable[str] | None = None,
    cohort_id: UUID | None = None,
    project_ids: Iterable[UUID] | None = None,
    organisation_id: UUID | None = None,
    kind: PairingKind | None = None,
    state: PairingState | None = None,
) -> list[Pairing]:
    """The pairings that have all of these, by project and kind. None means any."""
    query = sa.select(pairing)
    if programmes is not None:
        query = query.where(pairing.c.programme.in_(list(programmes)))
    if project_ids is not None:
        query = query.where(pairing.c.project_id.in_(list(project_ids)))
    for column, value in (
        (pairing.c.cohort_id, cohort_id),
        (pairing.c.organisation_id, organisation_id),
        (pairing.c.kind, kind),
        (pairing.c.state, state),
    ):
        if value is not None:
            query = query.where(column == value)
    ordered = query.order_by(pairing.c.project_id, pairing.c.kind, pairing.c.id)
    return [_pairing(row) for row in db.execute(ordered)]


def drop_proposed_pairings(
    db: sa.Connection,
    cohort_id: UUID,
    *,
    kind: PairingKind | None = None,
    project_id: UUID | None = None,
) -> None:
    """Forget the proposals of a cohort, of one kind or of one project."""
    query = sa.delete(pairing).where(
        pairing.c.cohort_id == cohort_id, pairing.c.state == PairingState.PROPOSED
    )
    if kind is not None:
        query = query.where(pairing.c.kind == kind)
    if project_id is not None:
        query = query.where(pairing.c.project_id == project_id)
    db.execute(query)


def forget_paired_person(db: sa.Connection, person_id: UUID) -> None:
    """The organisations stay beside their projects; who acted for them is forgotten."""
    where = pairing.c.person_id == person_id
    db.execute(sa.update(pairing).where(where).values(person_id=None))
    where = organisation.c.person_id == person_id
    db.execute(sa.update(organisation).where(where).values(person_id=None))


def save_offers(
    db: sa.Connection, programme: str, kind: PairingKind, offers: Iterable[Offer]
) -> None:
    """What organisations offer; their load is not kept, it is counted."""
    rows = []
    for one in offers:
        values = asdict(one) | {"topics": sorted(one.topics), "programme": programme, "kind": kind}
        del values["load"]
        rows.append(values)
    upsert(db, offer, rows)


def offers_of(db: sa.Connection, programme: str, kind: PairingKind) -> dict[UUID, Offer]:
    """What organisations offer, with their load of active pairings."""
    active = sa.select(pairing.c.organisation_id, sa.func.count().label("load")).where(
        pairing.c.programme == programme,
        pairing.c.kind == kind,
        pairing.c.state == PairingState.ACTIVE,
    )
    load = {
        row.organisation_id: row.load
        for row in db.execute(active.group_by(pairing.c.organisation_id))
    }
    query = sa.select(offer).where(offer.c.programme == programme, offer.c.kind == kind)
    known = {
        row.organisation_id: Offer(
            organisation_id=row.organisation_id,
            sector=row.sector,
            department=row.department,
            topics=frozenset(row.topics),
            capacity=row.capacity,
            load=load.get(row.organisation_id, 0),
        )
        for row in db.execute(query)
    }
    silent = {id: Offer(id, load=count) for id, count in load.items() if id not in known}
    return known | silent


def save_wish(db: sa.Connection, project_id: UUID, topics: Iterable[str]) -> None:
    upsert(db, wish, [{"project_id": project_id, "topics": sorted(topics)}])


def wishes_of(db: sa.Connection, project_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    query = sa.select(wish).where(wish.c.project_id.in_(list(project_ids)))
    return {row.project_id: frozenset(row.topics) for row in db.execute(query)}


def _pairing(row: Any) -> Pairing:
    values = dict(row._mapping)
    values["kind"] = PairingKind(values["kind"])
    values["state"] = PairingState(values["state"])
    values["method"] = PairingMethod(values["method"])
    end = values["end_reason"]
    values["end_reason"] = PairingEndReason(end) if end else None
    values["reasons"] = tuple(Reason(**reason) for reason in values["reasons"])
    return Pairing(**values)


# --- progress and trophies


def save_progress(db: sa.Connection, of: Project, one: Progress, by: UUID | None) -> None:
    row = asdict(one) | {"id": new_id(), "project_id": of.id, "cohort_id": of.cohort_id}
    db.execute(sa.insert(progress), row | {"reported_by": by})


def progress_of(db: sa.Connection, project_id: UUID) -> list[Progress]:
    """Every report on a project, the latest first."""
    query = sa.select(progress).where(progress.c.project_id == project_id)
    return [
        Progress(
            status=ProjectStatus(row.status),
            reported_on=row.reported_on,
            legal_form=row.legal_form,
            expected_on=row.expected_on,
            jobs_min=row.jobs_min,
            jobs_max=row.jobs_max,
        )
        for row in db.execute(query.order_by(progress.c.reported_on.desc(), progress.c.id.desc()))
    ]


def save_trophy(db: sa.Connection, row: dict[str, Any]) -> None:
    upsert(db, trophy, [row])


def trophies_of(db: sa.Connection, cohort_id: UUID) -> list[sa.Row[Any]]:
    query = (
        sa.select(trophy.c.title, trophy.c.awarded_on, project.c.title.label("project"))
        .join(project, (project.c.id == trophy.c.project_id) & (project.c.cohort_id == cohort_id))
        .where(trophy.c.cohort_id == cohort_id)
    )
    return list(db.execute(query.order_by(trophy.c.awarded_on, trophy.c.title)))


# --- calendar feeds


def save_feed(db: sa.Connection, owner_id: UUID, cohort_id: UUID | None, now: datetime) -> UUID:
    id = new_id()
    row = {"id": id, "owner_id": owner_id, "cohort_id": cohort_id, "created_at": now}
    db.execute(sa.insert(feed), row)
    return id


def find_feed(db: sa.Connection, feed_id: UUID) -> sa.Row[Any] | None:
    return db.execute(sa.select(feed).where(feed.c.id == feed_id)).one_or_none()


def feeds_of(db: sa.Connection, owner_id: UUID) -> list[sa.Row[Any]]:
    query = sa.select(feed.c.id, feed.c.cohort_id, feed.c.created_at)
    return list(db.execute(query.where(feed.c.owner_id == owner_id).order_by(feed.c.created_at)))


def revoke_feed(db: sa.Connection, feed_id: UUID, owner_id: UUID) -> bool:
    """Whether there was one of hers to revoke."""
    gone = sa.delete(feed).where(feed.c.id == feed_id, feed.c.owner_id == owner_id)
    return db.execute(gone).rowcount > 0


def forget_feeds(db: sa.Connection, owner_id: UUID) -> None:
    db.execute(sa.delete(feed).where(feed.c.owner_id == owner_id))
