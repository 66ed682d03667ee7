"""A letter to somebody the directory need not know bears no name: a stranger may have typed it."""

from alembic import op

revision = "notifications_0003"
down_revision = "notifications_0002"


def upgrade() -> None:
    op.drop_column("message", "to_name")
