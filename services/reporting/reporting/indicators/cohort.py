"""The projects supported, and where each of them stands."""

import sqlalchemy as sa
from essaim.text.languages import N_

from reporting.indicators.indicator import Basis, Feed, GroupedBy, Indicator
from reporting.indicators.rows import earlier, first_said, lasting
from reporting.labels import PROJECT_STATUSES
from reporting.store.cohort import cohort_project
from reporting.store.project import project_progressed

_SAID_OF = (Feed(cohort_project, "project_id"), Feed(project_progressed, "project_id"))


def _supported() -> sa.Subquery:
    last = lasting(cohort_project, "edition_id", "project_id")
    return sa.select(last).where(last.c.joined).subquery()


SUPPORTED = _supported()
"""Each project that the last fact about it puts in a cohort."""

_COHORT = Basis(SUPPORTED, ("project_id",), _SAID_OF[:1])


def _statuses() -> sa.Subquery:
    progress, other = project_progressed, project_progressed.alias()
    names = ("fact_id", "source", "seq", "at", "edition_id", "project_id")
    same = (
        other.c.edition_id == progress.c.edition_id,
        other.c.project_id == progress.c.project_id,
    )
    newer = sa.tuple_(other.c.reported_on, other.c.seq) > sa.tuple_(
        progress.c.reported_on, progress.c.seq
    )
    reported = sa.select(
        *(progress.c[name] for name in names),
        progress.c.status,
        progress.c.at.label("since"),
        first_said(other, *same, newer).label("until"),
    )
    is_reported = first_said(
        progress,
        progress.c.edition_id == SUPPORTED.c.edition_id,
        progress.c.project_id == SUPPORTED.c.project_id,
    )
    silent = sa.select(
        *(SUPPORTED.c[name] for name in names),
        sa.literal("not_reported").label("status"),
        SUPPORTED.c.since,
        earlier(SUPPORTED.c.until, is_reported).label("until"),
    )
    return sa.union_all(reported, silent).subquery()


STATUS_OF_PROJECTS = _statuses()
"""The status of each project by its latest report; `not_reported` in the cohort without one."""

_STATUSES = Basis(STATUS_OF_PROJECTS, ("project_id",), _SAID_OF)

PROJECTS = Indicator(
    code="cohort.projects",
    label=N_("Projets accompagnés"),
    formula=N_(
        "Projets entrés dans la promotion et qui n’en sont pas sortis, chacun compté une fois."
    ),
    of=_COHORT,
    part=SUPPORTED.c.sector,
    parts=GroupedBy.SECTOR,
    drawn="bar",
)

BY_DEPARTMENT = Indicator(
    code="cohort.by_department",
    label=N_("Projets accompagnés par département"),
    formula=N_("Projets accompagnés, selon leur département."),
    of=_COHORT,
    part=SUPPORTED.c.department,
    parts=GroupedBy.DEPARTMENT,
    breakdown=True,
)

BY_STATUS = Indicator(
    code="cohort.statuses",
    label=N_("Où en sont les projets"),
    formula=N_(
        "Chaque projet compte une fois, selon son dernier point d’avancement (la date du point, "
        "puis l’ordre d’arrivée). Un projet accompagné dont rien n’a été dit est « sans nouvelle »."
    ),
    of=_STATUSES,
    part=STATUS_OF_PROJECTS.c.status,
    parts=PROJECT_STATUSES,
    breakdown=True,
    drawn="pie",
)

SHOWN = (
    PROJECTS,
    BY_STATUS,
    BY_DEPARTMENT,
)
