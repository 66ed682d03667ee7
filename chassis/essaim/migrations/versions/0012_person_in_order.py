"""Lists by the names of people are read in the order of an index."""

from alembic import op

revision = "essaim_0012"
down_revision = "essaim_0011"


def upgrade() -> None:
    op.create_index("essaim_person_in_order", "essaim_person", ["name_order", "id"])


def downgrade() -> None:
    op.drop_index("essaim_person_in_order", "essaim_person")
