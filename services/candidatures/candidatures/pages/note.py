"""Messages on the page of an application, between who applied and the coordination."""

from uuid import UUID

from essaim import Refusal, Work
from essaim.web import SignedIn, act, gettext_of, redirect, submitted
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands
from candidatures.access.correspondence import side_of
from candidatures.pages.committee import show_application

router = APIRouter(include_in_schema=False)


@router.post("/applications/{application_id}/notes", name="leave-note")
def leave(
    request: Request, application_id: UUID, _person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    _, text = gettext_of(request), str(form.get("text", ""))

    def leaving(work: Work) -> str:
        by_bearer = side_of(request, work.db, application_id)
        return str(commands.note.leave(work, application_id, text, by_bearer=by_bearer))

    try:
        act(request, form, leaving)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return show_application(request, application_id, refusal, note_text=text)
    flash = _("Votre message est laissé.")
    return redirect(request, "application", application_id=application_id, flash=flash)


@router.post("/applications/{application_id}/notes/read", name="read-notes")
def read(
    request: Request, application_id: UUID, _person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """What the other side wrote is read: it waits no more on the first page."""

    def reading(work: Work) -> None:
        by_bearer = side_of(request, work.db, application_id)
        commands.note.read(work, application_id, by_bearer=by_bearer)

    act(request, form, reading)
    return redirect(request, "application", application_id=application_id)
