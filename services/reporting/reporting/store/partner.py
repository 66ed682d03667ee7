"""What each organisation of a programme commits to."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant

from reporting.store.table import metadata, of_fact, text

partner_joined = sa.Table(
    "partner_joined",
    metadata,
    *of_fact(),
    sa.Column("commitment", sa.String(30), primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", Instant, nullable=False),
    text("programme", 60),
    sa.Column("organisation_id", sa.Uuid, nullable=False, index=True),
    text("name", 300, nullable=True),
    text("legal_form", 60, nullable=True),
)
"""One commitment of an organisation, by the fact that said it. No name: a person who acts alone."""

_NAMES = sa.select(partner_joined.c.organisation_id, partner_joined.c.name).order_by(
    partner_joined.c.seq
)


def load_organisation_names(db: sa.Connection) -> dict[UUID, str | None]:
    """The public name each organisation last gave; None for a person who acts alone."""
    return {row.organisation_id: row.name for row in db.execute(_NAMES)}
