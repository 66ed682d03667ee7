"""A service that exists for the backbone's tests: it counts the sessions it heard were held."""

import sqlalchemy as sa
from essaim.hearing.router import FactRouter
from essaim.keeping.database import insert
from essaim.service import Service
from essaim.work import Work
from essaim_contracts.scheduling import ProjectProgressed, ProjectStatus, SessionHeld

metadata = sa.MetaData()

counted = sa.Table(
    "counted",
    metadata,
    sa.Column("session_id", sa.Uuid, primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("minutes", sa.JSON, nullable=False),
)

facts = FactRouter("ledger")


class CannotCount(Exception):
    """What a handler raises when it meets what its author did not foresee."""


@facts.subscriber(SessionHeld)
def count_held_session(held: SessionHeld, work: Work) -> None:
    """Count a session; 13 minutes cannot be counted, until somebody mends the handler."""
    row = work.db.execute(
        sa.select(counted).where(counted.c.session_id == held.session_id)
    ).one_or_none()
    minutes = [*(row.minutes if row else []), held.minutes]
    values = {"session_id": held.session_id, "times": len(minutes), "minutes": minutes}
    statement = insert(work.db, counted).values(values)
    work.db.execute(statement.on_conflict_do_update(index_elements=["session_id"], set_=values))
    if held.project_ids:
        work.tell(
            ProjectProgressed(
                project_id=held.project_ids[0],
                edition_id=held.edition_id,
                cohort_id=held.edition_id,
                status=ProjectStatus.IN_PROGRESS,
                reported_on=held.held_on,
            )
        )
    if held.minutes == 13 and not mended:
        raise CannotCount("thirteen minutes")


mended: list[bool] = []

service = Service(
    name="ledger",
    title="Registre",
    metadata=metadata,
    hearing=facts,
    routers=(),
)
