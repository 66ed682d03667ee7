"""Letters to many, where answers go, and what somebody does not want to be written."""

import sqlalchemy as sa
from alembic import op
from essaim.keeping.database import Instant

revision = "notifications_0012"
down_revision = "notifications_0011"


def upgrade() -> None:
    op.create_table(
        "applicant",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
    )
    op.create_table(
        "cohort_member",
        sa.Column("cohort_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
    )
    op.create_table(
        "writing",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("audience", sa.String(100), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("written_at", Instant, nullable=False),
    )
    op.create_table(
        "reply_address",
        sa.Column("programme", sa.String(60), primary_key=True),
        sa.Column("address", sa.String(254), nullable=False),
    )
    op.create_table(
        "switched_off",
        sa.Column("person_id", sa.Uuid, primary_key=True),
        sa.Column("category", sa.String(40), primary_key=True),
        sa.Column("since", Instant, nullable=False),
    )
    op.create_index("applicant_of_call", "applicant", ["call_id", "standing", "person_id"])
    op.create_index("ix_applicant_person_id", "applicant", ["person_id"])
    op.create_index("ix_cohort_member_person_id", "cohort_member", ["person_id"])
    _learn_from_letters()


def downgrade() -> None:
    for table in ("switched_off", "reply_address", "writing", "cohort_member", "applicant"):
        op.drop_table(table)


def _learn_from_letters() -> None:
    """Who applied before is known by her receipt; who is in a cohort, by her welcome."""
    uuid = sa.Uuid()
    message = sa.table(
        "message",
        sa.column("recipient_id", uuid),
        sa.column("about_id", uuid),
        *map(sa.column, ("template", "programme")),
    )
    application = sa.table(
        "application",
        sa.column("id", uuid),
        sa.column("answer", sa.JSON),
        sa.column("call_title"),
    )
    call = sa.table("call", sa.column("id", uuid), sa.column("title"))
    project = sa.table("project", sa.column("id", uuid), sa.column("bearer_ids", sa.JSON))
    db = op.get_bind()
    calls = {row.title: row.id for row in db.execute(sa.select(call))}
    withdrawn = sa.select(message.c.about_id).where(message.c.template == "application-withdrawn")
    sent = (
        sa.select(message.c.about_id, message.c.recipient_id, message.c.programme, application)
        .select_from(message.join(application, application.c.id == message.c.about_id))
        .where(message.c.template == "application-received", message.c.about_id.not_in(withdrawn))
    )
    applicants = {
        row.about_id: {
            "application_id": row.about_id,
            "programme": row.programme,
            "call_id": calls[row.call_title],
            "person_id": row.recipient_id,
            "standing": (row.answer or {}).get("decision", "undecided"),
        }
        for row in db.execute(sent)
        if row.call_title in calls and row.recipient_id
    }
    _insert("applicant", list(applicants.values()))
    _learn_members(db, message, project)


def _learn_members(db: sa.Connection, message: sa.TableClause, project: sa.TableClause) -> None:
    welcomed = sa.select(message).where(message.c.template == "cohort-welcome")
    carried: dict[str, list[object]] = {}
    for row in db.execute(sa.select(project)):
        for person in row.bearer_ids:
            carried.setdefault(str(person), []).append(row.id)
    members = {
        (row.about_id, project_id, row.recipient_id): {
            "cohort_id": row.about_id,
            "project_id": project_id,
            "person_id": row.recipient_id,
            "programme": row.programme,
        }
        for row in db.execute(welcomed)
        for project_id in carried.get(str(row.recipient_id), ())
    }
    _insert("cohort_member", list(members.values()))


def _insert(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        columns = [
            sa.column(name, sa.Uuid() if name.endswith("_id") else sa.String()) for name in rows[0]
        ]
        op.bulk_insert(sa.table(table, *columns), rows)
