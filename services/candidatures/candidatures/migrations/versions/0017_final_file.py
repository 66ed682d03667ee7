"""What a file must hold, what was said of it, and who was reminded."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0017"
down_revision = "candidatures_0016"


def upgrade() -> None:
    op.add_column(
        "deliverable", sa.Column("sections", sa.JSON, nullable=False, server_default="[]")
    )
    op.create_table(
        "deliverable_review",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("sections", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("correct_by", sa.Date),
        sa.Column("reviewed_at", Instant, nullable=False),
        sa.Column("reviewed_by", sa.Uuid),
    )
    op.create_table(
        "deliverable_reminder",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("reminded_at", Instant, nullable=False),
        sa.Column("reminded_by", sa.Uuid),
    )


def downgrade() -> None:
    op.drop_table("deliverable_reminder")
    op.drop_table("deliverable_review")
    op.drop_column("deliverable", "sections")
