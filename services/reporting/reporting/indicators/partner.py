"""The organisations of the programme and what each commits to; they outlive an edition."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import COMMITMENTS

from reporting.indicators.indicator import Indicator
from reporting.indicators.rows import counted, in_programme
from reporting.store.partner import partner_joined


def _held() -> sa.Subquery:
    last = sa.func.max(partner_joined.c.seq).over(partition_by=partner_joined.c.organisation_id)
    said = sa.select(partner_joined, last.label("last")).where(in_programme(partner_joined))
    listed = said.subquery()
    now = sa.and_(listed.c.seq == listed.c.last, listed.c.commitment != "")
    return sa.select(listed).where(now).subquery()


HELD = _held()
"""Each commitment that the last fact about its organisation lists."""


def _first_of_each_organisation() -> sa.Subquery:
    rank = sa.func.row_number().over(
        partition_by=HELD.c.organisation_id, order_by=HELD.c.commitment
    )
    ranked = sa.select(HELD, rank.label("rank")).subquery()
    return sa.select(ranked).where(ranked.c.rank == 1).subquery()


ORGANISATIONS = Indicator(
    code="partners.organisations",
    label=N_("Partenaires"),
    formula=N_("Organisations du programme qui tiennent au moins un engagement."),
    rows=counted(_first_of_each_organisation()),
)

COMMITMENTS_HELD = Indicator(
    code="partners.commitments",
    label=N_("Engagements des partenaires"),
    formula=N_(
        "Engagements tenus par les organisations du programme ; une organisation peut en tenir "
        "plusieurs et compte alors dans chacun."
    ),
    rows=counted(HELD, HELD.c.commitment),
    parts=COMMITMENTS,
    drawn="bar",
)

SHOWN = (
    ORGANISATIONS,
    COMMITMENTS_HELD,
)
