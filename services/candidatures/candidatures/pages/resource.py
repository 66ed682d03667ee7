"""The library of shared resources: found, opened, added, replaced, withdrawn."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.text.spreadsheet import csv_pieces
from essaim.web import (
    SignedIn,
    act,
    gettext_of,
    may,
    read_form,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
)
from essaim.web.exports import CSV
from essaim.web.roles import ROLES
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.access.resource import kept_resource, readable_resources, usable_resource
from candidatures.document import Document
from candidatures.files import keep_upload, send_file, unnamed_if_refused
from candidatures.resource import (
    AUDIENCES,
    FILE_ASKED,
    Resource,
    found_by,
    link_or_file,
    unknown_resource,
)
from candidatures.schemas.resource import ResourceBody, described

router = APIRouter(include_in_schema=False)

Keep = Callable[[Work, str | Document | None], None]
"""What a form asks, with the link or the file it came with."""


@router.get("/resources", name="resources")
def resources(
    request: Request, person: SignedIn, theme: str = "", q: str = "", format: str = ""
) -> Response:
    """What is for her, by theme; who coordinates a programme also sees what was withdrawn."""
    with runtime_of(request).read() as db:
        every = readable_resources(request, db, person)
        programmes = {one.slug: one for one in store.programme.every(db)}
    found = found_by(every, theme, q)
    if format == "csv":
        return _csv(request, found)
    mine = [
        one for one in programmes.values() if may(request, Role.COORDINATOR, programme=one.slug)
    ]
    return render(
        request,
        "resources.html",
        found=found,
        themes=sorted({one.described.theme for one in every}, key=str.casefold),
        theme=theme,
        q=q,
        programmes=programmes,
        mine=mine,
        coordinated={one.slug for one in mine},
        role_names=ROLES,
    )


def _csv(request: Request, found: list[Resource]) -> Response:
    _ = gettext_of(request)
    heads = [
        _("Thème"), _("Ressource"), _("Licence"), _("Appartient à"), _("Pour"), _("Version"),
        _("Lien"), _("Fichier"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            one.described.theme,
            one.described.title,
            one.described.licence,
            one.described.owner,
            ", ".join(_(ROLES[role]) for role in one.described.audience) or _("tout le programme"),
            one.version,
            one.link or "",
            one.file.filename if one.file else "",
        ]
        for one in found
    ]
    body = "".join(csv_pieces(heads, rows, _.language))
    headers = {"Content-Disposition": 'attachment; filename="resources.csv"'}
    return Response(body, media_type=CSV, headers=headers)


@router.get("/resources/{resource_id}/open", name="open-resource")
def open_resource(request: Request, resource_id: UUID, person: SignedIn) -> Response:
    """The file itself, or where the link leads."""
    with runtime_of(request).read() as db:
        found = usable_resource(request, db, resource_id)
    if found.link:
        return RedirectResponse(found.link, status_code=303)
    if found.file is None:
        raise unknown_resource()
    return send_file(runtime_of(request).documents, found.file)


@router.get("/programmes/{slug}/resources/new", name="new-resource")
def ask_new(request: Request, slug: str, person: SignedIn) -> Response:
    require(request, Role.COORDINATOR, programme=slug)
    return _form_page(request, slug, None)


def _form_page(
    request: Request,
    slug: str,
    kept: Resource | None,
    refusal: Refusal | None = None,
    written: FormData | None = None,
) -> Response:
    with runtime_of(request).read() as db:
        programme = store.programme.get(db, slug)
        editions = store.programme.editions_of(db, slug)
    said = kept.described if kept else None
    values: Any = written
    if values is None:
        values = {**vars(said), "link": kept.link} if said and kept else {}
    audience = written.getlist("audience") if written else [*said.audience] if said else []
    return render(
        request,
        "resource_form.html",
        refusal=refusal,
        programme=programme,
        kept=kept,
        values=values,
        audience=[str(one) for one in audience],
        audiences=[(role.value, ROLES[role]) for role in AUDIENCES],
        editions=[(str(one.id), str(one.year)) for one in editions],
    )


@router.post("/programmes/{slug}/resources/new")
def add(
    request: Request, slug: str, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    require(request, Role.COORDINATOR, programme=slug)
    _ = gettext_of(request)

    def adding(work: Work, content: str | Document | None) -> None:
        if content is None:
            raise link_or_file()
        asked = read_form(_answers(form), ResourceBody)
        commands.resource.add(work, slug, described(asked), content)

    said = _("La ressource est dans la bibliothèque.")
    return _keep(request, slug, None, form, adding, said)


@router.get("/resources/{resource_id}", name="resource")
def ask_to_change(request: Request, resource_id: UUID, person: SignedIn) -> Response:
    with runtime_of(request).read() as db:
        found = kept_resource(request, db, resource_id)
    return _form_page(request, found.programme, found)


@router.post("/resources/{resource_id}")
def change(
    request: Request, resource_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    """Say something else of it, replace what it holds, withdraw it or bring it back."""
    with runtime_of(request).read() as db:
        found = kept_resource(request, db, resource_id)
    _ = gettext_of(request)
    asked_act = form.get("act")

    def changing(work: Work, content: str | Document | None) -> None:
        if asked_act in ("withdraw", "bring-back"):
            commands.resource.withdraw(work, resource_id, withdrawn=asked_act == "withdraw")
            return
        asked, seen = read_form(_answers(form), ResourceBody), str(form.get("seen", ""))
        commands.resource.change(work, resource_id, described(asked), content, seen)

    said = {
        "withdraw": _("La ressource est retirée : seule la coordination la voit."),
        "bring-back": _("La ressource est revenue dans la bibliothèque."),
    }.get(str(asked_act), _("La ressource est enregistrée."))
    return _keep(request, found.programme, found, form, changing, said)


_OTHERS = {"file", "seen", "act"}


def _answers(form: FormData) -> FormData:
    """What is said of the resource, without its file and which one was shown."""
    return FormData([(name, value) for name, value in form.multi_items() if name not in _OTHERS])


def _keep(
    request: Request, slug: str, kept: Resource | None, form: FormData, command: Keep, said: str
) -> Response:
    """Run a command with the link or the file of the form; a file it refused is swept away."""
    runtime = runtime_of(request)
    try:
        content = _content_of(request, kept, form)
        files = (content,) if isinstance(content, Document) else ()
        with unnamed_if_refused(runtime, *files):
            act(request, form, lambda work: command(work, content))
    except Refusal as refusal:
        if refusal.status not in (409, 413, 422):
            raise
        return _form_page(request, slug, kept, refusal, form)
    return redirect(request, "resources", flash=said)


def _content_of(request: Request, kept: Resource | None, form: FormData) -> str | Document | None:
    file, link = form.get("file"), str(form.get("link", "")).strip()
    if not isinstance(file, UploadFile) or not file.filename:
        return link or None
    if link and (kept is None or link != kept.link):
        raise link_or_file()
    return keep_upload(runtime_of(request).documents, FILE_ASKED, file, "file")
