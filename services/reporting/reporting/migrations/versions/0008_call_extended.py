"""Calls that close later than was said when they opened."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "reporting_0008"
down_revision = "reporting_0007"


def upgrade() -> None:
    op.create_table(
        "call_extended",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(122), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("closes_at", Instant, nullable=False),
    )
    op.create_index("ix_call_extended_edition", "call_extended", ["edition_id", "seq"])
    op.create_index("ix_call_extended_call_id", "call_extended", ["call_id", "seq", "at"])


def downgrade() -> None:
    op.drop_table("call_extended")
