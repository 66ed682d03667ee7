"""Jobs that the projects supported expect to create: always a range, never one number."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_

from reporting.indicators.cohort import SUPPORTED
from reporting.indicators.indicator import Basis, Feed, Indicator
from reporting.indicators.rows import earlier, first_said, later
from reporting.store.cohort import cohort_project
from reporting.store.project import project_progressed

_TABLES = (cohort_project, project_progressed)


def _says_jobs(table: sa.FromClause) -> "sa.ColumnElement[bool]":
    return sa.and_(table.c.jobs_min.is_not(None), table.c.jobs_max.is_not(None))


def _ranges(table: sa.Table) -> "sa.Select[Any]":
    """Each range that facts of a table said, until a later fact of either says another one."""
    names = ("fact_id", "source", "seq", "at", "edition_id", "project_id", "jobs_min", "jobs_max")
    others = [other.alias() for other in _TABLES]
    later_ones = [
        first_said(
            other,
            other.c.edition_id == table.c.edition_id,
            other.c.project_id == table.c.project_id,
            other.c.seq > table.c.seq,
            _says_jobs(other),
        )
        for other in others
    ]
    return sa.select(
        *(table.c[name] for name in names),
        table.c.at.label("since"),
        earlier(*later_ones).label("until"),
    ).where(_says_jobs(table))


def _expected() -> sa.Subquery:
    said = sa.union_all(*(_ranges(table) for table in _TABLES)).subquery()
    same = sa.and_(
        SUPPORTED.c.edition_id == said.c.edition_id, SUPPORTED.c.project_id == said.c.project_id
    )
    columns = [column for column in said.c if column.name not in ("since", "until")]
    return (
        sa.select(
            *columns,
            SUPPORTED.c.project_id.label("supported_id"),
            later(said.c.since, SUPPORTED.c.since).label("since"),
            earlier(said.c.until, SUPPORTED.c.until).label("until"),
        )
        .join(SUPPORTED, same)
        .subquery()
    )


EXPECTED = _expected()
"""The last range known of each project supported: `jobs_min`, `jobs_max`, and the fact."""

_JOBS = Basis(
    EXPECTED,
    ("project_id", "supported_id"),
    tuple(Feed(table, "project_id") for table in _TABLES),
)

EXPECTED_MIN = Indicator(
    code="jobs.expected_min",
    label=N_("Emplois attendus, au moins"),
    formula=N_(
        "Somme des fourchettes basses des projets accompagnés ; pour chaque projet, la dernière "
        "connue : celle de son entrée dans la promotion, ou d’un point d’avancement plus récent."
    ),
    of=_JOBS,
    amount=EXPECTED.c.jobs_min,
)

EXPECTED_MAX = Indicator(
    code="jobs.expected_max",
    label=N_("Emplois attendus, au plus"),
    formula=N_(
        "Somme des fourchettes hautes des projets accompagnés ; pour chaque projet, la dernière "
        "connue : celle de son entrée dans la promotion, ou d’un point d’avancement plus récent."
    ),
    of=_JOBS,
    amount=EXPECTED.c.jobs_max,
)

SHOWN = (
    EXPECTED_MIN,
    EXPECTED_MAX,
)
