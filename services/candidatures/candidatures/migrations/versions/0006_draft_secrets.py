"""A draft has several secrets, each of which may end; whether its address is proved."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0006"
down_revision = "candidatures_0005"


def upgrade() -> None:
    secret = op.create_table(
        "draft_secret",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_draft_secret_application_id", "draft_secret", ["application_id"])
    kept = sa.table(
        "application",
        sa.column("id", sa.Uuid),
        sa.column("token_digest", sa.String),
        sa.column("started_at", Instant),
    )
    browser = sa.literal("browser")
    op.execute(
        sa.insert(secret).from_select(
            ["digest", "application_id", "kind", "made_at"],
            sa.select(kept.c.token_digest, kept.c.id, browser, kept.c.started_at),
        )
    )
    proved = sa.Column("proved_email", sa.String(254))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_column("application", "token_digest")
        op.add_column("application", proved)
        return
    with op.batch_alter_table("application") as table:
        table.drop_column("token_digest")
        # Before the content: SQLite reads through a long text to reach what stands behind it.
        table.add_column(proved, insert_after="link_sent_to")
