"""A fact is known by its source and its id; what waits is queued by owner and key.

Facts handled before stay noted by their id alone: they are not read again, since the position in
the stream is kept.
"""

import sqlalchemy as sa
from alembic import op
from essaim.hearing.message import Message

revision = "essaim_0002"
down_revision = "essaim_0001"

waiting = sa.table("essaim_waiting", sa.column("number"), sa.column("subject"), sa.column("queue"))


def upgrade() -> None:
    with op.batch_alter_table("essaim_inbox") as table:
        table.alter_column("id", new_column_name="identity", type_=sa.String(200))
    op.drop_index("ix_essaim_waiting_key", "essaim_waiting")
    with op.batch_alter_table("essaim_waiting") as table:
        table.alter_column("key", new_column_name="queue", type_=sa.String(120))
    db = op.get_bind()
    for row in db.execute(sa.select(waiting.c.number, waiting.c.subject)).all():
        queue = Message(0, row.subject, {}, b"").queue
        db.execute(sa.update(waiting).where(waiting.c.number == row.number).values(queue=queue))
    op.create_index("ix_essaim_waiting_queue", "essaim_waiting", ["queue"])
