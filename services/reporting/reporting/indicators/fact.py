"""The facts themselves: what the partners have said, by type."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import FACT_TYPES

from reporting.indicators.indicator import Indicator
from reporting.indicators.rows import counted, in_programme, known
from reporting.store.timeline import timeline

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

SHOWN = (BY_TYPE,)
