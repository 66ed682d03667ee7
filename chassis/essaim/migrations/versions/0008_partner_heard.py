"""When each other partner was heard last."""

import sqlalchemy as sa
from alembic import op

revision = "essaim_0008"
down_revision = "essaim_0007"


def upgrade() -> None:
    op.create_table(
        "essaim_partner_heard",
        sa.Column("service", sa.String(60), primary_key=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("essaim_partner_heard")
