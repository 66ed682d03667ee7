"""Signing in with OpenID Connect, where the directory is kept."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "essaim_0009"
down_revision = "essaim_0008"


def upgrade() -> None:
    op.create_table(
        "essaim_openid_attempt",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_openid_account",
        sa.Column("issuer", sa.String(500), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("bound_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_openid_session",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("id_token", sa.Text, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    for table in ("account", "session"):
        name = f"essaim_openid_{table}"
        op.create_index(f"ix_{name}_person_id", name, ["person_id"])


def downgrade() -> None:
    for table in ("attempt", "account", "session"):
        op.drop_table(f"essaim_openid_{table}")
