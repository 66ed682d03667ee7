"""Lists of facts as they were heard: all of them, and those about a project."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.web import N_, Column, Filter, Listing
from essaim_contracts.words import FACT_TYPES

from reporting.labels import Labels
from reporting.store.message import message
from reporting.store.project import project_bearer
from reporting.store.session import session_cancelled, session_moved
from reporting.store.table import is_same_fact
from reporting.store.timeline import timeline, timeline_project


@dataclass(frozen=True)
class FactList:
    """A query of facts, and how its list may be filtered and sorted."""

    query: "sa.Select[Any]"
    listing: Listing


FACTS = Listing((Column("seq", N_("N° du fait"), timeline.c.seq),), sort="seq")


def facts_list(type: str, after: int) -> FactList:
    """Every fact heard, or those of one type, from beyond a place in the stream."""
    query = sa.select(timeline).where(timeline.c.seq > after)
    if type:
        query = query.where(timeline.c.type == type)
    return FactList(query, FACTS)


def timeline_list(project_id: UUID, titles: Labels) -> FactList:
    """Every fact about a project, in the order of the stream; `titles` are those of services.

    A moved or cancelled session names no project: it follows the session that was planned for it.
    A message follows what it tells, when it went to somebody who carries the project.
    """
    of_project = timeline_project.c.project_id == project_id
    direct = sa.select(*_of_fact(timeline_project)).where(of_project)
    about = sa.select(timeline.c.key).where(sa.tuple_(*_of_fact(timeline)).in_(direct))
    bearers = sa.select(project_bearer.c.person_id).where(project_bearer.c.project_id == project_id)
    causes = sa.select(timeline_project.c.fact_id).where(of_project)
    told = sa.select(*_of_fact(message)).where(
        message.c.recipient_id.in_(bearers),
        sa.or_(message.c.cause.in_(causes), message.c.about_id.in_(about)),
    )
    changes = [
        sa.select(*_of_fact(table)).where(table.c.session_id.in_(about))
        for table in (session_moved, session_cancelled)
    ]
    # Joined, they are read first: as a condition, databases walk the whole log in its order.
    facts = sa.union(direct, told, *changes).subquery()
    return FactList(
        sa.select(timeline).join(facts, is_same_fact(facts, timeline)), _listing(titles)
    )


def _listing(titles: Labels) -> Listing:
    return Listing(
        columns=(
            Column("at", N_("Date"), timeline.c.at),
            Column("owner", N_("Dit par"), timeline.c.owner),
            Column("sentence", N_("Ce qui s’est passé")),
            Column("seq", N_("N° du fait"), timeline.c.seq),
        ),
        filters=(
            Filter("owner", N_("Dit par"), timeline.c.owner, tuple(titles.items())),
            Filter("type", N_("Fait"), timeline.c.type, tuple(FACT_TYPES.items())),
        ),
        sort="seq",
        size=200,
    )


# What programs may ask of any project: who takes part is said by each consortium.
TIMELINE = _listing({})


def _of_fact(table: sa.Table) -> "tuple[sa.Column[Any], sa.Column[Any]]":
    return table.c.fact_id, table.c.source
