"""The running order of a ceremony, and which prizes were handed over."""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0020"
down_revision = "candidatures_0019"


def upgrade() -> None:
    op.add_column("trophy", sa.Column("position", sa.Integer, nullable=False, server_default="0"))
    # Those of before were announced as they were awarded.
    op.add_column(
        "trophy", sa.Column("announced", sa.Boolean, nullable=False, server_default=sa.true())
    )
    op.create_table(
        "prize_delivery",
        sa.Column("prize_id", sa.Uuid, primary_key=True),
        sa.Column("delivered_on", sa.Date, nullable=False),
        sa.Column("delivered_by_id", sa.Uuid, nullable=False),
        sa.Column("noted_by", sa.Uuid),
    )


def downgrade() -> None:
    op.drop_table("prize_delivery")
    op.drop_column("trophy", "announced")
    op.drop_column("trophy", "position")
