"""The form of a call: written, saved as she types, with its documents, and found again."""

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.refusal import Refusals
from essaim.text.departments import DEPARTMENTS
from essaim.web import (
    act,
    flash,
    gettext_of,
    path_for,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    visitor,
)
from essaim.web.expired import proves_itself
from essaim.web.pages import keep_language, redirect_to
from essaim.web.said import said
from essaim.web.site import language_of
from essaim_contracts.words import APPLICANT_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.access import door_of, source_here
from candidatures.answer import answer_field, document_field
from candidatures.application import Application, StaleForm, draft_opened_elsewhere
from candidatures.application_form import (
    choose_again,
    fields_of,
    read_content,
    refusals_of,
)
from candidatures.call import Call, CallState
from candidatures.commands.draft import KEPT_WITHOUT_ADDRESS, Written
from candidatures.document import Document, no_file
from candidatures.eligibility import not_passed
from candidatures.field_reader import Content
from candidatures.files import keep_upload, unnamed_if_refused
from candidatures.form import Choice, DocumentAsked
from candidatures.pages.draft_link import link_sent
from candidatures.pages.eligibility import passed_in
from candidatures.pages.visit import (
    Visit,
    again,
    begun_anew,
    labels_of,
    progress_of,
    remember,
    visit,
)
from candidatures.party import MOST_PARTIES, parties_in
from candidatures.question import ends_of

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/apply", name="application-form")
def application_form(
    request: Request, slug: str, new: bool = False, draft: UUID | None = None
) -> Response:
    """The draft begun in this browser, or an empty form; `new` beside those it holds."""
    here = visit(request, slug, chosen=draft)
    if new:
        here = begun_anew(here)
    elif here.sent:
        return remember(request, redirect(request, "receipt", slug=slug), here)
    if here.call.state(runtime_of(request).clock.now()) != CallState.OPEN:
        return redirect(request, "application-review" if here.draft else "call", slug=slug)
    passed = passed_in(here.call, request.query_params)
    if here.call.eligibility and not passed and here.draft is None:
        return remember(request, redirect(request, "eligibility", slug=slug), here)
    content = here.draft.content if here.draft else _what_we_know(request)
    return remember(request, _form(request, here, {**content, **passed}), here)


