"""The pages of an applicant: her form, saved as she types, read again, sent, and its receipt.

Nobody needs an account. A cookie holds the secret of her draft for each call; the same secret
is in the form, for browsers that keep no cookies, and in the link she receives.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from essaim.broker.asking import AskFailed
from essaim.refusal import Refusal
from essaim.text.departments import DEPARTMENTS
from essaim.web import (
    N_,
    act,
    arrived_at,
    gettext_of,
    path_for,
    public_url,
    redirect,
    render,
    runtime_of,
    submitted,
    visitor,
)
from essaim.web.pages import set_cookie
from essaim.web.site import language_of
from essaim.work import Work
from essaim_contracts.candidatures import WithdrawalReason
from essaim_contracts.questions import SendDraftLink
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import applying, store
from candidatures.application import Application, ApplicationState, StaleForm
from candidatures.application_form import (
    Content,
    answer_field,
    check_application,
    document_field,
    fields_of,
    missing_fields,
    required_fields,
)
from candidatures.applying import unknown_application, unknown_call
from candidatures.call import Call, CallState
from candidatures.files import keep_upload, safe_name, send_file
from candidatures.form import Choice, choice_label

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)

_KEPT_SECONDS = 200 * 86_400

FIELD_LABELS = {
    "project_title": N_("Nom du projet"),
    "sector": N_("Secteur"),
    "department": N_("Département"),
    "jobs_min": N_("Emplois envisagés, au moins"),
    "jobs_max": N_("Emplois envisagés, au plus"),
    "bearer_name": N_("Votre nom"),
    "bearer_email": N_("Votre adresse électronique"),
    "bearer_phone": N_("Votre téléphone"),
    "applicant_kind": N_("Vous candidatez"),
    "organisation": N_("Nom de la structure"),
    "heard_from": N_("Comment avez-vous connu cet appel ?"),
}


@dataclass(frozen=True)
class Visit:
    """A call and the draft this browser has for it, if it has one, with its documents."""

    call: Call
    token: str | None
    draft: Application | None
    documents: dict[str, Any]


def visit(request: Request, slug: str, form: FormData | None = None) -> Visit:
    """
    Raises:
        Refusal: (404) there is no such call.
    """
    # The form's own secret first: the link of another draft may have been opened meanwhile.
    token = (str(form.get("token", "")) if form else "") or request.cookies.get(_cookie(slug))
    with runtime_of(request).read() as db:
        call = store.find_call(db, slug)
        if call is None:
            raise unknown_call(slug)
        draft = store.find_draft(db, call.id, token) if token else None
        documents = store.documents_of(db, draft.id) if draft else {}
    return Visit(call, token or None, draft, documents)


def _cookie(slug: str) -> str:
    return f"essaim_draft_{slug}"


def _remember(request: Request, response: Response, slug: str, token: str) -> Response:
    set_cookie(request, response, _cookie(slug), token, _KEPT_SECONDS)
    return response


# --- the form


@router.get("/calls/{slug}/apply", name="application-form")
def application_form(request: Request, slug: str, new: bool = False) -> Response:
    """The draft begun in this browser, or an empty form; `new` after one was sent."""
    here = visit(request, slug)
    sent = here.draft is not None and here.draft.state != ApplicationState.DRAFT
    if sent and new:
        here = Visit(here.call, None, None, {})
    elif sent:
        return redirect(request, "receipt", slug=slug)
    if here.call.state(runtime_of(request).clock.now()) != CallState.OPEN:
        return redirect(request, "application-review" if here.draft else "call", slug=slug)
    token = here.token or secrets.token_urlsafe(32)
    content = here.draft.content if here.draft else _what_we_know(request)
    page = _form(request, here, token, content)
    return _remember(request, page, slug, token)


def _what_we_know(request: Request) -> Content:
    person = visitor(request)
    if person is None:
        return {}
    known = {"bearer_name": person.name, "bearer_email": person.email, "bearer_phone": person.phone}
    return {name: value for name, value in known.items() if value}


def _form(
    request: Request,
    here: Visit,
    token: str,
    values: Content,
    refusal: Refusal | None = None,
    saved: Application | None = None,
) -> Response:
    """The form with these values. `saved` is the other version, when two collided."""
    others = saved.content if saved else {}
    differing = {
        name: others.get(name, "")
        for name in fields_of(here.call)
        if saved and others.get(name, "") != values.get(name, "")
    }
    version = saved.version if saved else here.draft.version if here.draft else 0
    return render(
        request,
        "application_form.html",
        refusal=refusal,
        call=here.call,
        values=dict(values),
        differing=differing,
        draft_version=version,
        form_id=secrets.token_hex(8),
        token=token,
        draft=here.draft,
        documents=here.documents,
        departments=_departments(here.call),
        choices=_choices,
        field_labels=_labels(request, here.call),
        **_progress(here.call, values, set(here.documents)),
    )


def _choices(offered: Sequence[Choice], language: str) -> list[tuple[str, str]]:
    return [(choice.code, choice.label.say(language)) for choice in offered]


def _departments(call: Call) -> list[tuple[str, str]]:
    codes = call.departments or tuple(DEPARTMENTS)
    return [(code, f"{code} – {DEPARTMENTS[code]}") for code in codes]


def _progress(call: Call, content: Content, documents: set[str]) -> dict[str, int]:
    required = required_fields(call, content)
    return {
        "required_count": len(required),
        "filled_count": len(required - missing_fields(call, content, documents)),
    }


@router.post("/calls/{slug}/apply")
def save_form(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save what was written, then do what the button says: nothing more, upload, or review."""
    here = visit(request, slug, form)
    token = here.token or secrets.token_urlsafe(32)
    content = _content(here.call, form)
    try:
        act(request, form, lambda work: _save(request, work, here, token, form))
    except StaleForm as stale:
        return _remember(
            request, _form(request, here, token, content, stale, stale.saved), slug, token
        )
    except Refusal as refusal:
        if here.draft is not None and here.draft.state != ApplicationState.DRAFT:
            return redirect(request, "receipt", slug=slug)
        return _remember(request, _form(request, here, token, content, refusal), slug, token)
    here = visit(request, slug, form)
    try:
        response = _after_saving(request, here, form)
    except Refusal as refusal:
        response = _form(request, here, token, content, refusal)
    return _remember(request, response, slug, token)


