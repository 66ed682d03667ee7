"""What was announced on a page alone is announced anew, by letter: nothing goes unwarned."""

from alembic import op

revision = "essaim_0013"
down_revision = "essaim_0012"


def upgrade() -> None:
    op.execute("DELETE FROM essaim_retention_notice")


def downgrade() -> None:
    """What is announced stays so."""
