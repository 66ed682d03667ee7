"""The pages of a letter to many: to whom, what, seen before it is held; and where answers go."""

from typing import Annotated, Any

from essaim import Refusal, Work
from essaim.refusal import Refusals
from essaim.web import (
    N_,
    act,
    gettext_of,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from notifications import store
from notifications.access import Coordinator, programme_names, require_coordination
from notifications.commands import writing
from notifications.commands.audience import offered
from notifications.letters.text import write
from notifications.message import LANGUAGES, Template, Text
from notifications.writing import (
    WHY_LEFT_OUT,
    Audience,
    Chosen,
    Said,
    details_of,
    read_audience,
    read_said,
    text_needed,
)

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(submitted)]


@router.get("/letters", name="letters")
def home(request: Request, person: Coordinator) -> Response:
    """Her programme, when there is one; else which one."""
    programmes = programme_names(request, person)
    if len(programmes) == 1:
        return redirect(request, "write-letter", programme=next(iter(programmes)))
    return render(request, "letters.html", programmes=programmes)


@router.get("/letters/{programme}", name="write-letter")
def begin(
    request: Request, _: Coordinator, programme: str, audience: str | None = None
) -> Response:
    require_coordination(request, programme)
    return _form(request, programme, {"audience": audience or ""})


@router.post("/letters/{programme}")
def write_letter(request: Request, _: Coordinator, programme: str, form: Form) -> Response:
    """First who and what are shown; then, confirmed, the letters are held."""
    require_coordination(request, programme)
    typed = {name: str(form.get(name, "")) for name in _FIELDS}
    try:
        audience, texts = _read(typed)
        if "hold" not in form:
            return _form(request, programme, typed, audience=audience, texts=texts)
        was = str(form.get("shown", ""))

        def holding(work: Work) -> str:
            id, _chosen = writing.write_to(work, programme, audience, texts, was=was)
            return f"{Template.LETTER}:{id}"

        occasion = act(request, form, holding)
    except Refusal as refusal:
        return _form(request, programme, typed, refusal=refusal)
    said = gettext_of(request)(N_("La lettre est retenue : relisez-la, puis envoyez-la."))
    query = {"occasion": occasion, "programme": programme}
    return redirect(request, "outbox", flash=said, query=query)


_FIELDS = ("audience", "subject_fr", "body_fr", "subject_en", "body_en")


def _read(typed: dict[str, str]) -> tuple[Audience, dict[str, Said | None]]:
    """
    Raises:
        Refusals: (422) no audience, or a text that is missing or too long.
    """
    wrong: list[Refusal] = []
    audience, texts = None, {}
    try:
        audience = read_audience(typed["audience"])
    except Refusal as refusal:
        wrong.append(refusal)
    for one in LANGUAGES:
        try:
            texts[one] = read_said(one, typed[f"subject_{one}"], typed[f"body_{one}"])
        except Refusal as refusal:
            wrong.append(refusal)
    if "fr" in texts and texts["fr"] is None:
        wrong.append(text_needed())
    if wrong or audience is None:
        raise Refusals(wrong)
    return audience, texts


def _form(
    request: Request,
    programme: str,
    typed: dict[str, str],
    *,
    audience: Audience | None = None,
    texts: dict[str, Said | None] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    _ = gettext_of(request)
    with runtime_of(request).read() as db:
        audiences = offered(db, programme, today_of(request), _)
        name = store.programme.name_of(db, programme) or programme
        seen: dict[str, Any] = {}
        if audience is not None and texts is not None:
            chosen = writing.readers(db, programme, audience, today_of(request))
            waiting = store.writing.awaiting_answer(
                db, programme, [one.id for one in chosen.readers]
            )
            seen = {"chosen": chosen, "shown": writing.shown(chosen), "waiting": waiting}
            seen["texts"] = _previews(chosen, texts, name)
    return render(
        request,
        "letter_to_many.html",
        refusal=refusal,
        programme=programme,
        programme_name=name,
        audiences=[(one.code, f"{one.title} ({one.people})") for one in audiences],
        typed=typed,
        why_left_out=WHY_LEFT_OUT,
        **{"chosen": None, **seen},
    )


def _previews(chosen: Chosen, texts: dict[str, Said | None], name: str) -> dict[str, Text]:
    """What the first reader would get, in each language it is written in."""
    reader = chosen.readers[0].name if chosen.readers else "…"
    details = details_of(texts) | {"programme_name": name}
    return {one: write(Template.LETTER, one, reader, details) for one in details["said"]}


@router.post("/reply-address/{programme}", name="reply-address")
def answer_to(request: Request, _: Coordinator, programme: str, form: Form) -> Response:
    require_coordination(request, programme)
    address = str(form.get("address", ""))
    tongue = gettext_of(request)
    try:
        act(request, form, lambda work: writing.answer_to(work, programme, address))
    except Refusal as refusal:
        said, level = tongue.refusal(refusal), "danger"
    else:
        said, level = tongue(N_("C’est noté : les réponses iront à cette adresse.")), "success"
    query = {"programme": programme}
    return redirect(request, "templates", flash=said, level=level, query=query)
