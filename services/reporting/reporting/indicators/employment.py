"""Jobs that the projects supported expect to create: always a range, never one number."""

import sqlalchemy as sa
from essaim.text.languages import N_

from reporting.indicators.cohort import SUPPORTED
from reporting.indicators.indicator import Indicator
from reporting.indicators.rows import counted, known
from reporting.store.cohort import cohort_project
from reporting.store.project import project_progressed


def _expected() -> sa.Subquery:
    said = sa.union_all(
        *(
            sa.select(
                table.c.fact_id,
                table.c.source,
                table.c.seq,
                table.c.at,
                table.c.project_id,
                table.c.jobs_min,
                table.c.jobs_max,
            ).where(known(table), table.c.jobs_min.is_not(None), table.c.jobs_max.is_not(None))
            for table in (cohort_project, project_progressed)
        )
    ).subquery()
    rank = sa.func.row_number().over(partition_by=said.c.project_id, order_by=said.c.seq.desc())
    ranked = sa.select(said, rank.label("rank")).subquery()
    return (
        sa.select(ranked)
        .join(SUPPORTED, SUPPORTED.c.project_id == ranked.c.project_id)
        .where(ranked.c.rank == 1)
        .subquery()
    )


EXPECTED = _expected()
"""The last range known of each project supported: `jobs_min`, `jobs_max`, and the fact."""

EXPECTED_MIN = Indicator(
    code="jobs.expected_min",
    label=N_("Emplois attendus, au moins"),
    formula=N_(
        "Somme des fourchettes basses des projets accompagnés ; pour chaque projet, la dernière "
        "connue : celle de son entrée dans la promotion, ou d’un point d’avancement plus récent."
    ),
    rows=counted(EXPECTED, amount=EXPECTED.c.jobs_min),
)

EXPECTED_MAX = Indicator(
    code="jobs.expected_max",
    label=N_("Emplois attendus, au plus"),
    formula=N_(
        "Somme des fourchettes hautes des projets accompagnés ; pour chaque projet, la dernière "
        "connue : celle de son entrée dans la promotion, ou d’un point d’avancement plus récent."
    ),
    rows=counted(EXPECTED, amount=EXPECTED.c.jobs_max),
)

SHOWN = (
    EXPECTED_MIN,
    EXPECTED_MAX,
)
