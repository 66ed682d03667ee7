"""Messages left equal by the order of a list are by their day, from an index too."""

from alembic import op

revision = "notifications_0009"
down_revision = "notifications_0008"

BEFORE = {
    "message_by_subject": ("message", ["subject_order", "id"]),
    "mailbox_by_name": ("mailbox", ["name_order", "id"]),
}
AFTER = {
    "message_by_template": (
        "message",
        ["template", "told_at", "id", "programme", "recipient_id", "state"],
    ),
    "message_by_subject": ("message", ["subject_order", "told_at", "id"]),
    "mailbox_by_name": ("mailbox", ["name_order", "received_at", "id"]),
    "mailbox_by_subject": ("mailbox", ["subject_order", "received_at", "id"]),
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
