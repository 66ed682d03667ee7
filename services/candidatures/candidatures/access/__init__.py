"""Who may see or touch what: applicants, and those who work on a call or a programme."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Role, Work
from essaim.people import directory
from essaim.web import allowed, arrived_at, may, require, today_of, visitor
from essaim.web.site import language_of, secret_of
from essaim.web.source import source_of
from fastapi import Depends, Request

from candidatures import lists, store
from candidatures.anonymity import (
    Sheet,
    identifying_document,
    is_identifying,
    unnamed,
    unnamed_content,
)
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.call import Call
from candidatures.commands.draft import Door
from candidatures.commands.quota import Source
from candidatures.comment import Own
from candidatures.committee import not_in_committee
from candidatures.conflict import conflict_of_interest
from candidatures.document import Document
from candidatures.erasure import ErasureAsked, may_ask_erasure, refuse_asker
from candidatures.person import unknown_person
from candidatures.scoring import Share
from candidatures.sight import Reading, is_in, sight

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER)
"""Those who read the applications of their programme, with the persons."""

OVERSEERS = (*READERS, Role.FUNDER)
"""Those who follow their programme: a funder sees no person."""

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]
CommitteeMember = Annotated[Person, Depends(allowed(Role.COMMITTEE_MEMBER))]


# --- applications


def application_of_applicant(
    request: Request, db: sa.Connection, application_id: UUID, token: str | None
) -> Application:
    """The application, for whoever holds its secret or is its bearer.

    Raises:
        Refusal: (404) it is not hers; the same answer as when there is none.
    """
    application = store.application.get(db, application_id)
    if not _is_applicant(request, db, application, token):
        raise unknown_application()
    return application


def readable_application(
    request: Request, db: sa.Connection, application_id: UUID, token: str | None
) -> tuple[Application, Call, bool]:
    """The application, its call, and whether the visitor reads it as coordinator or committee.

    A draft is its applicant's alone.

    Raises:
        Refusal: (404) neither.
    """
    application = store.application.get(db, application_id)
    call = store.call.of_id(db, application.call_id)
    inside = application.state != ApplicationState.DRAFT and may(
        request, *READERS, programme=call.programme
    )
    if not inside and not _is_applicant(request, db, application, token):
        raise unknown_application()
    return application, call, inside


def is_applicant(request: Request, db: sa.Connection, application: Application) -> bool:
    """Whether the visitor, as she is signed in, is who sent it."""
    return _is_applicant(request, db, application, None)


def _is_applicant(
    request: Request, db: sa.Connection, application: Application, token: str | None
) -> bool:
    if token and store.application.token_opens(db, application.id, token):
        return True
    person = visitor(request)
    return person is not None and application.bearer_id in directory.own_ids(db, person)


def is_claimable(request: Request, db: sa.Connection, application: Application) -> bool:
    """Whether it was sent from the visitor's address before that was proved to be hers."""
    person = visitor(request)
    if person is None or application.bearer_id == person.id:
        return False
    return application.bearer_id in directory.own_ids(db, person)


def require_coordinator_of(request: Request, db: sa.Connection, application_id: UUID) -> None:
    require(request, Role.COORDINATOR, programme=_programme_of(db, application_id))


def refuse_outsider(work: Work, person: Person, application_id: UUID) -> None:
    """Only members of the committee of this programme score: an operator is none of them."""
    programme = _programme_of(work.db, application_id)
    if not person.holds({Role.COMMITTEE_MEMBER}, work.today, programme):
        raise not_in_committee()


def reading_of(
    request: Request,
    db: sa.Connection,
    application: Application,
    call: Call,
    token: str | None = None,
) -> Reading:
    """What the visitor sees of the committee's work on an application she reads.

    An application never read by the committee shows nothing of it.
    """
    person = visitor(request)
    if person is None or application.state == ApplicationState.DRAFT:
        return Reading()
    is_member, coordinates = standing(request, person, call.programme)
    if not (is_member or coordinates):
        return Reading()
    conflict = store.conflict.find(db, application.id, person)
    points = store.committee.points_of(db, application.id, person.id)
    nth = store.round.of_application(db, application.id)
    seen = sight(
        coordinates=coordinates,
        is_member=is_member,
        is_in=is_in(call.criteria_of(nth), points),
        conflict=conflict,
    )
    mine = _is_applicant(request, db, application, token)
    return Reading(
        seen,
        conflict,
        points,
        is_member,
        own=store.review_comment.own(db, application.id, person.id) if is_member else Own({}),
        file=mine or not (is_member and conflict),
        names=mine or not (is_member and _is_anonymous(db, application, call, nth)),
    )


def _is_anonymous(db: sa.Connection, application: Application, call: Call, nth: int) -> bool:
    """Whether its round is anonymous still: a decision that was applied ends that."""
    if nth not in call.anonymous_rounds:
        return False
    prepared = store.committee.prepared_for(db, application.id)
    return prepared is None or prepared.applied is None


def readable_document(
    request: Request, db: sa.Connection, application_id: UUID, code: str, token: str | None
) -> tuple[Document, bool]:
    """A document of an application, for who reads this, and whether she may know who made it.

    Raises:
        Refusal: (404) neither is there for her; (403) a conflict keeps her from it, or it says
            who applies and the round is anonymous.
    """
    application, call, inside = readable_application(request, db, application_id, token)
    document = store.document.of_application(db, application_id).get(code)
    if document is None:
        raise unknown_application()
    if not inside:
        return document, True
    reading = reading_of(request, db, application, call, token)
    if reading.conflict is not None and not reading.file:
        raise conflict_of_interest(application.number, reading.conflict)
    if reading.names:
        return document, True
    if is_identifying(call, code):
        raise identifying_document()
    return unnamed(document), False


