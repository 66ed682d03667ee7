"""What was said between a project and who accompanies it."""

import sqlalchemy as sa
from alembic import op

revision = "scheduling_0003"
down_revision = "scheduling_0002"


def upgrade() -> None:
    op.create_table(
        "exchange",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("noted_by", sa.Uuid),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_exchange_project_id", "exchange", ["project_id"])
    op.create_index("ix_exchange_noted_by", "exchange", ["noted_by"])


def downgrade() -> None:
    op.drop_table("exchange")
