"""The JSON API: messages of one's programmes, taking them back or sending them again, templates."""

from typing import Annotated, Any
from uuid import UUID

from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import allowed, command, require, runtime_of
from fastapi import APIRouter, Depends, Request, Response

from notifications import queue, store
from notifications.access import programmes_of
from notifications.delivery import sender_of, settings_of
from notifications.messages import MessageState, Template
from notifications.previews import preview
from notifications.samples import SAMPLES
from notifications.texts import LANGUAGES

router = APIRouter(prefix="/api")

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]

_ON_ITS_WAY = (MessageState.WAITING_FOR_PERSON, MessageState.QUEUED, MessageState.SENDING)


@router.get("/queue")
def read_queue(request: Request, _: Coordinator) -> dict[str, Any]:
    """How many messages stand in each state; `idle` when none is on its way."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        counts = store.counts_by_state(db)
        trouble = store.trouble_of_server(db)
    return {
        "messages": counts,
        "idle": not any(counts[state] for state in _ON_ITS_WAY),
        "keeps_mail_here": settings_of(runtime).keeps_mail_here,
        "server_trouble": trouble.trouble if trouble else None,
        "trouble_since": trouble.since if trouble else None,
    }


@router.get("/messages")
def list_messages(request: Request, person: Coordinator) -> dict[str, Any]:
    """The messages of one's programmes: `?state=failed&template=…&q=…&sort=-told_at&page=2`."""
    with runtime_of(request).read() as db:
        listed = store.message_list(programmes_of(request, person))
        page = store.MESSAGES.page(request, db, listed)
    return {"items": [dict(row._mapping) for row in page.rows], "total": page.total}


@router.get("/messages/{message_id}")
def read_message(request: Request, message_id: UUID, _: Coordinator) -> dict[str, Any]:
    """One message, with its text as it was or will be sent."""
    return dict(message_for_coordinator(request, message_id)._mapping)


@router.post("/messages/{message_id}/cancel")
def cancel_message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    """Take back a message that has not left."""
    message_for_coordinator(request, message_id)
    return command(request, lambda work: _then_state(work, message_id, queue.cancel))


@router.post("/messages/{message_id}/retry")
def retry_message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    """Queue again a message that failed, or was taken back by hand."""
    message_for_coordinator(request, message_id)
    return command(request, lambda work: _then_state(work, message_id, queue.retry))


@router.get("/templates")
def list_templates(request: Request, _: Coordinator) -> dict[str, Any]:
    """Every template, with the cases it has a text for and the languages."""
    items = [
        {"template": template, "cases": list(SAMPLES[template]), "languages": LANGUAGES}
        for template in Template
    ]
    return {"items": items, "total": len(items)}


@router.get("/templates/{template}")
def preview_template(
    request: Request, _: Coordinator, template: str, language: str = "fr", case: str | None = None
) -> dict[str, Any]:
    """A template filled with invented values."""
    runtime = runtime_of(request)
    shown = preview(template, case, language, sender_of(settings_of(runtime)), runtime.clock)
    return {
        "template": shown.template,
        "case": shown.case,
        "language": shown.language,
        "subject": shown.subject,
        "text": shown.parts.text,
        "html": shown.parts.html,
        "ics": shown.parts.ics,
    }


def message_for_coordinator(request: Request, message_id: UUID) -> Any:
    """The row of a message, when the visitor coordinates its programme.

    Raises:
        Refusal: (404) there is none, (403) it is of a programme she does not coordinate.
    """
    with runtime_of(request).read() as db:
        row = store.find_message(db, message_id)
    if row is None:
        raise Refusal("unknown_message", "Ce message n'existe pas.", status=404)
    require(request, Role.COORDINATOR, programme=row.programme)
    return row


def _then_state(work: Any, message_id: UUID, act: Any) -> dict[str, str]:
    act(work, message_id)
    row = store.find_message(work.db, message_id)
    return {"id": str(message_id), "state": row.state if row else ""}
