"""What a call says around its questions, and what both sides accept."""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0014"
down_revision = "candidatures_0013"


def upgrade() -> None:
    for name in ("sections", "eligibility", "applicants", "charter"):
        op.add_column("call", sa.Column(name, sa.JSON))


def downgrade() -> None:
    for name in ("charter", "applicants", "eligibility", "sections"):
        op.drop_column("call", name)
