"""What an older version of the service did nothing with, for the one that does."""

import sqlalchemy as sa
from alembic import op

revision = "essaim_0007"
down_revision = "essaim_0006"


def upgrade() -> None:
    op.create_table(
        "essaim_passed_over",
        sa.Column("type", sa.String(120), primary_key=True),
        sa.Column("stream_seq", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("essaim_passed_over")
