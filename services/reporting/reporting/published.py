"""The facts themselves: what the partners have said, by type."""

import sqlalchemy as sa
from essaim.web import N_

from reporting.indicator import Indicator, Scope, counted, heard, in_programme, known
from reporting.store import timeline
from reporting.words import FACT_TYPES

SAID = sa.or_(known(timeline), sa.and_(timeline.c.edition_id.is_(None), in_programme(timeline)))
"""Facts of the edition, and those of its programme that belong to no edition."""

BY_TYPE = Indicator(
    code="facts.published",
    label=N_("Faits publiés"),
    formula=N_(
        "Faits de cette édition, et faits du programme qui ne concernent aucune édition "
        "(partenaires, messages)."
    ),
    rows=counted(timeline, timeline.c.type).where(SAID),
    parts=FACT_TYPES,
)

_LAST = sa.select(timeline.c.seq).where(heard(timeline)).order_by(timeline.c.seq.desc()).limit(1)


def last_sequence(db: sa.Connection, scope: Scope) -> int:
    """The place in the stream of the last fact that the figures rest on; 0 when there is none."""
    return db.scalar(_LAST, scope.parameters) or 0
