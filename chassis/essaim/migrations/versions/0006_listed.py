"""What finds and orders the names of people; made here for those that are there."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.listed import OrderKey, fill

revision = "essaim_0006"
down_revision = "essaim_0005"

TEXTS = (("essaim_person", ("id",), "name"),)


def upgrade() -> None:
    for table, primary_key, *texts in TEXTS:
        for text in texts:
            op.add_column(table, sa.Column(f"{text}_search", sa.Text))
            op.add_column(table, sa.Column(f"{text}_order", OrderKey))
        fill(op.get_bind(), table, primary_key, *texts)
    op.create_index("essaim_person_found", "essaim_person", ["name_search", "id"])


def downgrade() -> None:
    op.drop_index("essaim_person_found", "essaim_person")
    for table, _, *texts in TEXTS:
        for text in texts:
            op.drop_column(table, f"{text}_search")
            op.drop_column(table, f"{text}_order")
