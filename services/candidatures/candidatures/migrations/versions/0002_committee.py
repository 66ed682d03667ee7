"""Points that an evaluator took back, and who accompanies a project."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0002"
down_revision = "candidatures_0001"


def upgrade() -> None:
    op.create_table(
        "score_change",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("evaluator_id", sa.Uuid, nullable=False),
        sa.Column("criterion", sa.String(60), nullable=False),
        sa.Column("points", sa.Integer),
        sa.Column("replaced_at", Instant, nullable=False),
    )
    op.create_index("ix_score_change_application_id", "score_change", ["application_id"])
    op.create_table(
        "accompaniment",
        sa.Column("source_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("kind", sa.String(20)),
    )
    op.create_index("ix_accompaniment_project_id", "accompaniment", ["project_id"])


def downgrade() -> None:
    op.drop_table("accompaniment")
    op.drop_table("score_change")
