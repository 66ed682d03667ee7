"""The pages: the queue and its failures, one message, templates, and the local mailbox."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from essaim import Person, Refusal, Role, Work
from essaim.web import (
    N_,
    act,
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
from starlette.datastructures import FormData

from notifications import labels, store
from notifications.access import (
    Coordinator,
    check_mailbox_is_open,
    coordinated_message,
    programmes_of,
)
from notifications.commands.message import cancel, retry
from notifications.lists import MAILBOX, MESSAGES
from notifications.message import LINKS, MessageState
from notifications.pages import outbox
from notifications.pages.framed import framed
from notifications.settings import settings_of
from notifications.store.mail_server import Trouble
from notifications.store.mailbox import ReceivedLetter

router = APIRouter()

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
        counts, trouble = store.message.counts_by_state(db), store.mail_server.trouble(db)
    state = _state(request, counts, trouble)
    return render(request, "queue.html", page=None, failures=[], stopped=[], **state)


def _queue(request: Request, person: Person) -> Response:
    programmes = programmes_of(request, person)
    listed = store.message.listed(programmes)
    if request.query_params.get("format") == "csv":
        return export_csv(request, MESSAGES, listed, filename="messages.csv")
    with runtime_of(request).read() as db:
        page = MESSAGES.page(request, db, listed)
        failures = store.message.failures(db, programmes, SHOWN_FAILURES)
        webhooks = store.webhook.of_programmes(db, programmes)
        counts, trouble = store.message.counts_by_state(db), store.mail_server.trouble(db)
    state = _state(request, counts, trouble)
    stopped = [one for one in webhooks if one.is_stopped]
    return render(request, "queue.html", page=page, failures=failures, stopped=stopped, **state)


def _state(request: Request, counts: dict[str, int], trouble: Trouble | None) -> dict[str, Any]:
    return {
        "counts": counts,
        "trouble": trouble,
        "keeps_mail_here": settings_of(runtime_of(request)).keeps_mail_here,
        "labels": labels,
    }


@router.get("/messages/{message_id}", name="message")
def message(request: Request, message_id: UUID, _: Coordinator) -> Response:
    return outbox.show(request, coordinated_message(request, message_id))


@router.post("/messages/{message_id}/cancel", name="cancel-message")
def cancel_message(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _change(request, message_id, form, cancel)


@router.post("/messages/{message_id}/retry", name="retry-message")
def retry_message(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _change(request, message_id, form, retry)


def _change(
    request: Request, message_id: UUID, form: FormData, change: Callable[[Work, UUID], MessageState]
) -> Response:
    shown = coordinated_message(request, message_id)
    try:
        state = act(request, form, lambda work: change(work, message_id))
    except Refusal as refusal:
        return outbox.show(request, shown, refusal)
    done = gettext_of(request)(_DONE[state])
    return redirect(request, "message", message_id=message_id, flash=done)


_DONE = {
    MessageState.CANCELLED: N_("Le message ne partira pas. Vous pouvez encore le renvoyer."),
    MessageState.WAITING_FOR_PERSON: N_("Le message est de nouveau en file."),
    MessageState.HELD: N_("Le message est de nouveau retenu : relisez-le, puis envoyez-le."),
}


# ---- the mailbox


@router.get("/mailbox", name="mailbox")
def mailbox(request: Request) -> Response:
    """Every letter that stayed here, the latest first."""
    check_mailbox_is_open(request)
    with runtime_of(request).read() as db:
        page = MAILBOX.page(request, db, store.mailbox.listed())
    return render(request, "mailbox.html", page=page)


@router.get("/mailbox/{letter_id}", name="letter")
def letter(request: Request, letter_id: UUID) -> Response:
    found = _letter(request, letter_id)
    # What carried a secret is in the mailbox alone.
    is_followed = found.template not in LINKS and may(request, Role.COORDINATOR)
    return render(request, "letter.html", letter=found, is_followed=is_followed)


@router.get("/mailbox/{letter_id}/html", name="letter-html")
def letter_html(request: Request, letter_id: UUID) -> Response:
    return framed(_letter(request, letter_id).html)


@router.get("/mailbox/{letter_id}/invitation.ics", name="letter-invitation")
def letter_invitation(request: Request, letter_id: UUID) -> Response:
    ics = _letter(request, letter_id).ics
    if ics is None:
        raise Refusal("no_invitation", "Ce message n’a pas d’invitation d’agenda.", status=404)
    return Response(
        ics,
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="invitation.ics"'},
    )


def _letter(request: Request, letter_id: UUID) -> ReceivedLetter:
    check_mailbox_is_open(request)
    with runtime_of(request).read() as db:
        found = store.mailbox.find(db, letter_id)
    if found is None:
        raise Refusal("unknown_letter", "Ce message n’est pas dans la boîte.", status=404)
    return found
