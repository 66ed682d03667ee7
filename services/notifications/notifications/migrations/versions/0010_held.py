"""Letters may be held until somebody has read them."""

import sqlalchemy as sa
from alembic import op

revision = "notifications_0010"
down_revision = "notifications_0009"


def upgrade() -> None:
    op.add_column("message", sa.Column("occasion", sa.String(100)))
    edited = sa.Column("edited", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("message", edited)
    op.create_table(
        "held_template",
        sa.Column("programme", sa.String(60), primary_key=True),
        sa.Column("template", sa.String(60), primary_key=True),
        sa.Column("held", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("held_template")
    op.drop_column("message", "edited")
    op.drop_column("message", "occasion")
