"""The pages of templates: what each looks like, whether its letters are held, its own words."""

from typing import Annotated

from essaim import Refusal
from essaim.web import N_, act, gettext_of, redirect, render, runtime_of, submitted
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from notifications import labels, store
from notifications.access import Coordinator, programme_names, require_coordination
from notifications.commands import outbox, wording
from notifications.commands.wording import Tried
from notifications.letters.preview import SAMPLES, Preview, preview
from notifications.letters.text import shipped
from notifications.message import LANGUAGES, Template
from notifications.outbox import ALWAYS_HELD, is_held, why_at_once
from notifications.pages.framed import framed
from notifications.settings import sender_of
from notifications.wording import SHEETS, Sheet, sheet_of, variables_of

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(submitted)]


@router.get("/templates", name="templates")
def templates(request: Request, person: Coordinator, programme: str | None = None) -> Response:
    """Every letter: whether it is held, in whose words it is; of one programme at a time."""
    programmes = programme_names(request, person)
    slug = programme if programme in programmes else next(iter(programmes), None)
    with runtime_of(request).read() as db:
        chosen = store.held.choices(db, slug) if slug else {}
        own = store.wording.worded(db, slug) if slug else {}
        reply = store.reply.address_of(db, slug)
    return render(
        request,
        "templates.html",
        samples=SAMPLES,
        sheets={(one.template, one.case): name for name, one in SHEETS.items()},
        own=own,
        held={one: is_held(one, chosen) for one in Template},
        why={one: why_at_once(one) for one in Template},
        always_held=ALWAYS_HELD,
        reply_address=reply,
        programmes=programmes,
        programme=slug,
        languages_written=LANGUAGES,
        labels=labels,
    )


@router.post("/held-templates/{programme}/{template}", name="hold-template")
def hold(
    request: Request, _: Coordinator, programme: str, template: Template, form: Form
) -> Response:
    """Hold the letters of a template until somebody has read them, or let them leave at once."""
    require_coordination(request, programme)
    held = form.get("held") == "true"
    act(request, form, lambda work: outbox.choose(work, programme, template, held=held))
    said = (
        N_("Ces messages seront retenus jusqu’à ce que vous les envoyiez.")
        if held
        else N_("Ces messages partiront aussitôt. Ceux qui sont déjà retenus le restent.")
    )
    flash = gettext_of(request)(said)
    return redirect(request, "templates", flash=flash, query={"programme": programme})


# ---- what one looks like


@router.get("/templates/{template}", name="template")
def template(
    request: Request, _: Coordinator, template: str, lang: str = "fr", case: str | None = None
) -> Response:
    shown = _preview(request, template, case, lang)
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
    return framed(_preview(request, template, case, lang).parts.html)


def _preview(request: Request, template: str, case: str | None, language: str) -> Preview:
    runtime = runtime_of(request)
    return preview(template, case, language, sender_of(runtime), runtime.clock.now())


# ---- in a programme's own words


@router.get("/texts/{programme}/{sheet}", name="text")
def text(request: Request, _: Coordinator, programme: str, sheet: str) -> Response:
    require_coordination(request, programme)
    return _text(request, programme, sheet_of(sheet))


@router.post("/texts/{programme}/{sheet}")
def save(request: Request, _: Coordinator, programme: str, sheet: str, form: Form) -> Response:
    """Keep the text, or only try it with a real case; what was typed stays in either case."""
    require_coordination(request, programme)
    found = sheet_of(sheet)
    texts = {one: _typed(form, one) for one in LANGUAGES}
    try:
        if "try" in form:
            with runtime_of(request).read() as db:
                tried = wording.try_out(db, programme, found, texts)
            return _text(request, programme, found, typed=texts, tried=tried, was=_version(form))
        act(
            request,
            form,
            lambda work: wording.save(work, programme, found, texts, was=_version(form)),
        )
    except Refusal as refusal:
        return _text(request, programme, found, typed=texts, refusal=refusal)
    return _saved(request, programme, found, N_("Le texte est enregistré."))


@router.post("/texts/{programme}/{sheet}/restore", name="restore-text")
def restore(request: Request, _: Coordinator, programme: str, sheet: str, form: Form) -> Response:
    require_coordination(request, programme)
    found, chosen = sheet_of(sheet), str(form.get("restore", ""))
    number = int(chosen) if chosen.isdecimal() and len(chosen) < 9 else 0
    try:
        act(
            request,
            form,
            lambda work: wording.restore(work, programme, found, number, was=_version(form)),
        )
    except Refusal as refusal:
        return _text(request, programme, found, refusal=refusal)
    return _saved(request, programme, found, N_("Cette version est de nouveau celle qui sert."))


def _typed(form: FormData, language: str) -> str:
    return str(form.get(language, "")).strip() + "\n"


def _version(form: FormData) -> int:
    given = str(form.get("version", ""))
    return int(given) if given.isdecimal() and len(given) < 9 else -1


def _saved(request: Request, programme: str, sheet: Sheet, done: str) -> Response:
    flash = gettext_of(request)(done)
    return redirect(request, "text", programme=programme, sheet=sheet.name, flash=flash)


def _text(
    request: Request,
    programme: str,
    sheet: Sheet,
    *,
    typed: dict[str, str] | None = None,
    tried: Tried | None = None,
    was: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    with runtime_of(request).read() as db:
        now = store.wording.find(db, programme, sheet.name)
        versions = store.wording.history(db, programme, sheet.name)
        held = store.held.ids_of_occasion(db, programme, _occasion(sheet))
        shown = tried or wording.try_out(db, programme, sheet, now.texts)
        name = store.programme.name_of(db, programme)
    first = shipped(sheet.name)
    return render(
        request,
        "text.html",
        refusal=refusal,
        sheet=sheet,
        programme=programme,
        programme_name=name or programme,
        label=labels.occasion(_occasion(sheet)),
        typed=typed or now.texts or first,
        shipped=first,
        was=now.version if was is None else was,
        current=now,
        versions=versions,
        variables=variables_of(SAMPLES[sheet.template]),
        tried=shown,
        is_tried=tried is not None,
        held=len(held),
        occasion=_occasion(sheet),
    )


def _occasion(sheet: Sheet) -> str:
    return f"{sheet.template}:{sheet.case}" if sheet.case else sheet.template.value
