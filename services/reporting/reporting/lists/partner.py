"""The organisations of a programme that hold a commitment."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim.text.collation import order_key

from reporting.indicators.partner import HELD
from reporting.indicators.rows import alive, of_programme
from reporting.scope import Scope


@dataclass(frozen=True)
class Partner:
    """An organisation of the programme. No name: a person who acts alone."""

    organisation_id: UUID
    name: str | None
    legal_form: str | None
    commitments: tuple[str, ...]


_HELD = sa.select(HELD).where(of_programme(HELD), alive(HELD)).order_by(HELD.c.commitment)


def list_partners(db: sa.Connection, scope: Scope) -> list[Partner]:
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
    return sorted(found, key=lambda partner: (partner.name is None, order_key(partner.name or "")))
