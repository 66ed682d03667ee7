"""Somebody takes over: her roles, what she was given to score, and the turn of the others."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Work
from essaim.ids import new_id, stable_id
from essaim.text.languages import Tongue
from essaim_contracts.questions import Moves, Moving, WhatMoves

from candidatures import store
from candidatures.assignment import Given
from candidatures.call import Call
from candidatures.commands import assignment, programme
from candidatures.contact import Replacement, Takeover, with_roles_passed_on


def replace(work: Work, slug: str, asked: Takeover, person: Person) -> Replacement:
    """Her roles end and the other's begin on that day, when what is open moves in every service.

    Raises:
        Refusal: (403) who asks does not coordinate the programme, or may not give these roles;
            (422) there is nothing to take over.
    """
    programme.set_up(work, slug, lambda before: with_roles_passed_on(before, asked), person)
    people = store.programme.people_of(work.db, slug)
    organisation = asked.organisation
    made = Replacement(
        id=new_id(),
        programme=slug,
        person_id=people[asked.person],
        replaced_by_id=people[asked.replaced_by],
        organisation_id=stable_id(slug, "organisation", organisation) if organisation else None,
        from_on=asked.from_on,
        asked_by=person.id,
        asked_at=work.now,
    )
    store.contact.add(work.db, made)
    tell_due(work)
    return made


def tell_due(work: Work) -> bool:
    """Pass on, and tell, what begins today. A timer too."""
    for one in store.contact.due(work.db, work.today):
        for call, ids in _unscored(work.db, one.programme, one.person_id):
            _give(work, call, ids, one)
        work.tell(one.told(), programme=one.programme)
        store.contact.mark_told(work.db, one.id, work.now)
    return False


def _give(work: Work, call: Call, ids: list[UUID], one: Replacement) -> None:
    """To a member of the committee alone; who is none reads nothing."""
    if one.replaced_by_id not in {member.id for member in assignment.members_of(work, call)}:
        return
    given = [Given(id, one.replaced_by_id) for id in ids]
    taken_back = [Given(id, one.person_id) for id in ids]
    assignment.change(work, call.slug, given, taken_back, None)


def _unscored(db: sa.Connection, slug: str, person_id: UUID) -> Iterator[tuple[Call, list[UUID]]]:
    """What she was given and has not scored, by call."""
    for call in store.call.every(db):
        held = store.assignment.in_call(db, call.id).get(person_id)
        if call.programme != slug or not held:
            continue
        scored = store.assignment.scored_in_call(db, call).get(person_id, frozenset())
        left = [one for one in store.assignment.to_read(db, call) if one in held - scored]
        if left:
            yield call, left


def what_moves(db: sa.Connection, asked: WhatMoves, _now: datetime, tongue: Tongue) -> Moves:
    """What she was given to score, and has not."""
    _ = tongue
    moving = tuple(
        Moving(
            text=_.counted(
                "{number} dossier à noter : {call}",
                "{number} dossiers à noter : {call}",
                len(ids),
                call=call.title.say(_.language),
            ),
            page=f"/calls/{call.slug}/assignment",
        )
        for call, ids in _unscored(db, asked.programme, asked.person_id)
    )
    return Moves(moving=moving)