def _content(call: Call, form: FormData) -> Content:
    """What the form says; a field it does not hold, such as no choice made, is empty."""
    answers = {name: form.get(name, "") for name in fields_of(call)}
    return {
        name: text.replace("\r\n", "\n") for name, text in answers.items() if isinstance(text, str)
    }


def _save(
    request: Request, work: Work, here: Visit, token: str, form: FormData
) -> dict[str, object]:
    version = str(form.get("version", "0"))
    saved = applying.save_draft(
        work,
        here.call,
        token,
        _content(here.call, form),
        int(version) if version.isascii() and version.isdigit() else 0,
        language=language_of(request),
        arrived_at=arrived_at(request),
        form_id=str(form.get("form_id", ""))[:64] or None,
    )
    return {"id": saved.id, "version": saved.version}


def _after_saving(request: Request, here: Visit, form: FormData) -> Response:
    _ = gettext_of(request)
    slug, action = here.call.slug, str(form.get("action", "save"))
    said = _send_link(request, here) if action in ("save", "review") else None
    if action == "review" and here.draft:
        # What is missing or wrong is said at its field, before anything is read again.
        check_application(here.call, here.draft.content, set(here.documents))
        return redirect(request, "application-review", slug=slug)
    if action.startswith("upload:"):
        _upload(request, here, action.removeprefix("upload:"), form)
        said = _("Document ajouté.")
    if action.startswith("remove:") and here.draft:
        draft_id, code = here.draft.id, action.removeprefix("remove:")
        with runtime_of(request).work() as work:
            applying.remove_document(work, draft_id, code)
        said = _("Document enlevé.")
    return redirect(
        request, "application-form", slug=slug, flash=said or _("Brouillon enregistré.")
    )


def _upload(request: Request, here: Visit, code: str, form: FormData) -> None:
    """Store the file chosen for one document.

    Raises:
        Refusal: no file was chosen, or it is not what was asked; its field is the document's.
    """
    asked = applying.asked_document(here.call, code)
    file = form.get(document_field(code))
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Refusal("no_file", "Choisissez d'abord un fichier, puis ajoutez-le.", status=422)
        kind, kept = keep_upload(runtime_of(request).documents, asked, file)
        if here.draft is None:
            raise unknown_application()
        with runtime_of(request).work() as work:
            filename = safe_name(file.filename)
            applying.add_document(work, here.draft.id, code, filename, kind, kept)
    except Refusal as refusal:
        refusal.field = document_field(code)
        raise


