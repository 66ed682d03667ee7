"""A programme begun in a page by the operator, and programme files brought in, by who may."""

from collections.abc import Mapping
from typing import Any

from essaim import Refusal, Role, Work
from essaim.refusal import Refusals
from essaim.text.file_errors import WrongFile
from essaim.web import (
    act,
    gettext_of,
    may,
    read_form,
    redirect,
    render,
    require,
    submitted,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands
from candidatures.programme_export import FORMAT_NAME, Definition
from candidatures.programme_file import read_programme
from candidatures.schemas.set_up import ProgrammeForm
from candidatures.set_up import code_for

router = APIRouter(include_in_schema=False)


@router.get("/new-programme", name="new-programme")
def new(request: Request) -> Response:
    return _page(request, {})


def _page(request: Request, values: Mapping[str, Any], refusal: Refusal | None = None) -> Response:
    require(request, Role.OPERATOR)
    return render(request, "new_programme.html", refusal=refusal, values=values)


@router.post("/new-programme")
def start(request: Request, form: FormData = Depends(submitted)) -> Response:
    """Begin a programme; the rest is set up in its pages, by its coordinator too."""
    _, operator = gettext_of(request), require(request, Role.OPERATOR)

    def starting(work: Work) -> Any:
        head = _head(read_form(form, ProgrammeForm))
        return commands.programme.start(work, head, operator).as_json()

    try:
        done = act(request, form, starting)
    except WrongFile as wrong:
        return _page(
            request, dict(form), Refusals([_beside(one.path, one.why) for one in wrong.errors])
        )
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _page(request, dict(form), refusal)
    said = _("Le programme est ouvert. Complétez-le, puis préparez sa première édition.")
    return redirect(request, "set-up", slug=done["programme"], flash=said)


def _head(asked: ProgrammeForm) -> Definition:
    """The least a programme is made of."""
    steward, person = code_for(asked.steward, ()), code_for(asked.coordinator, ())
    role = {"role": Role.COORDINATOR.value, "organisation": steward}
    slug = asked.slug or code_for(asked.name, ())
    return {
        "format": FORMAT_NAME,
        "programme": {"slug": slug, "name": asked.name, "steward": steward},
        "organisations": [{"code": steward, "name": asked.steward, "commitments": ["steward"]}],
        "people": [
            {"code": person, "name": asked.coordinator, "email": asked.email, "roles": [role]}
        ],
    }


_INPUTS = {
    "programme.slug": "slug",
    "programme.name": "name",
    "organisations.0.name": "steward",
    "people.0.name": "coordinator",
    "people.0.email": "email",
}


def _beside(path: str, why: Refusal) -> Refusal:
    return Refusal(why.code, why.message, field=_INPUTS.get(path), status=422, **why.values)


# --- files


@router.get("/import", name="import-programme")
def import_page(request: Request) -> Response:
    return _import_page(request)


def _import_page(
    request: Request,
    text: str = "",
    report: Mapping[str, Any] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    require(request, Role.COORDINATOR)
    return render(
        request,
        "import_programme.html",
        refusal=refusal,
        text=text,
        report=report,
        is_operator=may(request, Role.OPERATOR),
    )


@router.post("/import")
def bring_in(request: Request, form: FormData = Depends(submitted)) -> Response:
    """Say what a file would change; with `confirmed`, change it."""
    _, person = gettext_of(request), require(request, Role.COORDINATOR)
    written = _written_in(form)
    text = written if isinstance(written, str) else written.decode(errors="replace")
    confirmed = form.get("confirmed") == "yes"

    def bringing_in(work: Work) -> Any:
        sound = read_programme(written)
        return commands.programme.import_programme(
            work, sound, importer=person, check=not confirmed
        ).as_json()

    try:
        report = act(request, form, bringing_in)
    except Refusal as refusal:
        if refusal.status not in (403, 409, 422):
            raise
        return _import_page(request, text, None, refusal)
    if not confirmed:
        return _import_page(request, text, report)
    return redirect(request, "set-up", slug=report["programme"], flash=_("Le fichier est importé."))


def _written_in(form: FormData) -> str | bytes:
    """A file, or what was read of it before and is now confirmed."""
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return file.file.read()
    return str(form.get("text", ""))
