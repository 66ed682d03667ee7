"""Lists by the names of people are read in the order of an index."""

from alembic import op

revision = "essaim_0010_person_in_order"
down_revision = "essaim_0009"


def upgrade() -> None:
    op.create_index("essaim_person_in_order", "essaim_person", ["name_order", "id"])


def downgrade() -> None:
    op.drop_index("essaim_person_in_order", "essaim_person")
