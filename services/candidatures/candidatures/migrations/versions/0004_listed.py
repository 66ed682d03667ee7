"""What finds and orders projects and applications; made here for those that are there."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.listed import OrderKey, fill

revision = "candidatures_0004"
down_revision = "candidatures_0003"

TEXTS = (("project", ("id",), "title"), ("application", ("id",), "number"))


def upgrade() -> None:
    for table, primary_key, *texts in TEXTS:
        for text in texts:
            op.add_column(table, sa.Column(f"{text}_search", sa.Text))
            op.add_column(table, sa.Column(f"{text}_order", OrderKey))
        fill(op.get_bind(), table, primary_key, *texts)
    op.create_index("project_found", "project", ["title_search", "id"])


def downgrade() -> None:
    op.drop_index("project_found", "project")
    for table, _, *texts in TEXTS:
        for text in texts:
            op.drop_column(table, f"{text}_search")
            op.drop_column(table, f"{text}_order")
