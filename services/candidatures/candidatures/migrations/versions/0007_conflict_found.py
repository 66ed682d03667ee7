"""What finds conflicts of interest, for the applications that are there; lists by their order."""

import sqlalchemy as sa
from alembic import op
from candidatures.store.application import KEY_LENGTH, kept_address, kept_organisation

revision = "candidatures_0007"
down_revision = "candidatures_0006"

KEPT = {"kept_address": kept_address, "kept_organisation": kept_organisation}


def upgrade() -> None:
    columns = [sa.Column(name, sa.String(KEY_LENGTH)) for name in KEPT]
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("application", recreate="always") as table:
            for column in columns:
                # Before the content: SQLite reads through a long text to reach what is behind it.
                table.add_column(column, insert_after="mean")
    else:
        for column in columns:
            op.add_column("application", column)
    _fill(op.get_bind())
    op.drop_index("application_in_order", "application")
    op.create_index(
        "application_in_order", "application", ["call_id", "number_order", "id", "state"]
    )
    op.create_index("application_by_address", "application", ["kept_address"])
    op.create_index("application_by_organisation", "application", ["kept_organisation"])


def _fill(db: sa.Connection) -> None:
    names = [sa.column("id", sa.Uuid), sa.column("content", sa.JSON)]
    table = sa.table("application", *names, *(sa.column(name) for name in KEPT))
    rows = [
        {"at": row.id} | {name: make(row.content) for name, make in KEPT.items()}
        for row in db.execute(sa.select(table.c.id, table.c.content))
    ]
    change = sa.update(table).where(table.c.id == sa.bindparam("at"))
    if rows:
        db.execute(change.values({name: sa.bindparam(name) for name in KEPT}), rows)


def downgrade() -> None:
    op.drop_index("application_by_organisation", "application")
    op.drop_index("application_by_address", "application")
    op.drop_index("application_in_order", "application")
    op.create_index("application_in_order", "application", ["call_id", "number", "id", "state"])
    with op.batch_alter_table("application") as table:
        for name in KEPT:
            table.drop_column(name)
