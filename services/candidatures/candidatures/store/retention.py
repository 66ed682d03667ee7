"""What is still kept of people, with the day from which its time counts."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.people.directory import all_people
from essaim.person import Person, Role, RoleHeld
from essaim.retention.rule import Kept
from essaim_contracts.candidatures import Decision

from candidatures.application import ApplicationState
from candidatures.store import call_watch
from candidatures.store.application import IS_EMPTY, application, kept_address
from candidatures.store.call import call
from candidatures.store.cohort import cohort_project
from candidatures.store.committee import decision
from candidatures.store.programme import edition, organisation, programme

_IS_DRAFT = application.c.state == ApplicationState.DRAFT.value
_WITHDRAWN = application.c.state == ApplicationState.WITHDRAWN.value
_CHOSEN = sa.or_(
    sa.exists().where(cohort_project.c.project_id == application.c.project_id),
    sa.and_(~_WITHDRAWN, decision.c.applied_decision == Decision.SELECTED.value),
)
"""Its project is, or was, in a cohort, or is to be."""


def call_watches(db: sa.Connection) -> Iterator[Kept]:
    """Proved addresses that wait for a call to open; those not proved go after a day."""
    rows = db.execute(sa.select(programme.c.slug, programme.c.name))
    names = {row.slug: row.name for row in rows}
    for one in call_watch.proved(db):
        since = one.asked_at.astimezone(PARIS).date()
        yield Kept(one.id, names.get(one.programme, one.programme), one.programme, (), since)


def drafts(db: sa.Connection) -> Iterator[Kept]:
    """Drafts that were never sent, from the closing of their call."""
    rows = db.execute(_applications().where(_IS_DRAFT))
    return (_kept(row, row.closes_at.astimezone(PARIS).date()) for row in rows)


def not_selected(db: sa.Connection) -> Iterator[Kept]:
    """What was sent and came to nothing, from its last answer, else from the closing."""
    query = _sent().where(sa.not_(sa.func.coalesce(_CHOSEN, sa.false())))
    return (_kept(row, _answered_on(row)) for row in db.execute(query))


def selected(db: sa.Connection) -> Iterator[Kept]:
    """The applications whose projects were accompanied."""
    return (_kept(row, None) for row in db.execute(_sent().where(_CHOSEN)))


def _applications() -> sa.Select[Any]:
    return sa.select(
        application.c.id,
        application.c.bearer_id,
        application.c.withdrawn_at,
        decision.c.decided_on,
        call.c.closes_at,
        edition.c.id.label("edition_id"),
        edition.c.year,
        programme.c.slug,
        programme.c.name,
    ).select_from(
        application.join(call, call.c.id == application.c.call_id)
        .join(edition, edition.c.id == call.c.edition_id)
        .join(programme, programme.c.slug == edition.c.programme)
        .outerjoin(decision, decision.c.application_id == application.c.id)
    )


def _sent() -> sa.Select[Any]:
    return _applications().where(~_IS_DRAFT, ~IS_EMPTY)


def _kept(row: Any, since: date | None) -> Kept:
    return Kept(row.id, f"{row.name} {row.year}", row.slug, (row.edition_id,), since)


def _answered_on(row: Any) -> date:
    if row.withdrawn_at is not None:
        day: date = row.withdrawn_at.astimezone(PARIS).date()
        return day
    answered: date = row.decided_on or row.closes_at.astimezone(PARIS).date()
    return answered


def candidates(db: sa.Connection) -> Iterator[Kept]:
    """Who only ever applied, of whom no application is kept, from the last answer to one."""
    last = _last_answers(db)
    for person in _without_reason(db):
        if not _others(person):
            begun = [held.until or held.since for held in person.roles]
            days = [day for day in (*begun, last.get(person.id)) if day is not None]
            yield _known(person, (), max(days, default=None))


def network(db: sa.Connection) -> Iterator[Kept]:
    """Who had another role, all of which ended: of all editions begun until then."""
    editions = db.execute(sa.select(edition)).all()
    for person in _without_reason(db):
        ended = _others(person)
        if not ended or any(held.until is None for held in ended):
            continue
        until = max(held.until for held in ended if held.until)
        mine = {held.programme for held in person.roles}
        of = [one.id for one in editions if one.programme in mine and one.year <= until.year]
        yield _known(person, of, until)


def _known(person: Person, of: Iterable[UUID], since: date | None) -> Kept:
    slugs = sorted({held.programme for held in person.roles})
    return Kept(person.id, ", ".join(slugs), slugs[0] if slugs else "", tuple(of), since)


def _others(person: Person) -> list[RoleHeld]:
    return [held for held in person.roles if held.role != Role.BEARER]


def _without_reason(db: sa.Connection) -> list[Person]:
    """Whom no kept application, no draft and no organisation needs, nor one with her address."""
    applied = sa.select(application.c.bearer_id).where(~IS_EMPTY)
    alone = sa.select(organisation.c.person_id)
    needed = set(db.scalars(sa.union(applied, alone)))
    # Also what somebody sent who only typed her address: it goes with her.
    given = sa.select(application.c.kept_address).where(~IS_EMPTY)
    writing = set(db.scalars(given)) - {"", None}
    return [
        person
        for person in all_people(db)
        if person.id not in needed and kept_address({"bearer_email": person.email}) not in writing
    ]


def _last_answers(db: sa.Connection) -> dict[UUID, date]:
    rows = db.execute(_applications().where(application.c.bearer_id.is_not(None)))
    last: dict[UUID, date] = {}
    for row in rows:
        last[row.bearer_id] = max(last.get(row.bearer_id, date.min), _answered_on(row))
    return last
