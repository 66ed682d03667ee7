"""Addresses that wait to be confirmed."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0005"
down_revision = "candidatures_0004"


def upgrade() -> None:
    op.create_table(
        "address_change",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
    )
