"""What the coordination said of the files that projects handed in, and who was reminded."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert
from essaim_contracts.candidatures import DeliverableKind
from essaim_contracts.cohort import DeliverableReminded, FileVerdict

from candidatures.deliverable_review import Review
from candidatures.store.metadata import metadata


def _of_a_file() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("edition_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
    )


deliverable_review = sa.Table(
    "deliverable_review",
    metadata,
    *_of_a_file(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.String(20), nullable=False),
    sa.Column("sections", sa.JSON, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("correct_by", sa.Date),
    sa.Column("reviewed_at", Instant, nullable=False),
    sa.Column("reviewed_by", sa.Uuid),
)

deliverable_reminder = sa.Table(
    "deliverable_reminder",
    metadata,
    *_of_a_file(),
    # The day that was missed: another one, for a correction, is reminded of anew.
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("reminded_at", Instant, nullable=False),
    sa.Column("reminded_by", sa.Uuid),
)


def last_of(
    db: sa.Connection, project_id: UUID, edition_id: UUID, kind: DeliverableKind
) -> Review | None:
    """The last review of any version."""
    mine = of_project(db, project_id, edition_id)
    return next((one for kept, one in mine if kept == kind), None)


def of_project(db: sa.Connection, project_id: UUID, edition_id: UUID) -> list[tuple[str, Review]]:
    """Each review of what a project owes, with the kind of the file; of the newest version first.

    A version that was read twice has its last review.
    """
    query = (
        sa.select(deliverable_review)
        .where(
            deliverable_review.c.project_id == project_id,
            deliverable_review.c.edition_id == edition_id,
        )
        .order_by(deliverable_review.c.version.desc())
    )
    return [(row.kind, _review(row)) for row in db.execute(query)]


def _review(row: Any) -> Review:
    return Review(
        version=row.version,
        verdict=FileVerdict(row.verdict),
        sections=tuple(row.sections),
        comment=row.comment,
        correct_by=row.correct_by,
        reviewed_at=row.reviewed_at,
    )


def save(
    db: sa.Connection,
    project_id: UUID,
    edition_id: UUID,
    kind: DeliverableKind,
    given: Review,
    actor: UUID | None,
) -> None:
    row = asdict(given) | {"verdict": given.verdict.value, "sections": list(given.sections)}
    of = {"project_id": project_id, "edition_id": edition_id, "kind": kind.value}
    upsert(db, deliverable_review, [of | row | {"reviewed_by": actor}])


def save_reminder(db: sa.Connection, reminded: DeliverableReminded, actor: UUID | None) -> None:
    row = reminded.model_dump(include={"project_id", "edition_id", "due_on", "reminded_at"})
    upsert(db, deliverable_reminder, [row | {"kind": reminded.kind.value, "reminded_by": actor}])


def forget_comments(db: sa.Connection, project_id: UUID) -> None:
    """What was written of a file speaks of who wrote it; that it was read, and when, stays."""
    mine = deliverable_review.c.project_id == project_id
    db.execute(sa.update(deliverable_review).where(mine).values(comment=""))
