"""A message finds the fact it tells, also where an edition has thousands of them."""

from alembic import op

revision = "reporting_0004"
down_revision = "reporting_0003"


def upgrade() -> None:
    op.create_index("ix_timeline_fact", "timeline", ["fact_id", "edition_id"])


def downgrade() -> None:
    op.drop_index("ix_timeline_fact", "timeline")
