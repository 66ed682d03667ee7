"""Lists of applications by mean, by day and by project are read in the order of an index."""

from alembic import op

revision = "candidatures_0010"
down_revision = "candidatures_0009"

INDEXES = {
    "application_by_mean": ("application", ["call_id", "mean", "id", "state"]),
    "application_by_day": ("application", ["call_id", "received_at", "id", "state"]),
    "project_in_order": ("project", ["title_order", "id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