def sheets_of(
    request: Request, db: sa.Connection, call: Call, ids: Sequence[UUID]
) -> dict[UUID, Sheet]:
    """What a reader of a call reads of each of these applications, side by side.

    Nothing of those a conflict keeps from a member; no names where their round is anonymous.
    """
    person = require(request, *READERS, programme=call.programme)
    is_member, _ = standing(request, person, call.programme)
    barred = store.conflict.in_call(db, call.id, person) if is_member else {}
    rounds = store.round.of_applications(db, ids)
    decided = store.application.decided_of(db, ids)
    sheets = {}
    for id, one in store.application.of_ids(db, ids).items():
        is_hidden = is_member and rounds.get(id, 1) in call.anonymous_rounds and id not in decided
        content = unnamed_content(call, one.content) if is_hidden else dict(one.content)
        sheets[id] = Sheet({} if id in barred else content, not is_hidden, id in barred)
    return sheets


def mean_in_list(request: Request, db: sa.Connection, call: Call) -> sa.ColumnElement[float | None]:
    """The mean of each application in a list, empty where the visitor must not see it."""
    if not may(request, *READERS, programme=call.programme):
        return lists.decided_mean()
    return lists.seen_mean(marks_in_list(request, db, call))


def marks_in_list(
    request: Request, db: sa.Connection, call: Call, *, beside: bool = False
) -> sa.ColumnElement[bool] | None:
    """Where a reader of a call sees what the committee gave; None where that is everywhere.

    It finds all of them at once; or looks `beside` each row, for the few of one page.
    """
    person = require(request, *READERS, programme=call.programme)
    is_member, _ = standing(request, person, call.programme)
    conflicts = store.conflict.in_call(db, call.id, person)
    return lists.marks_seen_by(person.id, call if is_member else None, conflicts, beside=beside)


def kept_away(request: Request, db: sa.Connection, call: Call) -> Collection[UUID]:
    """What a conflict keeps from a member of the committee: its title and its bearer too."""
    person = visitor(request)
    if person is None or not standing(request, person, call.programme)[0]:
        return ()
    return store.conflict.in_call(db, call.id, person)


def knows_names(request: Request, call: Call) -> bool:
    """Whether lists of a call name who applies: not to its committee, once a round is anonymous."""
    if not may(request, *READERS, programme=call.programme):
        return False
    person = visitor(request)
    is_member = person is not None and standing(request, person, call.programme)[0]
    return not (is_member and call.anonymous_rounds)


def share_of(request: Request, db: sa.Connection, call: Call) -> Share | None:
    """What of a call the visitor has to score; None for who is not of its committee."""
    person = visitor(request)
    if person is None or not call.criteria:
        return None
    is_member, _ = standing(request, person, call.programme)
    return store.share.share_of(db, call, person) if is_member else None


def shares_of(
    request: Request, db: sa.Connection, calls: Iterable[Call]
) -> dict[UUID, Share | None]:
    """What the visitor has to score, by call: of those in which that has begun for her."""
    person = visitor(request)
    if person is None:
        return {}
    begun = (call for call in calls if store.assignment.is_begun(db, call, person.id))
    return {call.id: share_of(request, db, call) for call in begun}


def standing(request: Request, person: Person, programme: str) -> tuple[bool, bool]:
    """Whether she sits on the committee of a programme, and whether she coordinates it."""
    sits = {held.programme for held in person.roles if held.role == Role.COMMITTEE_MEMBER}
    is_member = programme in sits and person.holds(
        {Role.COMMITTEE_MEMBER}, today_of(request), programme
    )
    return is_member, may(request, Role.COORDINATOR, programme=programme)


def _programme_of(db: sa.Connection, application_id: UUID) -> str:
    application = store.application.get(db, application_id)
    return store.call.of_id(db, application.call_id).programme


def coordinated_call(request: Request, db: sa.Connection, slug: str) -> Call:
    """The call, for whoever coordinates its programme.

    Raises:
        Refusal: there is none (404), or it is another's (403).
    """
    call = store.call.get(db, slug)
    require(request, Role.COORDINATOR, programme=call.programme)
    return call


# --- people


def waiting_erasures(
    db: sa.Connection, asker: Person, today: date
) -> list[tuple[ErasureAsked, Person]]:
    """The erasures that wait, of those for whom she might ask one."""
    asked = store.erasure.every_asked(db)
    filed = store.programme.filed(db, [one.person_id for one in asked])
    known = ((one, directory.find_person(db, one.person_id)) for one in asked)
    return [
        (one, person)
        for one, person in known
        if person and may_ask_erasure(asker, person, filed.get(person.id, set()), today)
    ]


def askable_person(db: sa.Connection, asker: Person, person_id: UUID, today: date) -> Person:
    """The person, for whoever may ask that she be forgotten.

    Raises:
        Refusal: (404) the directory does not have her; (403) the asker may not.
    """
    person = directory.find_person(db, person_id)
    if person is None:
        raise unknown_person()
    filed = store.programme.filed(db, [person_id]).get(person_id, set())
    refuse_asker(asker, person, filed, today)
    return person


# --- how a request comes to a draft


def door_of(request: Request, token: str, language: str | None = None) -> Door:
    """`language` is that of a draft begun now: the page's own, where none is named."""
    return Door(token, language or language_of(request), arrived_at(request), source_here(request))


def source_here(request: Request) -> Source:
    """Where this request comes from, to count what one place asks for."""
    return Source(source_of(request), secret_of(request))
