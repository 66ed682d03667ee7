"""Drawing up the minutes of a meeting from what the committee has prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim import Role, Work
from essaim.ids import new_id
from essaim.people.directory import people_with_role

from candidatures import store
from candidatures.assignment import refuse_strangers
from candidatures.minutes import Decided, Minutes, check_quorum


@dataclass(frozen=True)
class Meeting:
    """What is said of a meeting; `present` are members of the committee."""

    held_on: date
    present: Sequence[UUID]
    place: str | None = None
    without_quorum: bool = False


def draw_up(work: Work, slug: str, meeting: Meeting) -> UUID:
    """Keep what is prepared now as what this meeting decided.

    Raises:
        Refusal: (422) somebody is not of the committee; too few are there for the call's quorum,
            unless who draws them up takes it upon herself.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    members = people_with_role(work.db, Role.COMMITTEE_MEMBER, meeting.held_on, call.programme)
    refuse_strangers(meeting.present, {one.id for one in members})
    check_quorum(meeting.present, call.quorum, without=meeting.without_quorum)
    considered = store.committee.considered_of(work.db, call)
    decided = [
        Decided(one.application_id, one.prepared, one.score) for one in considered if one.prepared
    ]
    kept_away = {
        one.id: tuple(store.conflict.in_call(work.db, call.id, one))
        for one in members
        if one.id in meeting.present
    }
    short = call.quorum is not None and len(meeting.present) < call.quorum
    made = Minutes(
        id=new_id(),
        call_id=call.id,
        held_on=meeting.held_on,
        place=meeting.place,
        present=tuple(meeting.present),
        members=len(members),
        quorum=call.quorum,
        without_quorum_by=work.actor if short else None,
        decided=tuple(decided),
        undecided=len(considered) - len(decided),
        away={who: ids for who, ids in kept_away.items() if ids},
        made_by=work.actor,
        made_at=work.now,
    )
    store.minutes.add(work.db, made)
    return made.id
