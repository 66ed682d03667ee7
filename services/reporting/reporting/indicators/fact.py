"""The facts themselves: what the partners have said, by type."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import FACT_TYPES

from reporting.indicators.indicator import Basis, Feed, Indicator
from reporting.indicators.rows import NEVER
from reporting.store.timeline import timeline

_LOG = sa.select(
    timeline.c.fact_id,
    timeline.c.source,
    timeline.c.seq,
    timeline.c.at,
    timeline.c.type,
    timeline.c.programme,
    timeline.c.edition_id,
    timeline.c.at.label("since"),
    NEVER.label("until"),
).subquery()

SAID = Basis(_LOG, ("fact_id",), (Feed(timeline, "fact_id"),), scoped="either")
"""Facts of the edition, and those of its programme that belong to no edition."""

BY_TYPE = Indicator(
    code="facts.published",
    label=N_("Faits publiés"),
    formula=N_(
        "Faits de cette édition, et faits du programme qui ne concernent aucune édition "
        "(partenaires, messages)."
    ),
    of=SAID,
    part=_LOG.c.type,
    parts=FACT_TYPES,
)

SHOWN = (BY_TYPE,)
