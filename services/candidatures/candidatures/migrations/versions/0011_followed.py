"""Applications repeat what their project and decision say: one index has all a list asks.

The columns are filled, and kept, by what `essaim.keeping.followed` makes after each migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0011"
down_revision = "candidatures_0010"

FOLLOWED = {"sector": 60, "department": 3, "decision": 20}
CODES = ("state", *FOLLOWED)


def upgrade() -> None:
    for name, length in FOLLOWED.items():
        op.add_column("application", sa.Column(name, sa.String(length)))
    for code in CODES:
        others = [other for other in CODES if other != code]
        op.create_index(f"application_by_{code}", "application", ["call_id", code, "id", *others])


def downgrade() -> None:
    for code in CODES:
        op.drop_index(f"application_by_{code}", "application")
    for name in FOLLOWED:
        op.drop_column("application", name)
