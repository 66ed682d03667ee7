"""When the database was last saved."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "essaim_0011"
down_revision = "essaim_0010"


def upgrade() -> None:
    op.create_table(
        "essaim_last_backup",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("taken_at", Instant, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("essaim_last_backup")