@router.get("/calls/{slug}/preview", name="call-preview")
def preview(request: Request, slug: str) -> Response:
    """The form of a call before it opens, for who sets it up."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
    require(request, Role.COORDINATOR, programme=call.programme)
    return render(
        request,
        "call_preview.html",
        **form_words(request, call, {}),
        values={},
        differing={},
        documents={},
        done="",
    )


def form_words(request: Request, call: Call, values: Content) -> dict[str, Any]:
    """What the form of a call offers."""
    return {
        "call": call,
        "departments": _departments(call),
        "choices": _choices,
        "ends_of": ends_of,
        "applicant_kinds": _applicant_kinds(call, language_of(request)),
        "parties_shown": min(len(parties_in(values)) + 2, MOST_PARTIES),
        "most_parties": MOST_PARTIES,
        "field_labels": labels_of(request, call),
        "document_places": {},
    }


def _what_we_know(request: Request) -> Content:
    person = visitor(request)
    if person is None:
        return {}
    known = {"bearer_name": person.name, "bearer_email": person.email, "bearer_phone": person.phone}
    return {name: value for name, value in known.items() if value}


def _form(
    request: Request,
    here: Visit,
    values: Content,
    refusal: Refusal | None = None,
    saved: Application | None = None,
    *,
    kept: bool = True,
) -> Response:
    """The form with these values; beside those of `saved`, when two pages collided.

    `kept` says whether they are those of the draft.
    """
    shown = saved or here.draft
    return render(
        request,
        "application_form.html",
        refusal=refusal,
        **form_words(request, here.call, values),
        values=dict(values),
        differing=_differing(here.call, values, saved) if saved else {},
        draft_version=shown.version if shown else 0,
        form_id=secrets.token_hex(8),
        token=here.token,
        draft=here.draft,
        moved=here.moved,
        kept=kept,
        done=request.query_params.get("done", ""),
        documents=here.documents,
        unanswered_before=next(
            (one.code for one in not_passed(here.call.eligibility, values)), None
        ),
        days_kept=KEPT_WITHOUT_ADDRESS.days,
        **progress_of(here.call, values, set(here.documents)),
    )


def _differing(call: Call, values: Content, saved: Application) -> dict[str, str]:
    """What the other version says, where it says something else."""
    others = {name: saved.content.get(name, "") for name in fields_of(call)}
    return {name: text for name, text in others.items() if text != values.get(name, "")}


def _choices(offered: Sequence[Choice], language: str) -> list[tuple[str, str]]:
    return [(choice.code, said(choice.label, language)) for choice in offered]


def _applicant_kinds(call: Call, language: str) -> list[tuple[str, str]]:
    return [
        (kind, words.say(language))
        for kind, words in APPLICANT_KINDS.items()
        if kind in call.applicants
    ]


def _departments(call: Call) -> list[tuple[str, str]]:
    codes = call.departments or tuple(DEPARTMENTS)
    return [(code, f"{code} – {DEPARTMENTS[code]}") for code in codes]


# --- saved


@router.post("/calls/{slug}/apply")
@proves_itself
def save_form(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save what was written and every file that came, then do what the button says.

    All that the form changes is one command. A file is checked and on the disk before it; the link
    is asked for after it, and a draft stays saved when its link cannot leave. Whatever is refused,
    the words stay: saved, or in the form that is shown again.
    """
    here = visit(request, slug, form)
    written = _written(here.call, form)
    if here.moved:
        return remember(request, _moved(request, here, written, form), here)
    added, refusals = _uploaded(request, here, form)
    try:
        with unnamed_if_refused(runtime_of(request), *added):
            _save(request, form, here, written, added=added, removed=_removed(form, added))
    except Refusal as refused:
        response = _not_saved(request, here, written.content, refused, added, refusals)
    else:
        here = again(request, here)
        response = _saved(request, here, written.content, str(form.get("action", "")), refusals)
    return remember(request, response, here)


