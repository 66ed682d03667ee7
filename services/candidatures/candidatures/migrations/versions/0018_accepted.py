"""Who accepted the charter; what a partner commits to, since and until when."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0018"
down_revision = "candidatures_0017"


def upgrade() -> None:
    op.create_table(
        "charter_acceptance",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("side", sa.String(20), primary_key=True),
        sa.Column("person_id", sa.Uuid, index=True),
        sa.Column("accepted_at", Instant, nullable=False),
        sa.Column("charter", sa.JSON, nullable=False),
    )
    op.add_column("organisation", sa.Column("status", sa.String(20)))
    op.add_column("organisation", sa.Column("left_on", sa.Date))
    op.add_column("organisation", sa.Column("terms", sa.JSON))


def downgrade() -> None:
    op.drop_column("organisation", "terms")
    op.drop_column("organisation", "left_on")
    op.drop_column("organisation", "status")
    op.drop_table("charter_acceptance")
