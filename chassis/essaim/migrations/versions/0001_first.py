"""The chassis' tables: outbox, inbox, waiting and dead facts, lease, commands, people."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "essaim_0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "essaim_outbox",
        sa.Column("position", BIG, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("published_at", Instant),
        sa.Column("stream_seq", sa.BigInteger),
        sa.Column("parked_because", sa.Text),
    )
    op.create_index(
        "essaim_outbox_unpublished",
        "essaim_outbox",
        ["position"],
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_index(
        "essaim_outbox_parked",
        "essaim_outbox",
        ["key"],
        sqlite_where=sa.text("parked_because IS NOT NULL"),
        postgresql_where=sa.text("parked_because IS NOT NULL"),
    )
    op.create_table(
        "essaim_inbox",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("stream_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "essaim_position",
        sa.Column("consumer", sa.String(60), primary_key=True),
        sa.Column("stream_seq", sa.BigInteger, nullable=False),
        sa.Column("fact_id", sa.String(64), nullable=False),
    )
    op.create_table(
        "essaim_waiting",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("stream_seq", sa.BigInteger, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", Instant),
        sa.Column("reason", sa.Text),
    )
    op.create_index("ix_essaim_waiting_key", "essaim_waiting", ["key"])
    op.create_table(
        "essaim_dead",
        sa.Column("number", BIG, primary_key=True, autoincrement=True),
        sa.Column("stream_seq", sa.BigInteger, nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(120)),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("died_at", Instant, nullable=False),
        sa.Column("shown_at", Instant),
        sa.Column("closed_as", sa.String(20)),
        sa.Column("closed_at", Instant),
    )
    op.create_table(
        "essaim_lease",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_command",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("actor", sa.String(120), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("done_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(40)),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
    )
    op.create_index("ix_essaim_person_email", "essaim_person", ["email"])
    op.create_table(
        "essaim_unshared_person",
        sa.Column("position", BIG, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Uuid, nullable=False),
    )
    op.create_table(
        "essaim_sign_in_link",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_table(
        "essaim_erased_person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("erased_at", Instant, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "erased_person", "sign_in_link", "unshared_person", "person", "command", "lease", "dead",
        "waiting", "position", "inbox", "outbox",
    ):  # fmt: skip
        op.drop_table(f"essaim_{table}")
