"""The projects supported, and where each of them stands."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_

from reporting.indicators.indicator import GroupedBy, Indicator
from reporting.indicators.rows import counted, known, latest
from reporting.labels import PROJECT_STATUSES
from reporting.store.cohort import cohort_project
from reporting.store.project import project_progressed


def _supported() -> sa.Subquery:
    last = latest(cohort_project, cohort_project.c.edition_id, cohort_project.c.project_id)
    return sa.select(last).where(last.c.joined).subquery()


SUPPORTED = _supported()
"""Each project that the last fact about it puts in a cohort."""


def _facts_of(rows: sa.FromClause) -> tuple["sa.ColumnElement[Any]", ...]:
    return rows.c.fact_id, rows.c.source, rows.c.seq, rows.c.at, rows.c.project_id


def _statuses() -> sa.Subquery:
    progress, later = project_progressed, project_progressed.alias()
    newer = sa.tuple_(later.c.reported_on, later.c.seq) > sa.tuple_(
        progress.c.reported_on, progress.c.seq
    )
    is_replaced = sa.exists().where(
        later.c.project_id == progress.c.project_id, newer, known(later)
    )
    reported = sa.select(*_facts_of(progress), progress.c.status).where(
        known(progress), ~is_replaced
    )
    is_reported = sa.exists().where(
        progress.c.project_id == SUPPORTED.c.project_id, known(progress)
    )
    silent = sa.select(*_facts_of(SUPPORTED), sa.literal("not_reported").label("status")).where(
        ~is_reported
    )
    return sa.union_all(reported, silent).subquery()


STATUS_OF_PROJECTS = _statuses()
"""The status of each project by its latest report; `not_reported` in the cohort without one."""

PROJECTS = Indicator(
    code="cohort.projects",
    label=N_("Projets accompagnés"),
    formula=N_(
        "Projets entrés dans la promotion et qui n’en sont pas sortis, chacun compté une fois."
    ),
    rows=counted(SUPPORTED, SUPPORTED.c.sector),
    parts=GroupedBy.SECTOR,
    drawn="bar",
)

BY_DEPARTMENT = Indicator(
    code="cohort.by_department",
    label=N_("Projets accompagnés par département"),
    formula=N_("Projets accompagnés, selon leur département."),
    rows=counted(SUPPORTED, SUPPORTED.c.department),
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
    rows=counted(STATUS_OF_PROJECTS, STATUS_OF_PROJECTS.c.status),
    parts=PROJECT_STATUSES,
    breakdown=True,
    drawn="pie",
)

SHOWN = (
    PROJECTS,
    BY_STATUS,
    BY_DEPARTMENT,
)
