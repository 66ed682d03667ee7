"""Those who accompany a project, and when something was heard of them last."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.keeping.listed import order_of
from essaim_contracts.scheduling import PairingKind

from scheduling.pairing import Pair, PairingState
from scheduling.reach import Reach
from scheduling.session import SessionState
from scheduling.store.cohort import cohort, project
from scheduling.store.exchange import exchange
from scheduling.store.pairing import pairing
from scheduling.store.reach import acts
from scheduling.store.session import session, session_project

ACCOMPANY = (PairingKind.GODPARENT, PairingKind.MENTOR)


def pairs(db: sa.Connection, reach: Reach, today: date) -> list[Pair]:
    """The active pairs that are hers or that she coordinates, one for each project, by title.

    Of cohorts that still go through their track: who has gone through it owes nobody news.
    """
    mine = acts(reach)
    read = sa.true() if reach.managed is None else pairing.c.programme.in_(reach.managed) | mine
    query = (
        sa.select(
            project.c.id,
            project.c.title,
            sa.func.min(pairing.c.made_on).label("since"),
            _last_exchange().label("noted"),
            _last_appointment().label("held"),
            sa.func.max(sa.case((mine, 1), else_=0)).label("is_hers"),
        )
        .select_from(
            pairing.join(
                project,
                (project.c.id == pairing.c.project_id)
                & (project.c.cohort_id == pairing.c.cohort_id),
            ).join(cohort, cohort.c.id == pairing.c.cohort_id)
        )
        .where(
            read,
            pairing.c.state == PairingState.ACTIVE,
            pairing.c.kind.in_(ACCOMPANY),
            project.c.left_on.is_(None),
            cohort.c.last_day.is_(None) | (cohort.c.last_day >= today),
        )
        .group_by(project.c.id, project.c.title, project.c.title_order)
        .order_by(order_of(project.c.title), project.c.id)
    )
    return [_pair(row) for row in db.execute(query)]


def _pair(row: Any) -> Pair:
    held = row.held.astimezone(PARIS).date() if row.held else None
    heard = [day for day in (row.noted, held) if day]
    return Pair(row.id, row.title, row.since, max(heard, default=None), bool(row.is_hers))


def _last_exchange() -> sa.ScalarSelect[Any]:
    last = sa.select(sa.func.max(exchange.c.happened_on))
    return last.where(exchange.c.project_id == project.c.id).correlate(project).scalar_subquery()


def _last_appointment() -> sa.ScalarSelect[Any]:
    """The last session of the project that somebody gave to it."""
    return (
        sa.select(sa.func.max(session.c.starts_at))
        .select_from(session.join(session_project, session_project.c.session_id == session.c.id))
        .where(
            session_project.c.project_id == project.c.id,
            session.c.state == SessionState.HELD,
            session.c.provider_id.is_not(None),
        )
        .correlate(project)
        .scalar_subquery()
    )
