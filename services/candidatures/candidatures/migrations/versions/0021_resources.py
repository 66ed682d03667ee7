"""The library of shared resources, and the versions of each."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "candidatures_0021"
down_revision = "candidatures_0020"


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False, index=True),
        sa.Column("edition_id", sa.Uuid),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("theme", sa.String(120), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("licence", sa.String(120), nullable=False),
        sa.Column("owner", sa.String(300), nullable=False),
        sa.Column("audience", sa.JSON, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Uuid),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
    )
    op.create_table(
        "resource_version",
        sa.Column("resource_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("link", sa.String(2000)),
        sa.Column("filename", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.Uuid),
    )


def downgrade() -> None:
    op.drop_table("resource_version")
    op.drop_table("resource")
