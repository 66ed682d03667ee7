"""A project across partners: what it received from each, and every fact about it in order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.refusal import Refusal
from essaim.web import N_, Column, Filter, Listing
from essaim_contracts.words import Words

from reporting import store
from reporting.cohort import STATUS_OF_PROJECTS, SUPPORTED
from reporting.evidence import FactList
from reporting.funnel import APPLICATION_ENDS, APPLICATIONS
from reporting.indicator import Scope, known
from reporting.jobs import EXPECTED
from reporting.pairings import BONDS
from reporting.store import timeline, timeline_project
from reporting.trophies import TROPHIES
from reporting.words import FACT_TYPES


@dataclass(frozen=True)
class Hours:
    """The packages of one kind of a project, in minutes. `used` holds the time over."""

    kind: str
    granted: int
    used: int
    over: int

    @property
    def left(self) -> int:
        return self.granted - (self.used - self.over)


@dataclass(frozen=True)
class Bond:
    """An organisation that accompanies a project. `lasting` is false when it was interrupted."""

    kind: str
    organisation_id: UUID
    lasting: bool


@dataclass(frozen=True)
class Project:
    """What is known of a project in an edition; what was not said is None or empty."""

    id: UUID
    title: str
    number: str | None
    state: str | None
    supported: bool
    sector: str | None
    department: str | None
    status: str | None
    jobs: tuple[int, int] | None
    hours: tuple[Hours, ...]
    bonds: tuple[Bond, ...]
    trophies: tuple[str, ...]


_IDS: sa.BindParameter[Any] = sa.bindparam("projects", type_=sa.Uuid, expanding=True)


def _of_projects(rows: sa.FromClause, *names: str) -> "sa.Select[Any]":
    """These columns only: making an id of each text costs more than the query."""
    columns = (rows.c[name] for name in ("project_id", *names))
    return sa.select(*columns).where(rows.c.project_id.in_(_IDS))


def _hours_of_projects() -> "sa.Select[Any]":
    hours = store.hours
    sums = (sa.func.sum(hours.c[name]).label(name) for name in ("granted", "used", "over"))
    query = sa.select(hours.c.project_id, hours.c.kind, *sums)
    query = query.where(hours.c.project_id.in_(_IDS), known(hours))
    # The kinds of a project in the order they were granted.
    return query.group_by(hours.c.project_id, hours.c.kind).order_by(sa.func.min(hours.c.seq))


_SUPPORTED = _of_projects(SUPPORTED, "sector", "department")
_APPLICATIONS = _of_projects(APPLICATIONS, "number", "sector", "department")
_ENDS = _of_projects(APPLICATION_ENDS, "state")
_STATUSES = _of_projects(STATUS_OF_PROJECTS, "status")
_JOBS = _of_projects(EXPECTED, "jobs_min", "jobs_max")
_HOURS = _hours_of_projects()
_BONDS = _of_projects(BONDS, "kind", "organisation_id", "lasting")
_TROPHIES = _of_projects(TROPHIES, "title")
_SUPPORTED_IDS = sa.select(SUPPORTED.c.project_id)


def supported_projects(db: sa.Connection, scope: Scope) -> list[Project]:
    """The projects of the cohort, by title."""
    ids = db.scalars(_SUPPORTED_IDS, scope.parameters).all()
    found = projects(db, scope, ids)
    return sorted(found, key=lambda project: project.title.casefold())


def projects(db: sa.Connection, scope: Scope, ids: Iterable[UUID]) -> list[Project]:
    """These projects as known in the scope; each from a few queries over all of them."""
    wanted = list(ids)
    parameters = scope.parameters | {"projects": wanted}

    def of(query: "sa.Select[Any]") -> dict[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for row in db.execute(query, parameters):
            found[row.project_id].append(row)
        return found

    titles = titles_of(db, wanted)
    supported, applications, ends = of(_SUPPORTED), of(_APPLICATIONS), of(_ENDS)
    statuses, jobs, hours = of(_STATUSES), of(_JOBS), of(_HOURS)
    bonds, trophies = of(_BONDS), of(_TROPHIES)
    return [
        Project(
            id=id,
            title=titles.get(id, str(id)),
            number=_last(applications[id], "number"),
            state=_last(ends[id], "state"),
            supported=bool(supported[id]),
            sector=_last(supported[id] or applications[id], "sector"),
            department=_last(supported[id] or applications[id], "department"),
            status=_last(statuses[id], "status"),
            jobs=next(((row.jobs_min, row.jobs_max) for row in jobs[id]), None),
            hours=tuple(Hours(row.kind, row.granted, row.used, row.over) for row in hours[id]),
            bonds=tuple(Bond(row.kind, row.organisation_id, row.lasting) for row in bonds[id]),
            trophies=tuple(row.title for row in trophies[id]),
        )
        for id in wanted
    ]


def titles_of(db: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The title each project last had."""
    titles = store.project_title
    query = sa.select(titles).where(titles.c.project_id.in_(list(ids))).order_by(titles.c.seq)
    return {row.project_id: row.title for row in db.execute(query)}


