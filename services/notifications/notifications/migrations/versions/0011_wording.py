"""Programmes word their letters in their own way, version after version."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "notifications_0011"
down_revision = "notifications_0010"


def upgrade() -> None:
    op.create_table(
        "wording",
        sa.Column("programme", sa.String(60), primary_key=True),
        sa.Column("sheet", sa.String(80), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("fr", sa.Text),
        sa.Column("en", sa.Text),
    )


def downgrade() -> None:
    op.drop_table("wording")
