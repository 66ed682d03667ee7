"""What finds and orders messages and letters; made here for those that are there."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.listed import OrderKey, fill

revision = "notifications_0002"
down_revision = "notifications_0001"

TEXTS = (("message", ("id",), "subject"), ("mailbox", ("id",), "name", "address", "subject"))
LONG = {"mailbox"}


def upgrade() -> None:
    for table, primary_key, *texts in TEXTS:
        # SQLite reads through the long texts of a letter to reach what stands behind them.
        in_middle = table in LONG and op.get_bind().dialect.name == "sqlite"
        with op.batch_alter_table(table, recreate="always" if in_middle else "auto") as batch:
            for text in texts:
                after = text if in_middle else None
                batch.add_column(sa.Column(f"{text}_order", OrderKey), insert_after=after)
                batch.add_column(sa.Column(f"{text}_search", sa.Text), insert_after=after)
        fill(op.get_bind(), table, primary_key, *texts)


def downgrade() -> None:
    for table, _, *texts in TEXTS:
        for text in texts:
            op.drop_column(table, f"{text}_search")
            op.drop_column(table, f"{text}_order")
