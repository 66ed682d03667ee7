"""What one member of the committee has scored is found by an index."""

from alembic import op

revision = "candidatures_0016"
down_revision = "candidatures_0015"


def upgrade() -> None:
    op.create_index("score_by_evaluator", "score", ["evaluator_id", "application_id", "criterion"])


def downgrade() -> None:
    op.drop_index("score_by_evaluator", "score")
