"""What a message tells is a fact of a source: another one may have told one under the same id."""

import sqlalchemy as sa
from alembic import op

revision = "notifications_0006"
down_revision = "notifications_0005"

ONCE = ["cause", "recipient_id", "template"]


def upgrade() -> None:
    with op.batch_alter_table("message") as table:
        table.drop_constraint("message_told_once", type_="unique")
        # SQLite reads through the long text at the end to reach what stands behind it.
        after = "about_id" if op.get_bind().dialect.name == "sqlite" else None
        table.add_column(sa.Column("cause_source", sa.String(125)), insert_after=after)
        table.create_unique_constraint("message_told_once", ["cause_source", *ONCE])
    message = sa.table("message", *map(sa.column, ("cause", "cause_source", "programme")))
    fact = sa.table("fact", sa.column("id"), sa.column("source"), sa.column("programme"))
    same = (fact.c.id == message.c.cause) & (fact.c.programme == message.c.programme)
    noted = sa.select(sa.func.min(fact.c.source)).where(same).scalar_subquery()
    op.execute(sa.update(message).values(cause_source=noted))


def downgrade() -> None:
    with op.batch_alter_table("message") as table:
        table.drop_constraint("message_told_once", type_="unique")
        table.create_unique_constraint("message_told_once", ONCE)
        table.drop_column("cause_source")
