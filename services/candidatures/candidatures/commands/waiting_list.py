"""The waiting list at work: a place offered, taken or declined, and the list closed."""

from datetime import date
from uuid import UUID

from essaim import Work
from essaim_contracts.candidatures import Decision, DecisionReason, WithdrawalReason

from candidatures import store
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.call import Call
from candidatures.commands import application, committee
from candidatures.committee import Verdict, apply_one
from candidatures.waiting_list import (
    OfferState,
    Waiting,
    no_free_place,
    no_offer,
    nobody_waits,
    not_on_the_list,
    offer_place,
)


def offer(work: Work, slug: str, answer_by: date, application_id: UUID | None = None) -> UUID:
    """Offer a free place: to the first on the list who has no offer yet, or to this one.

    Raises:
        Refusal: no place is free, nobody waits, or it is not on the list without an offer.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    waiting = store.waiting_list.every(work.db, call)
    free = free_places(work, call, waiting)
    chosen = _to_offer(work, call, waiting, application_id)
    found = store.application.get(work.db, chosen.application_id, lock=True)
    committee.refuse_decider_in_conflict(work, found)
    offered = offer_place(call, found, chosen.rank, answer_by, work.today, free=free)
    store.waiting_list.save(work.db, found.id, answer_by, work.actor, work.now)
    work.tell(offered, programme=call.programme)
    return found.id


def free_places(work: Work, call: Call, waiting: list[Waiting]) -> int:
    """How many places are neither taken nor offered; a call without a number has one more."""
    if call.places is None:
        return 1
    return call.places - store.waiting_list.taken(work.db, call) - _open_offers(work, waiting)


def _open_offers(work: Work, waiting: list[Waiting]) -> int:
    offers = [one.offer for one in waiting if one.offer]
    return sum(one.state(work.today) == OfferState.WAITING for one in offers)


def _to_offer(
    work: Work, call: Call, waiting: list[Waiting], application_id: UUID | None
) -> Waiting:
    if not waiting:
        raise nobody_waits()
    if application_id is None:
        fresh = [one for one in waiting if one.offer is None]
        if not fresh:
            raise nobody_waits()
        return fresh[0]
    for one in waiting:
        is_asked = one.offer is not None and one.offer.state(work.today) == OfferState.WAITING
        if one.application_id == application_id and not is_asked:
            return one
    found = store.application.get(work.db, application_id)
    if found.call_id != call.id or found.state == ApplicationState.DRAFT:
        raise unknown_application()
    raise not_on_the_list(found.number)


def answer(work: Work, application_id: UUID, accepts: bool) -> None:
    """The bearer takes the place, and is selected; or declines, and is withdrawn.

    After the last day she may still take it, while it is free.

    Raises:
        Refusal: no place is offered to her any more.
    """
    found = store.application.get(work.db, application_id, lock=True)
    call = store.call.of_id(work.db, found.call_id, lock=True)
    waiting = store.waiting_list.every(work.db, call)
    mine = next((one for one in waiting if one.application_id == found.id), None)
    if mine is None or mine.offer is None or mine.offer.accepted is not None:
        raise no_offer()
    is_late = mine.offer.state(work.today) == OfferState.LAPSED
    if accepts and is_late and free_places(work, call, waiting) <= 0:
        raise no_free_place(call)
    store.waiting_list.save_answer(work.db, found.id, accepts, work.now)
    if accepts:
        _decide(work, call, found, Verdict(Decision.SELECTED, DecisionReason.MEETS_CRITERIA))
    else:
        application.withdraw(work, found.id, WithdrawalReason.BEARER_CHOICE)


def close(work: Work, slug: str) -> int:
    """Answer everybody who still waits: no place freed. How many they are.

    Raises:
        Refusal: nobody waits, or a place is offered to somebody who has not answered.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    waiting = store.waiting_list.every(work.db, call)
    if not waiting:
        raise nobody_waits()
    asked = [
        one for one in waiting if one.offer and one.offer.state(work.today) == OfferState.WAITING
    ]
    if asked:
        raise not_on_the_list(asked[0].number)
    for one in waiting:
        found = store.application.get(work.db, one.application_id, lock=True)
        _decide(work, call, found, Verdict(Decision.REFUSED, DecisionReason.PLACES_FILLED))
    return len(waiting)


def _decide(work: Work, call: Call, found: Application, verdict: Verdict) -> None:
    before = store.committee.prepared_for(work.db, found.id)
    note, feedback = (before.note, before.applied_feedback) if before else (None, None)
    store.committee.prepare_decision(
        work.db, found.id, verdict, note, feedback, work.actor, work.now
    )
    considered = store.committee.considered_of(work.db, call)
    mine = next(one for one in considered if one.application_id == found.id)
    committee.say(work, call, [apply_one(call, mine, verdict, work.today)])
