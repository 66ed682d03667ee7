"""Who took over from whom."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0023"
down_revision = "candidatures_0022"


def upgrade() -> None:
    op.create_table(
        "contact_replacement",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False, index=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("replaced_by_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("asked_by", sa.Uuid),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("told_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("contact_replacement")
