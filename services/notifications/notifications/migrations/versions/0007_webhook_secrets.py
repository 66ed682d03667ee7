"""Secrets of webhooks are closed, which makes them longer; people are told of one that fails.

Those that lie there in clear are closed when the service begins.
"""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "notifications_0007"
down_revision = "notifications_0006"


def upgrade() -> None:
    with op.batch_alter_table("webhook_secret") as table:
        table.alter_column("value", type_=sa.Text, existing_type=sa.String(100))
    op.add_column("webhook", sa.Column("warned_at", Instant))


def downgrade() -> None:
    op.drop_column("webhook", "warned_at")
