"""What the ledger counted."""

import sqlalchemy as sa
from alembic import op

revision = "ledger_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counted",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("minutes", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("counted")
