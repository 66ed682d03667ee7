"""The organisations of the programme and what each commits to; they outlive an edition."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import COMMITMENTS

from reporting.indicators.indicator import Basis, Feed, Indicator
from reporting.indicators.rows import lasting
from reporting.store.partner import partner_joined
from reporting.store.table import is_same_fact


def _held() -> sa.Subquery:
    last = lasting(partner_joined, "programme", "organisation_id")
    other = partner_joined.alias()
    is_first = ~sa.exists().where(
        is_same_fact(other, last), other.c.commitment < last.c.commitment, other.c.commitment != ""
    )
    first = sa.type_coerce(is_first, sa.Boolean).label("is_first")
    return sa.select(last, first).where(last.c.commitment != "").subquery()


HELD = _held()
"""Each commitment that the last fact about its organisation lists; `is_first` is one of them."""

_PARTNERS = Basis(
    HELD, ("organisation_id",), (Feed(partner_joined, "organisation_id"),), scoped="programme"
)

ORGANISATIONS = Indicator(
    code="partners.organisations",
    label=N_("Partenaires"),
    formula=N_("Organisations du programme qui tiennent au moins un engagement."),
    of=_PARTNERS,
    where=HELD.c.is_first,
)

COMMITMENTS_HELD = Indicator(
    code="partners.commitments",
    label=N_("Engagements des partenaires"),
    formula=N_(
        "Engagements tenus par les organisations du programme ; une organisation peut en tenir "
        "plusieurs et compte alors dans chacun."
    ),
    of=_PARTNERS,
    part=HELD.c.commitment,
    parts=COMMITMENTS,
    drawn="bar",
)

SHOWN = (
    ORGANISATIONS,
    COMMITMENTS_HELD,
)
