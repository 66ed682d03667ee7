"""A message names the source of the fact it tells, whose id is its own there only."""

import sqlalchemy as sa
from alembic import op

revision = "reporting_0007"
down_revision = "reporting_0006"


def upgrade() -> None:
    op.add_column("message", sa.Column("cause_source", sa.String(122)))


def downgrade() -> None:
    op.drop_column("message", "cause_source")
