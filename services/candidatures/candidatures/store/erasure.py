"""Erased persons: what goes here, and what partners have confirmed."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant, insert
from essaim.keeping.listed import with_keys
from essaim.text.mail_address import comparable_address

from candidatures.application import ApplicationState
from candidatures.erasure import Confirmation, ErasureAsked
from candidatures.store import (
    address_change,
    call_watch,
    conflict,
    correction,
    deliverable,
    deliverable_review,
    document,
    draft_secret,
    handover,
    note,
    project,
    review_comment,
)
from candidatures.store.application import IS_EMPTY, application
from candidatures.store.call import call
from candidatures.store.committee import assignment, decision, score, score_change
from candidatures.store.metadata import metadata
from candidatures.store.programme import edition, programme_person

erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("service", sa.String(40), primary_key=True),
    sa.Column("erased_at", Instant, nullable=False),
    sa.Column("confirmed_at", Instant),
)
"""One row for each person erased and each partner that has to confirm it."""


asked = sa.Table(
    "erasure_asked",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("asked_by", sa.Uuid, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
)
"""Who asked that a person be forgotten, until that is decided."""


def note_asked(db: sa.Connection, one: ErasureAsked) -> bool:
    """Whether it was not asked yet; what was stays as it is."""
    new = insert(db, asked).values(asdict(one)).on_conflict_do_nothing()
    return db.execute(new.returning(asked.c.person_id)).scalar() is not None


def find_asked(db: sa.Connection, person_id: UUID) -> ErasureAsked | None:
    row = db.execute(sa.select(asked).where(asked.c.person_id == person_id)).one_or_none()
    return ErasureAsked(**row._mapping) if row else None


def every_asked(db: sa.Connection) -> list[ErasureAsked]:
    """The oldest first."""
    query = sa.select(asked).order_by(asked.c.asked_at, asked.c.person_id)
    return [ErasureAsked(**row._mapping) for row in db.execute(query)]


def forget_asked(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(asked).where(asked.c.person_id == person_id))


def erase_person(db: sa.Connection, person_id: UUID, email: str | None, *, sent_too: bool) -> None:
    """Erase what this service holds about a person: what she typed, sent, and notes about her.

    Drafts that give this address are hers; `sent_too`, so is what others sent that gives it.
    What says nothing of her stays: the titles of projects that were selected, numbers, scores,
    decisions, and that something was handed in.
    """
    mine = application.c.bearer_id == person_id
    if email:
        mine = sa.or_(mine, application.c.id.in_(_giving(db, email, sent_too=sent_too)))
        call_watch.forget_address(db, email)
    ids = list(db.scalars(sa.select(application.c.id).where(mine)))
    erase_applications(db, ids)
    _forget_projects(db, person_id)
    db.execute(sa.delete(programme_person).where(programme_person.c.person_id == person_id))
    review_comment.delete_by(db, person_id)
    address_change.delete(db, person_id)
    forget_asked(db, person_id)


def erase_applications(db: sa.Connection, ids: Sequence[UUID]) -> None:
    """Erase what was typed in them, their files, and what the committee wrote about them."""
    kept_by_no_form = {"link_sent_to": None, "proved_email": None, "saved_by_form": None}
    db.execute(
        sa.update(application)
        .where(application.c.id.in_(ids))
        .values(with_keys(application, {"content": {}}) | kept_by_no_form)
    )
    written = {"note": None, "feedback": None, "applied_feedback": None}
    db.execute(sa.update(decision).where(decision.c.application_id.in_(ids)).values(written))
    review_comment.delete_of(db, ids)
    correction.forget(db, ids)
    handover.forget(db, ids)
    note.forget(db, ids)
    draft_secret.delete_of(db, ids)
    document.delete_of(db, ids)


def forget_keys_left(db: sa.Connection) -> int:
    """Erase the keys of applications whose content is erased; how many had some.

    An earlier release, which may run beside this one, erases without knowing them.
    """
    keys = with_keys(application, {"content": {}})
    kept = [application.c[name] != keys[name] for name in keys if name != "content"]
    left = sa.update(application).where(sa.or_(*kept), IS_EMPTY)
    return db.execute(left.values(keys)).rowcount


def erase_scores(db: sa.Connection, application_id: UUID) -> None:
    """Erase who gave which points and who was in a conflict; the mean stays."""
    for table in (score, score_change, conflict.conflict, conflict.conflict_pin, assignment):
        db.execute(sa.delete(table).where(table.c.application_id == application_id))
    prepared = decision.c.application_id == application_id
    db.execute(sa.update(decision).where(prepared).values(prepared_by=None))


def erase_project(db: sa.Connection, application_id: UUID) -> None:
    """The files of its project; the title too, where nobody selected it."""
    query = sa.select(application.c.project_id, application.c.number)
    row = db.execute(query.where(application.c.id == application_id)).one()
    _forget_project(db, row.project_id, row.number)


def _forget_project(db: sa.Connection, project_id: UUID, number: str) -> None:
    document.note_removed(db, deliverable.forget_files(db, project_id))
    deliverable_review.forget_comments(db, project_id)
    if not project.get(db, project_id).selected:
        project.save_title(db, project_id, number)


def _forget_projects(db: sa.Connection, person_id: UUID) -> None:
    """The files of the projects she bears alone; their titles, where nobody selected them."""
    hers = sa.select(application.c.project_id, application.c.number)
    for row in db.execute(hers.where(application.c.bearer_id == person_id)).all():
        if project.get(db, row.project_id).bearer_ids == (person_id,):
            _forget_project(db, row.project_id, row.number)


def _giving(db: sa.Connection, email: str, *, sent_too: bool) -> list[UUID]:
    """The drafts in which somebody typed this address, as it is compared, and no link proved it.

    `sent_too`: all applications that give it.
    """
    typed = application.c.content["bearer_email"].as_string()
    query = sa.select(application.c.id, typed.label("typed")).where(typed.is_not(None))
    if not sent_too:
        query = query.where(
            application.c.state == ApplicationState.DRAFT.value,
            application.c.proved_email.is_(None),
        )
    same = comparable_address(email)
    return [row.id for row in db.execute(query) if comparable_address(row.typed) == same]


def programmes_given(db: sa.Connection, email: str, *, sent_too: bool) -> set[str]:
    """The programmes in whose calls this address stands in what would be erased with it."""
    ids = _giving(db, email, sent_too=sent_too)
    calls = sa.select(application.c.call_id).where(application.c.id.in_(ids))
    query = sa.select(edition.c.programme).join(call, call.c.edition_id == edition.c.id)
    return set(db.scalars(query.where(call.c.id.in_(calls))))


def await_confirmations(db: sa.Connection, expected: Iterable[Confirmation]) -> None:
    """Note what partners have to confirm; what is noted already stays as it is."""
    rows = [asdict(one) for one in expected]
    if rows:
        db.execute(insert(db, erasure).on_conflict_do_nothing(), rows)


def save_confirmation(db: sa.Connection, confirmation: Confirmation) -> None:
    """The first one counts: after a restored backup a partner may confirm again."""
    statement = insert(db, erasure).values(asdict(confirmation))
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "service"],
            set_={"confirmed_at": confirmation.confirmed_at},
            where=erasure.c.confirmed_at.is_(None),
        )
    )


def every(db: sa.Connection) -> list[Confirmation]:
    query = sa.select(erasure).order_by(erasure.c.erased_at, erasure.c.person_id, erasure.c.service)
    return [Confirmation(**row._mapping) for row in db.execute(query)]


def unconfirmed(db: sa.Connection) -> list[Confirmation]:
    query = sa.select(erasure).where(erasure.c.confirmed_at.is_(None))
    return [Confirmation(**row._mapping) for row in db.execute(query)]
