"""The projects supported, and where each of them stands."""

from typing import Any

import sqlalchemy as sa
from essaim.web import N_

from reporting.indicator import GroupedBy, Indicator, counted, known, latest
from reporting.store import cohort_project, deliverable_handed_in, project_progressed
from reporting.words import DELIVERABLE_KINDS, STATUSES


def _supported() -> sa.Subquery:
    last = latest(cohort_project, cohort_project.c.edition_id, cohort_project.c.project_id)
    return sa.select(last).where(last.c.joined).subquery()


SUPPORTED = _supported()
"""Each project that the last fact about it puts in a cohort."""


def _facts_of(rows: sa.FromClause) -> tuple["sa.ColumnElement[Any]", ...]:
    return rows.c.fact_id, rows.c.seq, rows.c.at, rows.c.project_id


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

_FILES = latest(deliverable_handed_in, deliverable_handed_in.c.deliverable_id)

PROJECTS = Indicator(
    code="cohort.projects",
    label=N_("Projets accompagnés"),
    formula=N_(
        "Projets entrés dans la promotion et qui n'en sont pas sortis, chacun compté une fois."
    ),
    rows=counted(SUPPORTED, SUPPORTED.c.sector),
    parts=GroupedBy.SECTOR,
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
        "Chaque projet compte une fois, selon son dernier point d'avancement (la date du point, "
        "puis l'ordre d'arrivée). Un projet accompagné dont rien n'a été dit est « sans nouvelle »."
    ),
    rows=counted(STATUS_OF_PROJECTS, STATUS_OF_PROJECTS.c.status),
    parts=STATUSES,
    breakdown=True,
)

DELIVERABLES = Indicator(
    code="deliverables.handed_in",
    label=N_("Dossiers remis"),
    formula=N_("Livrables remis au moins une fois ; seule la dernière version compte."),
    rows=counted(_FILES, _FILES.c.kind),
    parts=DELIVERABLE_KINDS,
)

LATE_DELIVERABLES = Indicator(
    code="deliverables.late",
    label=N_("Dossiers remis en retard"),
    formula=N_("Livrables dont la dernière version a été remise après le jour prévu."),
    rows=counted(_FILES, _FILES.c.kind).where(_FILES.c.late),
    parts=DELIVERABLE_KINDS,
)
