"""Sign-ins at the keeper of the directory, the browsers each service knows, and what was ended."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "essaim_0005"
down_revision = "essaim_0004"


def upgrade() -> None:
    op.add_column("essaim_sign_in_link", sa.Column("service", sa.String(60)))
    op.add_column("essaim_sign_in_link", sa.Column("next", sa.Text))
    op.create_table(
        "essaim_sign_in",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("service", sa.String(60)),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_signed_in_browser",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("sign_in_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("ticket", sa.String(40), nullable=False, unique=True),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_table(
        "essaim_ended_sign_in",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("untold", sa.Boolean, nullable=False),
    )
    for table, columns in _INDEXED.items():
        for column in columns:
            op.create_index(f"ix_essaim_{table}_{column}", f"essaim_{table}", [column])


_INDEXED = {
    "sign_in": ("person_id", "ends_at"),
    "signed_in_browser": ("sign_in_id", "person_id", "ends_at"),
    "ended_sign_in": ("person_id", "ends_at"),
}


def downgrade() -> None:
    for table in _INDEXED:
        op.drop_table(f"essaim_{table}")
    op.drop_column("essaim_sign_in_link", "next")
    op.drop_column("essaim_sign_in_link", "service")