@router.post("/calls/{slug}/apply/autosave", name="autosave")
def autosave(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save in the background; the answer is one sentence and the new version."""
    here = visit(request, slug, form)
    token = here.token or secrets.token_urlsafe(32)
    refusal = None
    try:
        act(request, form, lambda work: _save(request, work, here, token, form))
    except Refusal as refused:
        refusal = refused
    here = visit(request, slug, form)
    page = render(
        request,
        "_saved.html",
        refusal=refusal,
        stale=isinstance(refusal, StaleForm),
        draft_version=here.draft.version if here.draft and not refusal else None,
        **_progress(here.call, _content(here.call, form), set(here.documents)),
    )
    return _remember(request, page, slug, token)


def _send_link(request: Request, here: Visit) -> str | None:
    """Send the link of the draft to the address given, once for each address."""
    _ = gettext_of(request)
    draft, token = here.draft, here.token
    email = draft.content.get("bearer_email", "") if draft else ""
    wrong = "bearer_email" in missing_fields(here.call, draft.content, set()) if draft else True
    if draft is None or token is None or wrong or email == draft.link_sent_to:
        return None
    question = SendDraftLink(
        email=email,
        name=draft.content.get("bearer_name", "")[:200],
        url=public_url(request, "resume", token=token),
        call_title=here.call.title.say(draft.language),
        language=draft.language,
    )
    try:
        runtime_of(request).ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        # The draft is saved all the same; the next save tries again.
        log.warning("draft link not sent", call=here.call.slug, error=type(error).__name__)
        return _(
            "Brouillon enregistré. Le lien pour le reprendre n'a pas pu partir par courriel : "
            "revenez sur cet appareil, ou enregistrez à nouveau plus tard."
        )
    with runtime_of(request).work() as work:
        store.mark_link_sent(work.db, draft.id, email)
    return _("Brouillon enregistré. Un lien pour le reprendre part à {email}.", email=email)


@router.get("/applications/resume/{token}", name="resume")
def resume(request: Request, token: str) -> Response:
    """The link of a draft: this browser holds it from now on."""
    with runtime_of(request).read() as db:
        draft = store.find_by_token(db, token)
        if draft is None:
            raise unknown_application()
        call = store.call_of_id(db, draft.call_id)
    response = redirect(request, "application-form", slug=call.slug)
    return _remember(request, response, call.slug, token)


# --- reading again, sending, receipt


@router.get("/calls/{slug}/apply/review", name="application-review")
def review(request: Request, slug: str) -> Response:
    """All of the draft to read again before sending it; to read only, once the call is closed."""
    here = visit(request, slug)
    if here.draft is None:
        return redirect(request, "call", slug=slug)
    if here.draft.state != ApplicationState.DRAFT:
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
        documents=here.documents,
        departments=DEPARTMENTS,
        label_of=choice_label,
        field_label=_labels(request, here.call).get,
        is_open=here.call.state(now) == CallState.OPEN,
        **_progress(here.call, draft.content, set(here.documents)),
    )


def _labels(request: Request, call: Call) -> dict[str, str]:
    """What the fields of the form are called on a page that is not the form."""
    _ = gettext_of(request)
    labels = {name: _(label) for name, label in FIELD_LABELS.items()}
    for question in call.questions:
        labels[answer_field(question.code)] = question.label.say(_.language)
    for document in call.documents:
        labels[document_field(document.code)] = document.label.say(_.language)
    return labels


@router.post("/calls/{slug}/apply/submit", name="submit-application")
def submit(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Send the draft. The receipt is shown once everything is saved, never before."""
    arrival = arrived_at(request)
    here = visit(request, slug, form)
    draft = here.draft
    if draft is None:
        raise unknown_application()
    try:
        act(request, form, lambda work: {"number": applying.submit(work, draft.id, arrival)})
    except Refusal as refusal:
        if refusal.code == "already_received":
            return redirect(request, "receipt", slug=slug)
        return _review(request, here, draft, refusal)
    return redirect(request, "receipt", slug=slug)


@router.get("/calls/{slug}/receipt", name="receipt")
def receipt(request: Request, slug: str) -> Response:
    here = visit(request, slug)
    if here.draft is None or here.draft.state == ApplicationState.DRAFT:
        return redirect(request, "call", slug=slug)
    now = runtime_of(request).clock.now()
    return render(
        request,
        "receipt.html",
        call=here.call,
        application=here.draft,
        documents=here.documents,
        is_open=here.call.state(now) == CallState.OPEN,
    )


@router.get("/calls/{slug}/documents/{code}", name="draft-document")
def draft_document(request: Request, slug: str, code: str) -> Response:
    """A document of this browser's own draft or application."""
    row = visit(request, slug).documents.get(code)
    if row is None:
        raise unknown_application()
    return send_file(runtime_of(request).documents, row.sha256, row.filename, row.media_type)


@router.get("/calls/{slug}/withdraw", name="withdraw")
def ask_to_withdraw(request: Request, slug: str) -> Response:
    _ = gettext_of(request)
    here = visit(request, slug)
    if here.draft is None or here.draft.state != ApplicationState.RECEIVED:
        return redirect(request, "call", slug=slug)
    return render(
        request,
        "confirmation.html",
        question=_("Retirer la candidature {number} ?", number=here.draft.number),
        consequences=[
            _("Le comité de sélection ne l'examinera plus."),
            _("Elle ne pourra pas être renvoyée : il faudrait en déposer une autre."),
        ],
        action=path_for(request, "withdraw", slug=slug),
        button=_("Retirer ma candidature"),
        back=path_for(request, "receipt", slug=slug),
    )


@router.post("/calls/{slug}/withdraw")
def withdraw(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    _ = gettext_of(request)
    draft = visit(request, slug, form).draft
    if draft is None:
        raise unknown_application()
    reason = WithdrawalReason.BEARER_CHOICE
    act(request, form, lambda work: applying.withdraw_application(work, draft.id, reason))
    return redirect(request, "receipt", slug=slug, flash=_("Votre candidature est retirée."))
