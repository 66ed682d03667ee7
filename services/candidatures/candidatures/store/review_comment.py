"""What members of the committee wrote about applications."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, upsert

from candidatures.comment import Comment, Own, Written
from candidatures.store.metadata import metadata

review_comment = sa.Table(
    "review_comment",
    metadata,
    sa.Column("application_id", sa.Uuid, primary_key=True),
    sa.Column("evaluator_id", sa.Uuid, primary_key=True),
    # Empty for the whole application.
    sa.Column("criterion", sa.String(60), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("private", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
)


def own(db: sa.Connection, application_id: UUID, evaluator_id: UUID) -> Own:
    """What one member wrote about an application."""
    query = sa.select(review_comment).where(
        review_comment.c.application_id == application_id,
        review_comment.c.evaluator_id == evaluator_id,
    )
    rows = db.execute(query).all()
    comments = {row.criterion: Written(row.text, row.private) for row in rows}
    return Own(comments, max((row.version for row in rows), default=0))


def shared(db: sa.Connection, application_id: UUID) -> list[Comment]:
    """What is for the committee, by criterion and in the order of writing."""
    return shared_of_each(db, [application_id]).get(application_id, [])


def save(
    db: sa.Connection,
    application_id: UUID,
    evaluator_id: UUID,
    written: Mapping[str, Written],
    before: Own,
    now: datetime,
) -> None:
    """Each row counts for one save more than all she had: their greatest is the version."""
    rows = [
        {
            "application_id": application_id,
            "evaluator_id": evaluator_id,
            "criterion": code,
            "text": one.text,
            "private": one.private,
            "version": before.version + 1,
            "written_at": now,
        }
        for code, one in written.items()
    ]
    upsert(db, review_comment, rows)


def delete_of(db: sa.Connection, ids: Sequence[UUID]) -> None:
    db.execute(sa.delete(review_comment).where(review_comment.c.application_id.in_(ids)))


def delete_by(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(review_comment).where(review_comment.c.evaluator_id == person_id))


def shared_of_each(db: sa.Connection, ids: Sequence[UUID]) -> dict[UUID, list[Comment]]:
    """What is for the committee on each of these applications."""
    query = (
        sa.select(review_comment)
        .where(
            review_comment.c.application_id.in_(ids),
            review_comment.c.private.is_(False),
            review_comment.c.text != "",
        )
        .order_by(review_comment.c.criterion, review_comment.c.written_at)
    )
    found: dict[UUID, list[Comment]] = {}
    for row in db.execute(query):
        comment = Comment(row.evaluator_id, row.criterion, row.text, row.private)
        found.setdefault(row.application_id, []).append(comment)
    return found
