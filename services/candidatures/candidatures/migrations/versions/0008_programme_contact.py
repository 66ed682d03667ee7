"""Whom to ask about a programme, and the pages of its rules and of what becomes of data."""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0008"
down_revision = "candidatures_0007"

COLUMNS = {"contact_email": 320, "contact_phone": 300, "rules": 500, "privacy": 500}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("programme", sa.Column(name, sa.String(length)))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("programme", name)