def session_titles(db: sa.Connection, edition_id: UUID) -> dict[UUID, str]:
    """The title of each session of the edition."""
    planned = store.session_planned
    query = sa.select(planned.c.session_id, planned.c.title).order_by(planned.c.seq)
    rows = db.execute(query.where(planned.c.edition_id == edition_id))
    return {row.session_id: row.title for row in rows}


def edition_of_project(db: sa.Connection, project_id: UUID) -> UUID:
    """The last edition a fact about this project belongs to.

    Raises:
        Refusal: (404) no fact is about this project.
    """
    query = (
        sa.select(timeline.c.edition_id)
        .join(timeline_project, timeline_project.c.fact_id == timeline.c.fact_id)
        .where(timeline_project.c.project_id == project_id, timeline.c.edition_id.is_not(None))
        .order_by(timeline.c.seq.desc())
        .limit(1)
    )
    edition_id: UUID | None = db.scalar(query)
    if edition_id is None:
        raise Refusal(
            "unknown_project",
            "Aucun fait connu ne parle de ce projet. Vérifiez l'adresse, ou repartez de la liste "
            "des projets de l'édition.",
            status=404,
        )
    return edition_id


def timeline_list(project_id: UUID, titles: Mapping[str, Words]) -> FactList:
    """Every fact about a project, in the order of the stream; `titles` are those of its tellers.

    A moved or cancelled session names no project: it follows the session that was planned for it.
    A message follows what it tells, when it went to somebody who carries the project.
    """
    direct = sa.select(timeline_project.c.fact_id).where(
        timeline_project.c.project_id == project_id
    )
    about = sa.select(timeline.c.key).where(timeline.c.fact_id.in_(direct))
    bearers = sa.select(store.project_bearer.c.person_id).where(
        store.project_bearer.c.project_id == project_id
    )
    message = store.message
    told = sa.select(message.c.fact_id).where(
        message.c.recipient_id.in_(bearers),
        sa.or_(message.c.cause.in_(direct), message.c.about_id.in_(about)),
    )
    changes = [
        sa.select(table.c.fact_id).where(table.c.session_id.in_(about))
        for table in (store.session_moved, store.session_cancelled)
    ]
    facts = sa.union(direct, told, *changes)
    listing = Listing(
        columns=(
            Column("at", N_("Date"), timeline.c.at),
            Column("owner", N_("Dit par"), timeline.c.owner),
            Column("sentence", N_("Ce qui s'est passé")),
            Column("seq", N_("N° du fait"), timeline.c.seq),
        ),
        filters=(
            Filter("owner", N_("Dit par"), timeline.c.owner, tuple(titles.items())),
            Filter("type", N_("Fait"), timeline.c.type, tuple(FACT_TYPES.items())),
        ),
        sort="seq",
        size=200,
    )
    return FactList(sa.select(timeline).where(timeline.c.fact_id.in_(facts)), listing)


def _last(rows: list[Any], name: str) -> Any:
    return getattr(rows[-1], name) if rows else None
