"""What finds and orders notices; made here for those that are there."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.listed import OrderKey, fill

revision = "0002_listed"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXTS = (("notice", ("id",), "title"),)


def upgrade() -> None:
    for table, primary_key, *texts in TEXTS:
        for text in texts:
            op.add_column(table, sa.Column(f"{text}_search", sa.Text))
            op.add_column(table, sa.Column(f"{text}_order", OrderKey))
        fill(op.get_bind(), table, primary_key, *texts)


def downgrade() -> None:
    for table, _, *texts in TEXTS:
        for text in texts:
            op.drop_column(table, f"{text}_search")
            op.drop_column(table, f"{text}_order")
