"""Whose a track is. Those imported before are the network's: its operators add versions."""

import sqlalchemy as sa
from alembic import op

revision = "scheduling_0004"
down_revision = "scheduling_0003"


def upgrade() -> None:
    owner = sa.Column("programme", sa.String(60), nullable=False, server_default="network")
    op.add_column("track", owner)
