"""Addresses from which letters come back."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "notifications_0013"
down_revision = "notifications_0012"


def upgrade() -> None:
    op.create_table(
        "bounced_address",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("address", sa.String(254), nullable=False, unique=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("since", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("bounced_address")
