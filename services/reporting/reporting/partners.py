"""The organisations of the programme and what each commits to; they outlive an edition."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim.web import N_

from reporting.indicator import Indicator, Scope, counted, in_programme
from reporting.store import partner_joined
from reporting.words import COMMITMENTS


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
)


_NAMES = sa.select(partner_joined.c.organisation_id, partner_joined.c.name).order_by(
    partner_joined.c.seq
)


def organisation_names(db: sa.Connection) -> dict[UUID, str | None]:
    """The public name each organisation last gave; None for a person who acts alone."""
    return {row.organisation_id: row.name for row in db.execute(_NAMES)}


@dataclass(frozen=True)
class Partner:
    """An organisation of the programme. No name: a person who acts alone."""

    organisation_id: UUID
    name: str | None
    legal_form: str | None
    commitments: tuple[str, ...]


_HELD = sa.select(HELD).order_by(HELD.c.commitment)


def committed_partners(db: sa.Connection, scope: Scope) -> list[Partner]:
    """The organisations that hold a commitment, by name; those without a name last."""
    rows = db.execute(_HELD, scope.parameters).all()
    held: dict[UUID, list[str]] = {}
    for row in rows:
        held.setdefault(row.organisation_id, []).append(row.commitment)
    last = {row.organisation_id: row for row in rows}
    found = [
        Partner(id, last[id].name, last[id].legal_form, tuple(commitments))
        for id, commitments in held.items()
    ]
    return sorted(found, key=lambda partner: (partner.name is None, (partner.name or "").lower()))
