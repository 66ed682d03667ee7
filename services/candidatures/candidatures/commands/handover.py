"""A hand-over at work: proposed, agreed to by its bearer, answered by its receiver."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from essaim import Work
from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.people.directory import find_person
from essaim.text.mail_address import canonical_address
from essaim.text.written import cleaned, one_line
from essaim_contracts.handover import HandoverParty

from candidatures import handover, store
from candidatures.application import Application, ApplicationState, receive
from candidatures.application_form import read_leniently
from candidatures.call import Call
from candidatures.commands import correction
from candidatures.commands.bearer import make_bearer
from candidatures.commands.committee import refuse_decider_in_conflict
from candidatures.correction import correctable
from candidatures.email_address import bad_email
from candidatures.handover import (
    TO_COMPLETE,
    Handover,
    HandoverState,
    Outside,
    carried_content,
    carried_documents,
    handover_link_ended,
    refuse_past,
    refuse_receiving,
    refuse_state,
)

MOST_REASON = 2000


@dataclass(frozen=True)
class To:
    """The receiver asked for: the slug of a call, or the name and address of somebody outside."""

    call: str = ""
    name: str = ""
    email: str = ""
    language: str = "fr"


def propose(work: Work, application_id: UUID, to: To, answer_by: date) -> UUID:
    """Ask the bearer of a re-oriented application whether it may go to this receiver.

    Raises:
        Refusal: it is not re-oriented, or goes somewhere already; a conflict of interest keeps
            her who asks from it; (422) there is no such receiver, or the day has passed.
    """
    found = store.application.get(work.db, application_id, lock=True)
    refuse_decider_in_conflict(work, found)
    prepared = store.committee.prepared_for(work.db, found.id)
    applied = prepared.applied.decision if prepared and prepared.applied else None
    others = store.handover.of_application(work.db, found.id)
    handover.refuse_unless_reoriented(found, applied, others)
    refuse_past(answer_by, work.today)
    call, outside = _receiver(work, found, to)
    new = Handover(
        id=new_id(),
        application_id=found.id,
        to_call_id=call.id if call else None,
        outside=outside,
        state=HandoverState.PROPOSED,
        answer_by=answer_by,
        proposed_at=work.now,
        proposed_by=work.actor,
    )
    store.handover.add(work.db, new)
    giver = store.call.of_id(work.db, found.call_id)
    work.tell(
        handover.proposed(new, found, _bearer_of(work, found), giver, call),
        programme=giver.programme,
    )
    return new.id


def _receiver(work: Work, found: Application, to: To) -> tuple[Call | None, Outside | None]:
    name, email = one_line(to.name), one_line(to.email)
    if bool(to.call) == bool(name or email):
        raise handover.receiver_missing()
    if to.call:
        call = store.call.find(work.db, to.call)
        if call is None:
            raise handover.unknown_receiver(to.call)
        _refuse_receiving(work, found, call)
        return call, None
    if not name:
        raise handover.receiver_missing()
    try:
        return None, Outside(name[:300], canonical_address(email), to.language)
    except ValueError as error:
        raise bad_email(email, "email") from error


def _refuse_receiving(work: Work, found: Application, to: Call) -> None:
    has_decided = store.application.has_decided(work.db, to.id)
    refuse_receiving(found, to, work.now, has_decided=has_decided)


def _bearer_of(work: Work, found: Application) -> UUID:
    bearer = find_person(work.db, found.bearer_id) if found.bearer_id else None
    if bearer is None:
        raise handover.nobody_to_hand_over(found.number)
    return bearer.id


@dataclass(frozen=True)
class _Parts:
    """What an act on a hand-over is about, all of it locked."""

    handover: Handover
    application: Application
    giver: Call
    to: Call | None


def _parts(work: Work, handover_id: UUID) -> _Parts:
    known = store.handover.get(work.db, handover_id)
    found = store.application.get(work.db, known.application_id, lock=True)
    # Read again: whoever answered first held the lock until now.
    known = store.handover.get(work.db, handover_id, lock=True)
    to = store.call.of_id(work.db, known.to_call_id) if known.to_call_id else None
    return _Parts(known, found, store.call.of_id(work.db, found.call_id), to)


def answer_of_bearer(work: Work, application_id: UUID, agrees: bool) -> UUID:
    """What she answers to the hand-over that waits for her.

    Raises:
        Refusal: none waits, or it was taken back.
    """
    every = store.handover.of_application(work.db, application_id)
    waiting = [one for one in every if one.state == HandoverState.PROPOSED]
    if not waiting:
        raise handover.handover_moved_on()
    if agrees:
        agree(work, waiting[0].id)
    else:
        end(work, waiting[0].id, HandoverParty.BEARER)
    return waiting[0].id


def agree(work: Work, handover_id: UUID) -> None:
    """Its bearer agrees: from now on the receiver sees it.

    Raises:
        Refusal: it was taken back, or she answered already.
    """
    of = _parts(work, handover_id)
    refuse_state(of.handover, HandoverState.PROPOSED)
    if of.application.state != ApplicationState.RECEIVED:
        raise handover.not_reoriented(of.application.number)
    # A receiver who could not answer any more has the time that was meant for her.
    meant = of.handover.answer_by - of.handover.proposed_at.date()
    answer_by = of.handover.answer_by
    if answer_by < work.today:
        answer_by = work.today + meant
    state = HandoverState.OFFERED
    store.handover.change(
        work.db, handover_id, state=state.value, agreed_at=work.now, answer_by=answer_by
    )
    offered = replace(of.handover, state=state, answer_by=answer_by)
    work.tell(
        handover.offered(offered, of.application, of.giver, of.to), programme=of.giver.programme
    )


def end(work: Work, handover_id: UUID, by: HandoverParty, reason: str = "") -> None:
    """It comes to nothing: its bearer does not agree, its receiver declines, or it is taken back.

    Raises:
        Refusal: it ended meanwhile, it is not hers to answer yet, or (422) a receiver says not why.
    """
    of = _parts(work, handover_id)
    if by == HandoverParty.RECEIVER:
        refuse_state(of.handover, HandoverState.OFFERED)
        if not cleaned(reason):
            raise handover.reason_missing()
    elif by == HandoverParty.BEARER:
        refuse_state(of.handover, HandoverState.PROPOSED)
    elif of.handover.state not in (HandoverState.PROPOSED, HandoverState.OFFERED):
        raise handover.handover_moved_on()
    _end(work, of, by, reason)


def _end(work: Work, of: _Parts, by: HandoverParty, reason: str = "") -> None:
    store.handover.end_links(work.db, of.handover.id, work.now)
    store.handover.change(
        work.db,
        of.handover.id,
        state=HandoverState.DECLINED.value,
        ended_at=work.now,
        ended_by=by.value,
        reason=cleaned(reason)[:MOST_REASON] or None,
    )
    bearer = of.application.bearer_id
    if bearer is not None:
        told = handover.declined(of.handover, of.application, bearer, of.giver, of.to, by, work.now)
        work.tell(told, programme=of.giver.programme)


def end_with_application(work: Work, application_id: UUID) -> None:
    """Its bearer takes her application back: nobody answers a hand-over of it any more."""
    for one in store.handover.of_application(work.db, application_id):
        if one.state in (HandoverState.PROPOSED, HandoverState.OFFERED):
            _end(work, _parts(work, one.id), HandoverParty.BEARER)


def accept(work: Work, handover_id: UUID, complete_by: date | None = None) -> UUID | None:
    """The receiver takes it over. In a call it is received at once: its id there.

    What that call asks and she did not write is asked of her, until `complete_by`.

    Raises:
        Refusal: it ended meanwhile, or that call takes no application any more.
    """
    of = _parts(work, handover_id)
    refuse_state(of.handover, HandoverState.OFFERED)
    bearer_id = _bearer_of(work, of.application)
    made = None
    if of.to is not None:
        made = _receive(work, of.application, of.to, bearer_id, complete_by)
    store.handover.change(
        work.db,
        handover_id,
        state=HandoverState.ACCEPTED.value,
        ended_at=work.now,
        ended_by=HandoverParty.RECEIVER.value,
        to_application_id=made,
    )
    taken = replace(of.handover, to_application_id=made)
    work.tell(
        handover.accepted(taken, of.application, bearer_id, of.giver, of.to, work.now),
        programme=of.giver.programme,
    )
    return made


def _receive(
    work: Work, given: Application, to: Call, bearer_id: UUID, complete_by: date | None
) -> UUID:
    """The application as the receiving call has it."""
    to = store.call.of_id(work.db, to.id, lock=True)
    _refuse_receiving(work, given, to)
    content = carried_content(to, given.content, work.today)
    documents = carried_documents(to, content, store.document.of_application(work.db, given.id))
    new = Application(
        id=new_id(),
        call_id=to.id,
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language=given.language,
        content=content,
        version=1,
        proved_email=given.proved_email,
    )
    store.application.add_handed_over(work.db, new, work.now)
    for document in documents:
        store.document.save(work.db, new.id, document, work.now)
    codes = {document.code for document in documents}
    checked, refused = read_leniently(to, content, codes, work.today)
    number = to.receipt_number(store.call.take_number(work.db, to))
    received = receive(
        to,
        new,
        replace(checked, project_title=checked.project_title or (given.number or number)),
        bearer_id=bearer_id,
        number=number,
        arrived_at=work.now,
        handed_over_from=given.id,
    )
    store.application.save_received(work.db, received, work.now)
    store.project.save_received(work.db, received)
    make_bearer(work, bearer_id, to.programme)
    work.tell(received, programme=to.programme)
    missing = {one.field for one in refused if one.field} & set(correctable(to))
    if missing:
        until = complete_by or work.today + TO_COMPLETE
        found = store.application.get(work.db, new.id)
        correction.ask_for(work, found, missing, until)
    return new.id


def give_more_time(work: Work, handover_id: UUID, answer_by: date) -> None:
    """Another last day for the receiver, who is told; the link of one outside ends with the old.

    Raises:
        Refusal: it is not offered; (422) the day has passed.
    """
    of = _parts(work, handover_id)
    refuse_state(of.handover, HandoverState.OFFERED)
    refuse_past(answer_by, work.today)
    store.handover.change(work.db, handover_id, answer_by=answer_by)
    offered = replace(of.handover, answer_by=answer_by)
    work.tell(
        handover.offered(offered, of.application, of.giver, of.to), programme=of.giver.programme
    )


# --- the link of a receiver outside


@dataclass(frozen=True)
class Link:
    """A link on its way by mail to a receiver outside."""

    handover_id: UUID
    email: str
    language: str
    programme_name: str
    answer_by: date
    token: str = field(repr=False)


def make_link(work: Work, handover_id: UUID) -> Link | None:
    """A new link; the ones before open nothing any more. None for a receiver with pages here.

    Raises:
        Refusal: it is not offered, or its last day has passed.
    """
    of = _parts(work, handover_id)
    if of.handover.outside is None:
        return None
    refuse_state(of.handover, HandoverState.OFFERED)
    refuse_past(of.handover.answer_by, work.today)
    token = secrets.token_urlsafe(32)
    store.handover.add_link(work.db, handover_id, token, work.now)
    outside, name = of.handover.outside, of.giver.programme_name
    return Link(handover_id, outside.email, outside.language, name, of.handover.answer_by, token)


def refuse_no_link(work: Work, handover_id: UUID) -> None:
    """
    Raises:
        Refusal: no link opens this one: its receiver has pages here, or it is over.
    """
    of = _parts(work, handover_id)
    if of.handover.outside is None:
        raise handover.handover_moved_on()
    refuse_state(of.handover, HandoverState.OFFERED)
    refuse_past(of.handover.answer_by, work.today)


def revoke_link(work: Work, handover_id: UUID) -> None:
    """No link opens it any more, until another one is sent."""
    _parts(work, handover_id)
    store.handover.end_links(work.db, handover_id, work.now)


def opened_by(db: sa.Connection, token: str, now: datetime) -> Handover:
    """What a link opens.

    Raises:
        Refusal: (410) nothing any more.
    """
    found = store.handover.linked(db, token)
    if found is None:
        raise handover_link_ended()
    known = store.handover.get(db, found)
    if not known.link_opens(now, now.astimezone(PARIS).date()):
        raise handover_link_ended()
    return known
