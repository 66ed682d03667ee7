"""Letters name the programme they come from."""

import sqlalchemy as sa
from alembic import op

revision = "notifications_0004"
down_revision = "notifications_0003"


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("slug", sa.String(60), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
    )
