"""How long personal data is kept: the clocks of editions, and what was announced."""

import sqlalchemy as sa
from alembic import op

revision = "essaim_0010"
down_revision = "essaim_0009"


def upgrade() -> None:
    op.create_table(
        "essaim_edition_clock",
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("last_payment_on", sa.Date),
        sa.Column("suspended_for", sa.String(20)),
    )
    op.create_table(
        "essaim_retention_notice",
        sa.Column("rule", sa.String(60), primary_key=True),
        sa.Column("of", sa.String(400), primary_key=True),
        sa.Column("ends_on", sa.Date, primary_key=True),
        sa.Column("announced_on", sa.Date, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("essaim_retention_notice")
    op.drop_table("essaim_edition_clock")
