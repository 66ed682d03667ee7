"""Hours granted to projects and their sessions to come, for their page and their cohort's."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0013"
down_revision = "candidatures_0012"


def upgrade() -> None:
    op.create_table(
        "project_package",
        sa.Column("package_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False, index=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("minutes_left", sa.Integer, nullable=False),
    )
    op.create_table(
        "coming_session",
        sa.Column("session_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True, index=True),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("starts_at", Instant, nullable=False),
        sa.Column("place", sa.String(300)),
    )


def downgrade() -> None:
    op.drop_table("coming_session")
    op.drop_table("project_package")
