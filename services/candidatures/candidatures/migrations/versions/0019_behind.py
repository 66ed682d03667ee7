"""The applications whose keys are behind, by an index that PostgreSQL chooses too."""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0019"
down_revision = "candidatures_0018"

BEHIND = sa.text("CASE WHEN (kept_version = version) THEN 1 ELSE 0 END = 0")
BEFORE = sa.text("kept_version IS NULL OR kept_version != version")


def upgrade() -> None:
    _replace("application_keys_behind", "application_behind", BEHIND)


def downgrade() -> None:
    _replace("application_behind", "application_keys_behind", BEFORE)


def _replace(old: str, new: str, where: sa.TextClause) -> None:
    op.create_index(new, "application", ["id"], sqlite_where=where, postgresql_where=where)
    op.drop_index(old, "application")
