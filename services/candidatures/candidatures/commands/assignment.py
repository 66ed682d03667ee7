"""Giving the committee its applications to score: by hand, or evenly; each member is told."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from essaim import Person, Role, Work
from essaim.people.directory import people_with_role
from essaim_contracts.selection import ReviewsAssigned

from candidatures import store
from candidatures.application import unknown_application
from candidatures.assignment import (
    Assigned,
    Given,
    Reader,
    no_members,
    refuse_strangers,
    spread,
)
from candidatures.call import Call


def share_out(work: Work, slug: str, *, each: int, due_on: date | None) -> Assigned:
    """Give applications until each has as many readers as `each`; whoever reads least comes next.

    `skipped` counts the applications for which members without a conflict are missing.

    Raises:
        Refusal: the programme has no committee.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    readers = readers_of(work, call)
    if not readers:
        raise no_members()
    made = spread(store.assignment.to_read(work.db, call), readers, each)
    _change(work, call, made.given, (), due_on)
    return Assigned(len(made.given), 0, len(made.short))


def change(
    work: Work,
    slug: str,
    given: Iterable[Given],
    taken_back: Iterable[Given],
    due_on: date | None,
) -> Assigned:
    """Give these by hand, and take those back. What a conflict keeps from its reader is skipped.

    Raises:
        Refusal: (404) an application is not before the committee of this call; (422) somebody is
            not of the committee.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    readers = {one.person_id: one for one in readers_of(work, call)}
    wanted, unwanted = list(dict.fromkeys(given)), list(dict.fromkeys(taken_back))
    known = set(store.assignment.to_read(work.db, call))
    if not {one.application_id for one in wanted} <= known:
        raise unknown_application()
    refuse_strangers({one.reader_id for one in wanted}, readers)
    free = [one for one in wanted if one.application_id not in readers[one.reader_id].barred]
    held = store.assignment.in_call(work.db, call.id)
    new = [one for one in free if one.application_id not in held.get(one.reader_id, ())]
    gone = [one for one in unwanted if one.application_id in held.get(one.reader_id, ())]
    _change(work, call, new, gone, due_on)
    return Assigned(len(new), len(gone), len(wanted) - len(free))


def members_of(work: Work, call: Call) -> list[Person]:
    return people_with_role(work.db, Role.COMMITTEE_MEMBER, work.today, call.programme)


def readers_of(work: Work, call: Call) -> list[Reader]:
    """The committee, with what each one was given, or has scored, and what is kept from her."""
    held = store.assignment.in_call(work.db, call.id)
    scored = store.assignment.scored_in_call(work.db, call)
    none: frozenset[UUID] = frozenset()
    return [
        Reader(
            one.id,
            held.get(one.id, none) | scored.get(one.id, none),
            frozenset(store.conflict.in_call(work.db, call.id, one)),
        )
        for one in members_of(work, call)
    ]


def _change(
    work: Work,
    call: Call,
    given: Sequence[Given],
    taken_back: Sequence[Given],
    due_on: date | None,
) -> None:
    """Save what changed, and tell each member for whom anything did."""
    before = store.assignment.day_of(work.db, call.id)
    day = due_on or before
    store.assignment.give(work.db, call.id, given, day, work.actor, work.now)
    store.assignment.take_back(work.db, taken_back)
    touched = {one.reader_id for one in (*given, *taken_back)}
    if day is not None and day != before:
        store.assignment.set_day(work.db, call.id, day)
        touched |= set(store.assignment.in_call(work.db, call.id))
    _tell(work, call, touched, day)


def _tell(work: Work, call: Call, readers: set[UUID], day: date | None) -> None:
    held = store.assignment.in_call(work.db, call.id)
    scored = store.assignment.scored_in_call(work.db, call)
    none: frozenset[UUID] = frozenset()
    for reader in sorted(readers):
        hers = held.get(reader, none)
        told = ReviewsAssigned(
            call_id=call.id,
            edition_id=call.edition_id,
            call_slug=call.slug,
            reviewer_id=reader,
            applications=len(hers),
            to_review=len(hers - scored.get(reader, none)),
            due_on=day,
        )
        work.tell(told, programme=call.programme)
