"""Lists of messages are counted, and read in the order of a column, from indexes alone."""

from alembic import op

revision = "notifications_0008"
down_revision = "notifications_0007"

LISTED = ("programme", "template", "recipient_id")
BEFORE = {
    "message_listed": ("message", ["told_at", "id", "programme", "state", "template"]),
    "message_by_state": ("message", ["state", "told_at", "id", "programme", "template"]),
}
AFTER = {
    "message_listed": ("message", ["told_at", "id", *LISTED, "state"]),
    "message_by_state": ("message", ["state", "told_at", "id", *LISTED]),
    "message_by_subject": ("message", ["subject_order", "id"]),
    "mailbox_by_name": ("mailbox", ["name_order", "id"]),
}


def upgrade() -> None:
    _replace(BEFORE, AFTER)


def downgrade() -> None:
    _replace(AFTER, BEFORE)


def _replace(
    former: dict[str, tuple[str, list[str]]], later: dict[str, tuple[str, list[str]]]
) -> None:
    for name, (table, _) in former.items():
        op.drop_index(name, table)
    for name, (table, columns) in later.items():
        op.create_index(name, table, columns)
