"""Counters, which facts move as they come; they are filled by the first chunk of facts heard."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "reporting_0005"
down_revision = "reporting_0004"


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("indicator", sa.String(60), primary_key=True),
        sa.Column("part", sa.String(120), primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heard_by",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table("counted_as", sa.Column("indicators", sa.String(64), primary_key=True))
    op.create_index("ix_message_cause", "message", ["cause"])
    op.create_index("ix_message_about", "message", ["about_id"])
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"])
    op.create_index("ix_pairing_made_organisation_id", "pairing_made", ["organisation_id"])
    _keep_messages()
    _keep_the_first()


def _keep_messages() -> None:
    table = op.create_table(
        "message_of_edition",
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(122), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("failure", sa.String(30)),
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("since", Instant, nullable=False),
    )
    op.create_index("ix_message_of_edition_seq", table.name, ["edition_id", "seq"])


def _keep_the_first() -> None:
    _create_first(
        "first_attendance",
        "person_id",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.String(30), nullable=False),
        sa.Column("project_id", sa.Uuid),
    )
    _create_first(
        "first_bond",
        "organisation_id",
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
    )


def _create_first(name: str, thing: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("fact_id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(122), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        *columns,
        sa.Column("edition_id", sa.Uuid, nullable=False),
        sa.Column("since", Instant, primary_key=True),
        sa.Column("until", Instant, nullable=False),
    )
    op.create_index(f"ix_{name}_{thing}", name, [thing])
    op.create_index(f"ix_{name}_seq", name, ["edition_id", "seq"])


def downgrade() -> None:
    op.drop_table("first_bond")
    op.drop_table("first_attendance")
    op.drop_table("message_of_edition")
    op.drop_index("ix_pairing_made_organisation_id", "pairing_made")
    op.drop_index("ix_attendance_person_id", "attendance")
    op.drop_index("ix_message_about", "message")
    op.drop_index("ix_message_cause", "message")
    op.drop_table("counted_as")
    op.drop_table("heard_by")
    op.drop_table("counter")
