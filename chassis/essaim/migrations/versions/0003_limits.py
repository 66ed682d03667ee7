"""How often something was done, for what is limited."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "essaim_0003"
down_revision = "essaim_0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "essaim_counted_act",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("counts_until", Instant, nullable=False),
    )
    op.create_index("ix_essaim_counted_act_digest", "essaim_counted_act", ["digest"])
    op.create_index("ix_essaim_counted_act_counts_until", "essaim_counted_act", ["counts_until"])


def downgrade() -> None:
    op.drop_table("essaim_counted_act")
