"""An application read again, sent, its receipt, claimed, and taken back."""

from uuid import UUID

from essaim import Refusal, Work
from essaim.text.departments import DEPARTMENTS
from essaim.web import (
    N_,
    SignedIn,
    act,
    arrived_at,
    gettext_of,
    path_for,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
)
from essaim_contracts.candidatures import WithdrawalReason
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import application_of_applicant, require_coordinator_of
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.application_form import files_asked
from candidatures.call import CallState
from candidatures.charter import CHARTER_FIELD, Acceptance, Side
from candidatures.files import send_file
from candidatures.form import choice_label
from candidatures.pages.visit import Visit, labels_of, progress_of, remember, visit

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/apply/review", name="application-review")
def review(request: Request, slug: str) -> Response:
    """All of the draft to read again before sending it; to read only, once the call is closed."""
    here = visit(request, slug)
    if here.draft is None:
        return redirect(request, "call", slug=slug)
    if here.sent:
        return redirect(request, "receipt", slug=slug)
    return _review(request, here, here.draft)


def _review(
    request: Request, here: Visit, draft: Application, refusal: Refusal | None = None
) -> Response:
    now = runtime_of(request).clock.now()
    return render(
        request,
        "application_review.html",
        refusal=refusal,
        call=here.call,
        draft=draft,
        token=here.token,
        documents=here.documents,
        departments=DEPARTMENTS,
        applicant_kinds=APPLICANT_KINDS,
        label_of=choice_label,
        files_asked=files_asked,
        field_label=labels_of(request, here.call).get,
        is_open=here.call.state(now) == CallState.OPEN,
        **progress_of(here.call, draft.content, set(here.documents)),
    )


@router.post("/calls/{slug}/apply/submit", name="submit-application")
def submit(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Send the draft. The receipt is shown once everything is saved, never before."""
    arrival, accepted = arrived_at(request), str(form.get(CHARTER_FIELD, "")) or None
    here = visit(request, slug, form)
    draft = here.draft
    if draft is None:
        raise unknown_application()
    try:
        act(
            request,
            form,
            lambda work: commands.application.submit(work, draft.id, arrival, accepted),
        )
    except Refusal as refusal:
        if refusal.code == "already_received":
            return redirect(request, "receipt", slug=slug)
        return _review(request, here, draft, refusal)
    return redirect(request, "receipt", slug=slug)


@router.get("/calls/{slug}/receipt", name="receipt")
def receipt(request: Request, slug: str, draft: UUID | None = None) -> Response:
    here = visit(request, slug, chosen=draft)
    if not here.sent:
        return redirect(request, "call", slug=slug)
    now = runtime_of(request).clock.now()
    page = render(
        request,
        "receipt.html",
        call=here.call,
        application=here.draft,
        charter=_charter_of(request, here),
        documents=here.documents,
        is_open=here.call.state(now) == CallState.OPEN,
    )
    return remember(request, page, here)


def _charter_of(request: Request, here: Visit) -> Acceptance | None:
    """What she accepted when she sent it."""
    if here.draft is None:
        return None
    with runtime_of(request).read() as db:
        return store.charter.of_application(db, here.draft.id).get(Side.APPLICANT)


@router.get("/calls/{slug}/documents/{code}", name="draft-document")
def draft_document(request: Request, slug: str, code: str) -> Response:
    """A document of this browser's own draft or application."""
    document = visit(request, slug).documents.get(code)
    if document is None:
        raise unknown_application()
    return send_file(runtime_of(request).documents, document)


@router.post("/applications/{application_id}/charter", name="accept-charter")
def accept_charter(
    request: Request, application_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """The programme accepts the charter that the application accepted."""
    _ = gettext_of(request)

    def accept(work: Work) -> None:
        require_coordinator_of(request, work.db, application_id)
        commands.charter.accept_for_programme(work, application_id, person)

    act(request, form, accept)
    said = _("La charte est acceptée des deux côtés.")
    return redirect(request, "application", application_id=application_id, flash=said)


@router.post("/applications/{application_id}/claim", name="claim-application")
def claim(request: Request, application_id: UUID, form: FormData = Depends(submitted)) -> Response:
    _, person = gettext_of(request), require(request)
    act(request, form, lambda work: commands.application.claim(work, application_id, person))
    return redirect(
        request,
        "application",
        application_id=application_id,
        flash=_("Cette candidature est maintenant la vôtre."),
    )


@router.get("/calls/{slug}/withdraw", name="withdraw")
def ask_to_withdraw(request: Request, slug: str) -> Response:
    here = visit(request, slug)
    if here.draft is None or here.draft.state != ApplicationState.RECEIVED:
        return redirect(request, "call", slug=slug)
    action = path_for(request, "withdraw", slug=slug)
    return _question(request, here.draft, action, path_for(request, "receipt", slug=slug))


@router.get("/applications/{application_id}/withdraw", name="application-withdraw")
def ask_to_withdraw_mine(request: Request, application_id: UUID, _: SignedIn) -> Response:
    """The same for its bearer, signed in, on any device."""
    with runtime_of(request).read() as db:
        mine = application_of_applicant(request, db, application_id, None)
    back = path_for(request, "application", application_id=application_id)
    if mine.state != ApplicationState.RECEIVED:
        return redirect(request, "application", application_id=application_id)
    action = path_for(request, "application-withdraw", application_id=application_id)
    return _question(request, mine, action, back)


def _question(request: Request, application: Application, action: str, back: str) -> Response:
    _ = gettext_of(request)
    return render(
        request,
        "confirmation.html",
        question=_("Retirer la candidature {number} ?", number=application.number),
        consequences=[
            _("Le comité de sélection ne l’examinera plus."),
            _("Elle ne pourra pas être renvoyée : il faudrait en déposer une autre."),
            _("Un courriel vous confirme le retrait."),
        ],
        action=action,
        button=_("Retirer ma candidature"),
        back=back,
    )


@router.post("/applications/{application_id}/withdraw")
def withdraw_mine(
    request: Request, application_id: UUID, _: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    def take_back(work: Work) -> None:
        application_of_applicant(request, work.db, application_id, None)
        reason = WithdrawalReason.BEARER_CHOICE
        commands.application.withdraw(work, application_id, reason)

    act(request, form, take_back)
    said = gettext_of(request)(N_("Votre candidature est retirée."))
    return redirect(request, "application", application_id=application_id, flash=said)


@router.post("/calls/{slug}/withdraw")
def withdraw(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    _ = gettext_of(request)
    draft = visit(request, slug, form).draft
    if draft is None:
        raise unknown_application()
    reason = WithdrawalReason.BEARER_CHOICE
    act(request, form, lambda work: commands.application.withdraw(work, draft.id, reason))
    return redirect(request, "receipt", slug=slug, flash=_("Votre candidature est retirée."))