@router.post("/calls/{slug}/apply/autosave", name="autosave")
@proves_itself
def autosave(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Save in the background; the answer is one sentence, the new version, and what is wrong."""
    here = visit(request, slug, form)
    written = _written(here.call, form)
    version, refusal, said = None, None, None
    try:
        if here.moved:
            raise draft_opened_elsewhere()
        version = _save(request, form, here, written)
        # While she types in it her address may look whole before it is.
        if form.get("typing") != "bearer_email":
            said = link_sent(request, again(request, here))
    except Refusal as refused:
        refusal = refused
    page = render(
        request,
        "_saved.html",
        refusal=refusal,
        stale=isinstance(refusal, StaleForm),
        draft_version=version,
        said=said,
        wrong=_wrong(request, here, written.content),
        **progress_of(here.call, written.content, set(here.documents)),
    )
    return page if here.moved else remember(request, page, here)


def _wrong(request: Request, here: Visit, content: Content) -> list[tuple[str, str, str]]:
    """What is missing or wrong so far: its field, its code, and the sentence."""
    found = refusals_of(here.call, content, set(here.documents))
    return [(one.field or "", one.code, gettext_of(request).refusal(one)) for one in found]


def _uploaded(
    request: Request, here: Visit, form: FormData
) -> tuple[list[Document], list[Refusal]]:
    """The files chosen for documents, on the disk; and why others are not, at their fields."""
    added, refusals = [], []
    action, _, code = str(form.get("action", "")).partition(":")
    for asked in here.call.files:
        field = document_field(asked.code)
        try:
            if file := _posted(form, field):
                added.append(_kept(request, here, asked, file, field))
            elif action == "upload" and code == asked.code:
                raise no_file(field)
        except Refusal as refusal:
            refusals.append(refusal)
    return added, refusals


def _posted(form: FormData, field: str) -> UploadFile | None:
    file = form.get(field)
    return file if isinstance(file, UploadFile) and file.filename else None


def _kept(
    request: Request, here: Visit, asked: DocumentAsked, file: UploadFile, field: str
) -> Document:
    with runtime_of(request).work() as work:
        source = source_here(request)
        commands.quota.admit_file(work, source, here.call.slug, here.token, file.size or 0, field)
    return keep_upload(runtime_of(request).documents, asked, file, field)


def _removed(form: FormData, added: list[Document]) -> str | None:
    """The document to take out; a file chosen in its place says more than the button."""
    action, _, code = str(form.get("action", "")).partition(":")
    replaced = {document.code for document in added}
    return code if action == "remove" and code not in replaced else None


def _written(call: Call, form: FormData) -> Written:
    """What the form says; a field it does not hold, such as no choice made, is empty."""
    several = {answer_field(one.code) for one in call.questions if one.is_several}
    answers = {
        name: form.getlist(name) if name in several else form.get(name, "")
        for name in fields_of(call)
    }
    texts = {name: text for name, text in answers.items() if isinstance(text, str | list)}
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
    added: Sequence[Document] = (),
    removed: str | None = None,
) -> int:
    """The version this made, or left as it was."""
    door = door_of(request, here.token)

    def save(work: Work) -> int:
        return commands.draft.save_form(
            work, here.call, door, written, added=added, removed=removed
        ).version

    version: int = act(request, form, save)
    return version


def _moved(request: Request, here: Visit, written: Written, form: FormData) -> Response:
    """Her words again, under a new secret: whether they begin another draft is hers to say."""
    fields = [document_field(asked.code) for asked in here.call.files]
    lost = [choose_again(field) for field in fields if _posted(form, field)]
    refusal = Refusals([draft_opened_elsewhere(), *lost])
    return _form(request, here, written.content, refusal, kept=False)


def _not_saved(
    request: Request,
    here: Visit,
    content: Content,
    refused: Refusal,
    added: list[Document],
    refusals: list[Refusal],
) -> Response:
    """The form with her words; the files that came with them are kept where none stood."""
    if here.draft is not None and here.sent and content == here.draft.content:
        return redirect(request, "receipt", slug=here.call.slug)
    kept: list[str] = []
    with suppress(Refusal), runtime_of(request).work() as work:
        door = door_of(request, here.token)
        kept = commands.draft.keep_files(work, here.call, door, added) if added else []
    lost = [choose_again(document_field(one.code)) for one in added if one.code not in kept]
    shown = again(request, here)
    saved = refused.saved if isinstance(refused, StaleForm) else None
    said = Refusals([*refused.all, *refusals, *lost])
    return _form(request, shown, content, said, saved, kept=False)


def _saved(
    request: Request, here: Visit, content: Content, action: str, refusals: list[Refusal]
) -> Response:
    """What follows once the words are saved; `refusals` are those of the files with them."""
    _, slug = gettext_of(request), here.call.slug
    verb, _code, value = action.partition(":")
    said = link_sent(request, here, asked=verb == "link")
    if verb == "review":
        # What is missing or wrong is said at its field, before anything is read again.
        refusals = [*refusals, *_left(here, refusals)]
    if refusals:
        return _form(request, here, content, Refusals(refusals))
    if verb == "review":
        return redirect(request, "application-review", slug=slug)
    if verb in ("upload", "remove"):
        return _to_documents(request, slug, verb, said)
    response = redirect(
        request, "application-form", slug=slug, flash=said or _("Brouillon enregistré.")
    )
    return keep_language(request, response, value) if verb == "language" else response


def _to_documents(request: Request, slug: str, verb: str, said: str | None) -> Response:
    """Back where she was, three screens down, at the sentence that says what was done."""
    if said:
        flash(request, said)
    address = path_for(request, "application-form", slug=slug)
    return redirect_to(request, f"{address}?done={verb}#documents-done")


def _left(here: Visit, refusals: list[Refusal]) -> list[Refusal]:
    """What still keeps the draft from being sent, but for fields that are refused already."""
    content = here.draft.content if here.draft else {}
    said = {refusal.field for refusal in refusals}
    found = refusals_of(here.call, content, set(here.documents))
    return [one for one in found if one.field not in said]
