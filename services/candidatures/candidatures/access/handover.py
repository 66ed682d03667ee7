"""Who may see or answer a hand-over: who gives, who is asked, and whose application it is."""

from uuid import UUID

import sqlalchemy as sa
from essaim import Role
from essaim.web import may, require
from fastapi import Request

from candidatures import store
from candidatures.application import Application
from candidatures.call import Call
from candidatures.document import Document
from candidatures.handover import Handover, unknown_handover


def handover_of_giver(request: Request, db: sa.Connection, handover_id: UUID) -> Handover:
    """
    Raises:
        Refusal: (404) there is none; (403) it is not of her programme.
    """
    known = store.handover.get(db, handover_id)
    given = store.application.get(db, known.application_id)
    giver = store.call.of_id(db, given.call_id)
    require(request, Role.COORDINATOR, programme=giver.programme)
    return known


def handover_of_receiver(
    request: Request, db: sa.Connection, handover_id: UUID
) -> tuple[Handover, Call]:
    """The hand-over and the call that is asked, for whoever coordinates its programme.

    Raises:
        Refusal: (404) there is none, or its bearer has not agreed; (403) another is asked.
    """
    known = store.handover.get(db, handover_id)
    if known.to_call_id is None:
        raise unknown_handover()
    to = store.call.of_id(db, known.to_call_id)
    require(request, Role.COORDINATOR, programme=to.programme)
    if known.agreed_at is None:
        raise unknown_handover()
    return known, to


def receives(request: Request, db: sa.Connection, known: Handover) -> bool:
    """Whether the visitor coordinates the programme that is asked, and its bearer agreed."""
    if known.to_call_id is None or known.agreed_at is None:
        return False
    to = store.call.of_id(db, known.to_call_id)
    return may(request, Role.COORDINATOR, programme=to.programme)


def handed_over(db: sa.Connection, known: Handover) -> tuple[Application, Call]:
    """What a receiver reads: the application, and the call whose form it answers.

    Raises:
        Refusal: (404) its bearer has not agreed, or it came to nothing.
    """
    if not known.shows_file:
        raise unknown_handover()
    given = store.application.get(db, known.application_id)
    return given, store.call.of_id(db, given.call_id)


def handed_over_document(db: sa.Connection, known: Handover, code: str) -> Document:
    given, _ = handed_over(db, known)
    document = store.document.of_application(db, given.id).get(code)
    if document is None:
        raise unknown_handover()
    return document
