"""Who asked that a person be forgotten."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0003"
down_revision = "candidatures_0002"


def upgrade() -> None:
    op.create_table(
        "erasure_asked",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("asked_by", sa.Uuid, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
    )
