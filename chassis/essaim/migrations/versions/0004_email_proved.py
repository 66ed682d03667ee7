"""Whether the address of a person is proved to be hers."""

import sqlalchemy as sa
from alembic import op

revision = "essaim_0004"
down_revision = "essaim_0003"


def upgrade() -> None:
    proved = sa.Column("email_proved", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("essaim_person", proved)
