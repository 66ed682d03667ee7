"""The JSON API: messages of one's programmes, taking them back or sending them again, templates."""

from collections.abc import Callable
from uuid import UUID

from essaim import Work
from essaim.web import command, runtime_of, takes
from fastapi import APIRouter, Depends, Request, Response

from notifications import store
from notifications.access import Coordinator, coordinated_message, programmes_of
from notifications.commands.message import cancel, retry
from notifications.letters.preview import SAMPLES, preview
from notifications.lists import MESSAGES
from notifications.message import LANGUAGES, MessageState, Template
from notifications.schemas.message import (
    ChangedAnswer,
    MessageAnswer,
    MessageList,
    MessageSummary,
    PreviewAnswer,
    QueueAnswer,
    TemplateList,
    TemplateSummary,
)
from notifications.settings import sender_of, settings_of

router = APIRouter(prefix="/api")

_ON_ITS_WAY = (MessageState.WAITING_FOR_PERSON, MessageState.QUEUED, MessageState.SENDING)


@router.get("/queue")
def read_queue(request: Request, _: Coordinator) -> QueueAnswer:
    """How many messages stand in each state; `idle` when none is on its way."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        counts = store.message.counts_by_state(db)
        trouble = store.mail_server.trouble(db)
    return QueueAnswer(
        messages=counts,
        idle=not any(counts[state] for state in _ON_ITS_WAY),
        keeps_mail_here=settings_of(runtime).keeps_mail_here,
        server_trouble=trouble.reason if trouble else None,
        trouble_since=trouble.since if trouble else None,
    )


@router.get("/messages", dependencies=[Depends(takes(MESSAGES))])
def list_messages(request: Request, person: Coordinator) -> MessageList:
    """The messages of one's programmes."""
    listed = store.message.listed(programmes_of(request, person))
    with runtime_of(request).read() as db:
        page = MESSAGES.page(request, db, listed)
    items = [MessageSummary.model_validate(row) for row in page.rows]
    return MessageList(items=items, total=page.total)


@router.get("/messages/{message_id}")
def read_message(request: Request, message_id: UUID, _: Coordinator) -> MessageAnswer:
    """One message, with its text as it was or will be sent."""
    return MessageAnswer.of(coordinated_message(request, message_id))


@router.post("/messages/{message_id}/cancel", response_model=ChangedAnswer)
def cancel_message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    """Take back a message that has not left."""
    return _change(request, message_id, cancel)


@router.post("/messages/{message_id}/retry", response_model=ChangedAnswer)
def retry_message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    """Queue again a message that failed, or was taken back by hand."""
    return _change(request, message_id, retry)


def _change(
    request: Request, message_id: UUID, change: Callable[[Work, UUID], MessageState]
) -> Response:
    coordinated_message(request, message_id)
    return command(
        request, lambda work: ChangedAnswer(id=message_id, state=change(work, message_id))
    )


@router.get("/templates")
def list_templates(request: Request, _: Coordinator) -> TemplateList:
    """Every template, with the cases it has a text for and the languages."""
    items = [
        TemplateSummary(template=template, cases=list(SAMPLES[template]), languages=LANGUAGES)
        for template in Template
    ]
    return TemplateList(items=items, total=len(items))


@router.get("/templates/{template}")
def preview_template(
    request: Request, _: Coordinator, template: str, language: str = "fr", case: str | None = None
) -> PreviewAnswer:
    """A template filled with invented values."""
    runtime = runtime_of(request)
    shown = preview(template, case, language, sender_of(runtime), runtime.clock.now())
    return PreviewAnswer(
        template=shown.template,
        case=shown.case,
        language=shown.language,
        subject=shown.subject,
        text=shown.parts.text,
        html=shown.parts.html,
        ics=shown.parts.ics,
    )
