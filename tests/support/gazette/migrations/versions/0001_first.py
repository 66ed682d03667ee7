"""The notices."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("tone", sa.String(20), nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("pinned_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("notice")
