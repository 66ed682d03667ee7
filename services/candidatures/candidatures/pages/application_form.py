"""The form of a call: written, saved as she types, with its documents, and found again."""

import re
import secrets
from collections.abc import Sequence

import structlog
from essaim import Refusal, Work
from essaim.broker.asking import AskFailed
from essaim.text.departments import DEPARTMENTS
from essaim.web import (
    act,
    arrived_at,
    gettext_of,
    public_url,
    redirect,
    render,
    runtime_of,
    submitted,
    visitor,
)
from essaim.web.site import language_of
from essaim_contracts.questions import SendDraftLink
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.application import Application, StaleForm, link_due, unknown_application
from candidatures.application_form import (
    Content,
    check_application,
    document_field,
    fields_of,
    read_content,
)
from candidatures.call import Call, CallState, asked_document
from candidatures.commands.draft import Written
from candidatures.document import Document, no_file
from candidatures.files import keep_upload, unnamed_if_refused
from candidatures.form import Choice
from candidatures.pages.visit import (
    Visit,
    labels_of,
    progress_of,
    remember,
    visit,
    visit_with,
)

log = structlog.get_logger()

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/apply", name="application-form")
def application_form(request: Request, slug: str, new: bool = False) -> Response:
    """The draft begun in this browser, or an empty form; `new` after one was sent."""
    here = visit(request, slug)
    if here.sent and new:
        here = Visit(here.call, secrets.token_urlsafe(32), None, {})
    elif here.sent:
        return redirect(request, "receipt", slug=slug)
    if here.call.state(runtime_of(request).clock.now()) != CallState.OPEN:
        return redirect(request, "application-review" if here.draft else "call", slug=slug)
    content = here.draft.content if here.draft else _what_we_know(request)
    return remember(request, _form(request, here, content), slug, here.token)


def _what_we_know(request: Request) -> Content:
    person = visitor(request)
    if person is None:
        return {}
    known = {"bearer_name": person.name, "bearer_email": person.email, "bearer_phone": person.phone}
    return {name: value for name, value in known.items() if value}


def _form(
    request: Request, here: Visit, values: Content, refusal: Refusal | None = None
) -> Response:
    """The form with these values; beside the other version, when two collided."""
    saved = refusal.saved if isinstance(refusal, StaleForm) else None
    shown = saved or here.draft
    return render(
        request,
        "application_form.html",
        refusal=refusal,
        call=here.call,
        values=dict(values),
        differing=_differing(here.call, values, saved) if saved else {},
        draft_version=shown.version if shown else 0,
        form_id=secrets.token_hex(8),
        token=here.token,
        draft=here.draft,
        documents=here.documents,
        departments=_departments(here.call),
        choices=_choices,
        applicant_kinds=_applicant_kinds(language_of(request)),
        field_labels=labels_of(request, here.call),
        **progress_of(here.call, values, set(here.documents)),
    )


def _differing(call: Call, values: Content, saved: Application) -> dict[str, str]:
    """What the other version says, where it says something else."""
    others = {name: saved.content.get(name, "") for name in fields_of(call)}
    return {name: text for name, text in others.items() if text != values.get(name, "")}


def _choices(offered: Sequence[Choice], language: str) -> list[tuple[str, str]]:
    return [(choice.code, choice.label.say(language)) for choice in offered]


def _applicant_kinds(language: str) -> list[tuple[str, str]]:
    return [(kind, words.say(language)) for kind, words in APPLICANT_KINDS.items()]


def _departments(call: Call) -> list[tuple[str, str]]:
    codes = call.departments or tuple(DEPARTMENTS)
    return [(code, f"{code} – {DEPARTMENTS[code]}") for code in codes]


# --- saved


