"""The pages: the queue and its failures, one message, templates, and the local mailbox."""

from typing import Annotated, Any
from uuid import UUID

from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import (
    act,
    allowed,
    export_csv,
    gettext_of,
    may,
    redirect,
    render,
    runtime_of,
    submitted,
    visitor,
)
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from notifications import labels, queue, store
from notifications.access import check_mailbox_is_open, programmes_of
from notifications.api import message_for_coordinator
from notifications.delivery import sender_of, settings_of
from notifications.messages import UNSENT, CancelReason, MessageState
from notifications.previews import preview
from notifications.samples import SAMPLES
from notifications.texts import LANGUAGES

router = APIRouter()

Coordinator = Annotated[Person, Depends(allowed(Role.COORDINATOR))]
Form = Annotated[FormData, Depends(submitted)]

SHOWN_FAILURES = 5


@router.get("/", name="home")
def home(request: Request) -> Response:
    """Counts for everybody; failures and the list for those who coordinate."""
    runtime = runtime_of(request)
    person = visitor(request)
    if person is not None and may(request, Role.COORDINATOR):
        return _queue(request, person)
    with runtime.read() as db:
        counts, trouble = store.counts_by_state(db), store.trouble_of_server(db)
    return render(request, "queue.html", page=None, failures=[], **_state(request, counts, trouble))


def _queue(request: Request, person: Person) -> Response:
    programmes = programmes_of(request, person)
    listed = store.message_list(programmes)
    with runtime_of(request).read() as db:
        if request.query_params.get("format") == "csv":
            return export_csv(request, db, store.MESSAGES, listed, filename="messages.csv")
        page = store.MESSAGES.page(request, db, listed)
        failures = store.failures(db, programmes, SHOWN_FAILURES)
        counts, trouble = store.counts_by_state(db), store.trouble_of_server(db)
    state = _state(request, counts, trouble)
    return render(request, "queue.html", page=page, failures=failures, **state)


def _state(request: Request, counts: dict[str, int], trouble: Any) -> dict[str, Any]:
    return {
        "counts": counts,
        "trouble": trouble,
        "keeps_mail_here": settings_of(runtime_of(request)).keeps_mail_here,
        "labels": labels,
    }


@router.get("/messages/{message_id}", name="message")
def message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    row = message_for_coordinator(request, message_id)
    return _message(request, row)


@router.post("/messages/{message_id}/cancel", name="cancel-message")
def cancel_message(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _change(request, message_id, form, queue.cancel, "cancelled")


@router.post("/messages/{message_id}/retry", name="retry-message")
def retry_message(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _change(request, message_id, form, queue.retry, "retried")


def _change(request: Request, message_id: UUID, form: FormData, change: Any, done: str) -> Response:
    _ = gettext_of(request)
    row = message_for_coordinator(request, message_id)
    try:
        act(request, form, lambda work: change(work, message_id))
    except Refusal as refusal:
        return _message(request, row, refusal)
    said = {
        "cancelled": _("Le message ne partira pas. Vous pouvez encore le renvoyer."),
        "retried": _("Le message est de nouveau en file."),
    }
    return redirect(request, "message", message_id=message_id, flash=said[done])


def _message(request: Request, row: Any, refusal: Refusal | None = None) -> Response:
    may_retry = row.state == MessageState.FAILED or row.reason == CancelReason.BY_HAND
    return render(
        request,
        "message.html",
        refusal=refusal,
        message=row,
        may_cancel=row.state in UNSENT,
        may_retry=may_retry,
        labels=labels,
    )


# ---- templates


@router.get("/templates", name="templates")
def templates(request: Request, _: Coordinator) -> Response:
    return render(
        request, "templates.html", samples=SAMPLES, languages_written=LANGUAGES, labels=labels
    )


@router.get("/templates/{template}", name="template")
def template(
    request: Request, _: Coordinator, template: str, lang: str = "fr", case: str | None = None
) -> Response:
    runtime = runtime_of(request)
    shown = preview(template, case, lang, sender_of(settings_of(runtime)), runtime.clock)
    return render(
        request,
        "template.html",
        shown=shown,
        cases=SAMPLES[shown.template],
        languages_written=LANGUAGES,
        labels=labels,
    )


@router.get("/templates/{template}/html", name="template-html")
def template_html(
    request: Request, _: Coordinator, template: str, lang: str = "fr", case: str | None = None
) -> Response:
    runtime = runtime_of(request)
    shown = preview(template, case, lang, sender_of(settings_of(runtime)), runtime.clock)
    return _framed(shown.parts.html)


# ---- the mailbox


@router.get("/mailbox", name="mailbox")
def mailbox(request: Request) -> Response:
    """Every letter that stayed here, the latest first."""
    check_mailbox_is_open(request)
    with runtime_of(request).read() as db:
        page = store.MAILBOX.page(request, db, store.mailbox_list())
    return render(request, "mailbox.html", page=page)


@router.get("/mailbox/{letter_id}", name="letter")
def letter(request: Request, letter_id: UUID) -> Response:
    return render(
        request,
        "letter.html",
        letter=_letter(request, letter_id),
        may_see_message=may(request, Role.COORDINATOR),
    )


@router.get("/mailbox/{letter_id}/html", name="letter-html")
def letter_html(request: Request, letter_id: UUID) -> Response:
    return _framed(_letter(request, letter_id).html)


@router.get("/mailbox/{letter_id}/invitation.ics", name="letter-invitation")
def letter_invitation(request: Request, letter_id: UUID) -> Response:
    ics = _letter(request, letter_id).ics
    if ics is None:
        raise Refusal("no_invitation", "Ce message n'a pas d'invitation d'agenda.", status=404)
    return Response(
        ics,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invitation.ics"'},
    )


def _letter(request: Request, letter_id: UUID) -> Any:
    check_mailbox_is_open(request)
    with runtime_of(request).read() as db:
        row = store.find_in_mailbox(db, letter_id)
    if row is None:
        raise Refusal("unknown_letter", "Ce message n'est pas dans la boîte.", status=404)
    return row


_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def _framed(html: str) -> Response:
    """A mail's HTML for a frame of ours: it can show itself, open links elsewhere, nothing else."""
    shown = html.replace("<head>", '<head><base target="_blank">', 1)
    return HTMLResponse(shown, headers={"Content-Security-Policy": _FRAME_POLICY})
