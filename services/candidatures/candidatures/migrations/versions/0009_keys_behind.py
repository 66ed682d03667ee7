"""Which version of an application the keys beside its content were made from."""

import sqlalchemy as sa
from alembic import op
from candidatures.store.application import kept_address, kept_organisation

revision = "candidatures_0009"
down_revision = "candidatures_0008"

KEPT = {"kept_address": kept_address, "kept_organisation": kept_organisation}
BEHIND = sa.text("kept_version IS NULL OR kept_version != version")


def upgrade() -> None:
    op.add_column("application", sa.Column("kept_version", sa.Integer))
    _fill(op.get_bind())
    op.create_index(
        "application_keys_behind",
        "application",
        ["id"],
        sqlite_where=BEHIND,
        postgresql_where=BEHIND,
    )


def _fill(db: sa.Connection) -> None:
    # Made again rather than believed: an earlier release may have written since they were.
    columns = [sa.column("id", sa.Uuid), sa.column("version"), sa.column("content", sa.JSON)]
    kept: list[sa.ColumnClause[object]] = [sa.column(name) for name in (*KEPT, "kept_version")]
    table = sa.table("application", *columns, *kept)
    rows = [
        {"at": row.id, "made_of": row.version}
        | {f"made_{name}": make(row.content) for name, make in KEPT.items()}
        for row in db.execute(sa.select(table.c.id, table.c.version, table.c.content))
    ]
    change = sa.update(table).where(
        table.c.id == sa.bindparam("at"), table.c.version == sa.bindparam("made_of")
    )
    made: dict[str, sa.BindParameter[object]] = {
        name: sa.bindparam(f"made_{name}") for name in KEPT
    }
    if rows:
        db.execute(change.values(kept_version=sa.bindparam("made_of"), **made), rows)


def downgrade() -> None:
    op.drop_index("application_keys_behind", "application")
    op.drop_column("application", "kept_version")