@router.post("/calls/{slug}/apply")
def save_form(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save what was written, then do what the button says: nothing more, upload, or review.

    All that the form changes is one command. A file is checked and on the disk before it; the link
    is asked for after it, and a draft stays saved when its link cannot leave. Whatever is refused,
    the words stay: saved, or in the form that is shown again.
    """
    here = visit(request, slug, form)
    written = _written(here.call, form)
    action, _, code = str(form.get("action", "save")).partition(":")
    added, refusal = _uploaded(request, here.call, action, code, form)
    try:
        with unnamed_if_refused(runtime_of(request), added):
            removed = code if action == "remove" else None
            _save(request, form, here, written, added=added, removed=removed)
    except Refusal as refused:
        response = _not_saved(request, here, written.content, refused)
    else:
        here = visit_with(request, slug, here.token)
        response = _saved(request, here, written.content, action, refusal)
    return remember(request, response, slug, here.token)


@router.post("/calls/{slug}/apply/autosave", name="autosave")
def autosave(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save in the background; the answer is one sentence and the new version."""
    here = visit(request, slug, form)
    written = _written(here.call, form)
    version, refusal = None, None
    try:
        version = _save(request, form, here, written)
    except Refusal as refused:
        refusal = refused
    page = render(
        request,
        "_saved.html",
        refusal=refusal,
        stale=isinstance(refusal, StaleForm),
        draft_version=version,
        **progress_of(here.call, written.content, set(here.documents)),
    )
    return remember(request, page, slug, here.token)


def _uploaded(
    request: Request, call: Call, action: str, code: str, form: FormData
) -> tuple[Document | None, Refusal | None]:
    """The file chosen for a document, on the disk; or why not, at its field."""
    if action != "upload":
        return None, None
    file, field = form.get(document_field(code)), document_field(code)
    try:
        asked = asked_document(call, code, field)
        if not isinstance(file, UploadFile) or not file.filename:
            raise no_file(field)
        return keep_upload(runtime_of(request).documents, asked, file, field), None
    except Refusal as refusal:
        return None, refusal


def _written(call: Call, form: FormData) -> Written:
    """What the form says; a field it does not hold, such as no choice made, is empty."""
    answers = {name: form.get(name, "") for name in fields_of(call)}
    texts = {name: text for name, text in answers.items() if isinstance(text, str)}
    version = str(form.get("version", "0"))
    return Written(
        content=read_content(call, texts),
        version=int(version) if re.fullmatch("[0-9]{1,9}", version) else 0,
        form_id=str(form.get("form_id", ""))[:64] or None,
    )


def _save(
    request: Request,
    form: FormData,
    here: Visit,
    written: Written,
    *,
    added: Document | None = None,
    removed: str | None = None,
) -> int:
    """The version this made, or left as it was."""

    def save(work: Work) -> int:
        saved = commands.draft.save_form(
            work,
            here.call,
            here.token,
            written,
            language=language_of(request),
            arrived_at=arrived_at(request),
            added=added,
            removed=removed,
        )
        return saved.version

    version: int = act(request, form, save)
    return version


def _not_saved(request: Request, here: Visit, content: Content, refusal: Refusal) -> Response:
    if here.draft is not None and here.sent and content == here.draft.content:
        return redirect(request, "receipt", slug=here.call.slug)
    return _form(request, here, content, refusal)


def _saved(
    request: Request, here: Visit, content: Content, action: str, refusal: Refusal | None
) -> Response:
    """What follows once the words are saved; `refusal` is that of the file that came with them."""
    _, slug = gettext_of(request), here.call.slug
    said = _send_link(request, here) if action in ("save", "review") else None
    if action == "review":
        # What is missing or wrong is said at its field, before anything is read again.
        refusal = _wrong(here)
    if refusal is not None:
        return _form(request, here, content, refusal)
    if action == "review":
        return redirect(request, "application-review", slug=slug)
    done = {"upload": _("Document ajouté."), "remove": _("Document enlevé.")}
    flash = said or done.get(action) or _("Brouillon enregistré.")
    return redirect(request, "application-form", slug=slug, flash=flash)


def _wrong(here: Visit) -> Refusal | None:
    try:
        check_application(here.call, here.draft.content if here.draft else {}, set(here.documents))
    except Refusal as refusal:
        return refusal
    return None


# --- found again


def _send_link(request: Request, here: Visit) -> str | None:
    """Send the link of the draft to the address given, once for each address."""
    _ = gettext_of(request)
    email = link_due(here.call, here.draft) if here.draft else None
    if here.draft is None or email is None:
        return None
    question = SendDraftLink(
        email=email,
        name=here.draft.content.get("bearer_name", "")[:200],
        url=public_url(request, "resume", token=here.token),
        call_title=here.call.title.say(here.draft.language),
        language=here.draft.language,
    )
    try:
        runtime_of(request).ask_blocking(question)
    except (AskFailed, TimeoutError) as error:
        # The draft is saved all the same; the next save tries again.
        log.warning("draft link not sent", call=here.call.slug, error=type(error).__name__)
        return _(
            "Brouillon enregistré. Le lien pour le reprendre n’a pas pu partir par courriel : "
            "revenez sur cet appareil, ou enregistrez à nouveau plus tard."
        )
    with runtime_of(request).work() as work:
        commands.draft.note_link_sent(work, here.draft.id, email)
    return _("Brouillon enregistré. Un lien pour le reprendre part à {email}.", email=email)


@router.get("/applications/resume/{token}", name="resume")
def resume(request: Request, token: str) -> Response:
    """The link of a draft: this browser holds it from now on."""
    with runtime_of(request).read() as db:
        draft = store.application.find_by_token(db, token)
        if draft is None:
            raise unknown_application()
        call = store.call.of_id(db, draft.call_id)
    response = redirect(request, "application-form", slug=call.slug)
    return remember(request, response, call.slug, token)
