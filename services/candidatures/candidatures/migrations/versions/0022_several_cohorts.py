"""Several cohorts of one call: which of its edition, its places, and why a project left."""

import sqlalchemy as sa
from alembic import op

revision = "candidatures_0022"
down_revision = "candidatures_0021"


def upgrade() -> None:
    op.add_column("cohort", sa.Column("number", sa.Integer))
    op.add_column("cohort", sa.Column("places", sa.Integer))
    op.add_column("cohort_project", sa.Column("left_reason", sa.String(20)))
    _let_a_call_have(several=True)


def _let_a_call_have(*, several: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("cohort", recreate="always", copy_from=_cohort(several)):
            pass
        op.create_index("ix_cohort_edition_id", "cohort", ["edition_id"])
    elif several:
        op.drop_constraint("cohort_call_id_key", "cohort")
    else:
        op.create_unique_constraint("cohort_call_id_key", "cohort", ["call_id"])


def _cohort(several: bool) -> sa.Table:
    return sa.Table(
        "cohort",
        sa.MetaData(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("call_id", sa.Uuid, nullable=False, unique=not several),
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("track_code", sa.String(60), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("places", sa.Integer),
    )


def downgrade() -> None:
    _let_a_call_have(several=False)
    op.drop_column("cohort_project", "left_reason")
    op.drop_column("cohort", "places")
    op.drop_column("cohort", "number")
