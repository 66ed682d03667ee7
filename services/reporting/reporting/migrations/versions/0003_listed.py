"""What finds and orders the titles of projects; made here for those that are there."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.listed import OrderKey, fill

revision = "reporting_0003"
down_revision = "reporting_0002"

TEXTS = (("project_title", ("project_id", "seq"), "title"),)


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
