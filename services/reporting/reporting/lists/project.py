"""Projects across partners: what each received from all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.text.collation import order_key
from essaim.web import N_, Column, Filter, Listing, Search

from reporting.indicators.application import APPLICATION_ENDS, APPLICATIONS
from reporting.indicators.cohort import STATUS_OF_PROJECTS, SUPPORTED
from reporting.indicators.employment import EXPECTED
from reporting.indicators.pairing import BONDS
from reporting.indicators.rows import alive, heard, of_edition
from reporting.indicators.trophy import TROPHIES
from reporting.lists.kept import Kept
from reporting.scope import Scope
from reporting.store.hours import hours
from reporting.store.project import load_titles, project_title, title_order

Choices = Sequence[tuple[str, str]]
"""Values that a column has, each with what it is called."""


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
    columns = (rows.c[name] for name in ("edition_id", "project_id", *names))
    return sa.select(*columns).where(rows.c.project_id.in_(_IDS), alive(rows))


def _hours_of_projects() -> "sa.Select[Any]":
    sums = (sa.func.sum(hours.c[name]).label(name) for name in ("granted", "used", "over"))
    of = (hours.c.edition_id, hours.c.project_id, hours.c.kind)
    query = sa.select(*of, *sums).where(hours.c.project_id.in_(_IDS), heard(hours))
    # The kinds of a project in the order they were granted.
    return query.group_by(*of).order_by(sa.func.min(hours.c.seq))


_SUPPORTED = _of_projects(SUPPORTED, "sector", "department")
_APPLICATIONS = _of_projects(APPLICATIONS, "number", "sector", "department")
_ENDS = _of_projects(APPLICATION_ENDS, "state")
_STATUSES = _of_projects(STATUS_OF_PROJECTS, "status")
_JOBS = _of_projects(EXPECTED, "jobs_min", "jobs_max")
_HOURS = _hours_of_projects()
_BONDS = _of_projects(BONDS, "kind", "organisation_id", "lasting")
_TROPHIES = _of_projects(TROPHIES, "title")
_SUPPORTED_IDS = sa.select(SUPPORTED.c.project_id).where(of_edition(SUPPORTED), alive(SUPPORTED))


def supported_list(
    scope: Scope, choices: Mapping[str, Choices]
) -> "tuple[sa.Select[Any], Listing]":
    """The projects of the cohort, by id, and how their list may be filtered and sorted.

    `choices` are the sectors, departments and statuses there are, by these names.
    """
    rows = _supported(scope)
    status = sa.select(STATUS_OF_PROJECTS.c.status).where(
        STATUS_OF_PROJECTS.c.project_id == rows.c.project_id,
        of_edition(STATUS_OF_PROJECTS),
        alive(STATUS_OF_PROJECTS),
    )
    is_at = status.params(**scope.parameters).scalar_subquery()
    listing = Listing(
        columns=(
            Column("project", N_("Projet"), title_order(rows.c.project_id)),
            Column("godparent", N_("Parrain ou marraine")),
            Column("hours", N_("Heures consommées")),
            Column("jobs", N_("Emplois attendus")),
            Column("status", N_("Où il en est"), is_at),
        ),
        filters=(
            Kept("as_of", N_("Chiffres connus au"), ()),
            Filter("sector", N_("Secteur"), rows.c.sector, choices["sector"]),
            Filter("department", N_("Département"), rows.c.department, choices["department"]),
            Filter("status", N_("Où il en est"), is_at, choices["status"]),
            Search("q", N_("Projet"), ((rows.c.project_id, project_title.c.title),)),
        ),
        sort="project",
        ties=(rows.c.project_id,),
        anchor="projets",
    )
    return sa.select(rows.c.project_id), listing


def _supported(scope: Scope) -> sa.Subquery:
    known = sa.select(SUPPORTED).where(of_edition(SUPPORTED), alive(SUPPORTED))
    return known.params(**scope.parameters).subquery()


def list_supported_projects(db: sa.Connection, scope: Scope) -> list[Project]:
    """The projects of the cohort, by title."""
    ids = db.scalars(_SUPPORTED_IDS, scope.parameters).all()
    found = list_projects(db, scope, ids)
    return sorted(found, key=lambda project: order_key(project.title))


def list_projects(db: sa.Connection, scope: Scope, ids: Iterable[UUID]) -> list[Project]:
    """These projects as known in the scope, from a few queries over all of them."""
    wanted = list(ids)
    if not wanted:
        return []
    parameters = scope.parameters | {"projects": wanted}

    def of(query: "sa.Select[Any]") -> dict[UUID, list[Any]]:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for row in db.execute(query, parameters):
            # Asked of the database, it might look through the edition instead of the projects.
            if row.edition_id == scope.edition_id:
                found[row.project_id].append(row)
        return found

    titles = load_titles(db, wanted)
    supported, applications, ends = of(_SUPPORTED), of(_APPLICATIONS), of(_ENDS)
    statuses, jobs, packages = of(_STATUSES), of(_JOBS), of(_HOURS)
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
            hours=tuple(Hours(row.kind, row.granted, row.used, row.over) for row in packages[id]),
            bonds=tuple(Bond(row.kind, row.organisation_id, row.lasting) for row in bonds[id]),
            trophies=tuple(row.title for row in trophies[id]),
        )
        for id in wanted
    ]


def _last(rows: list[Any], name: str) -> Any:
    return getattr(rows[-1], name) if rows else None
