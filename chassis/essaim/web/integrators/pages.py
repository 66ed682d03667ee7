"""Pages and files for integrators, beside all services and open to all: nothing in them is about
anybody."""

from functools import cache
from itertools import groupby
from typing import Any

from essaim_contracts import fact_type
from essaim_contracts.examples import PROGRAMS, SCHEMAS
from essaim_contracts.words import Words
from fastapi import APIRouter, HTTPException, Request, Response
from markupsafe import Markup

from essaim.web.integrators import packages
from essaim.web.integrators.catalogue import KINDS, meaning_in, sheets
from essaim.web.integrators.live import Tail, an_access
from essaim.web.pages import render
from essaim.web.site import language_of, runtime_of

router = APIRouter(prefix="/integrators", include_in_schema=False)

_PROGRAMS = {
    "reader.py": "Python",
    "faststream_reader.py": "FastStream",
    "reader.mts": "TypeScript",
}
_TEXTS = {"py": "text/x-python", "mts": "text/plain"}


@router.get("/", name="integrators")
def integrators(request: Request, q: str = "") -> Response:
    """How to begin, and every fact, or those that hold the words asked for."""
    found = [sheet for sheet in sheets().values() if sheet.holds(q)]
    return _page(
        request,
        "index.html",
        asked=q,
        owners=[
            (_said_by(request, owner), list(said))
            for owner, said in groupby(found, key=lambda sheet: sheet.owner)
        ],
        found=len(found),
        programs={name: (PROGRAMS / name).read_text("utf-8") for name in _PROGRAMS},
        program_titles=_PROGRAMS,
        wheel=packages.WHEEL,
        tarball=packages.TARBALL,
        sandbox=_sandbox_url(request),
        accesses=(an_access(), an_access(one_at_a_time=True)),
        hub=runtime_of(request).settings.public_url.rstrip("/"),
    )


@router.get("/live", name="integrators-live")
def live(request: Request) -> Response:
    """The last facts of the sandbox; the page of all facts asks for it again and again."""
    url = _sandbox_url(request)
    if not url:
        raise HTTPException(404)
    return render(request, "integrators/live.html", facts=_tail(url).facts())


def _sandbox_url(request: Request) -> str:
    return runtime_of(request).settings.sandbox_url


_tail = cache(Tail)
"""One for all visitors of this process."""


@router.get("/facts/{type}", name="integrators-fact")
def fact(request: Request, type: str) -> Response:
    sheet = sheets().get(type)
    if sheet is None:
        raise HTTPException(404)
    partners = runtime_of(request).consortium.partners
    hearers = [
        one.title
        for one in partners
        if one.revoked is None and (one.hears is None or type in one.hears)
    ]
    return _page(
        request,
        "fact.html",
        sheet=sheet,
        parts={part.name: part for part in sheet.parts},
        owner=_said_by(request, sheet.owner),
        hearers=hearers,
        kinds=KINDS,
    )


def _said_by(request: Request, owner: str) -> tuple[str, Words | None, str]:
    """The service that says it, and what this consortium calls it when it is in it."""
    partner = runtime_of(request).consortium.find(owner)
    return (owner, partner.title, partner.organisation) if partner else (owner, None, "")


def _page(request: Request, template: str, **context: Any) -> Response:
    language = language_of(request)

    def explained(text: str, *, whole: bool = True) -> Markup:
        """A meaning in the reader's language, `code` set as code; `whole` or its first sentence."""
        said, spoken = meaning_in(text, language)
        lines = said.split("\n\n") if whole else [said.partition("\n")[0]]
        html = Markup("<br>").join(_with_code(line) for line in lines)
        return (
            html if spoken == language else Markup('<span lang="{}">{}</span>').format(spoken, html)
        )

    return render(request, f"integrators/{template}", explained=explained, **context)


def _with_code(text: str) -> Markup:
    parts = enumerate(text.split("`"))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in parts
    )


@router.get("/asyncapi.json", name="integrators-asyncapi")
def asyncapi() -> Response:
    return _file((SCHEMAS / "asyncapi.json").read_bytes(), "application/json")


@router.get("/schemas/{type}.json", name="integrators-schema")
def schema(type: str) -> Response:
    if fact_type(type) is None:
        raise HTTPException(404)
    return _file((SCHEMAS / f"{type}.json").read_bytes(), "application/schema+json")


@router.get("/examples/{type}/{name}.json", name="integrators-example")
def example(type: str, name: str) -> Response:
    known = dict(sheets()[type].examples) if type in sheets() else {}
    if name not in known:
        raise HTTPException(404)
    return _file(known[name].encode(), "application/json")


@router.get("/programs/{name}", name="integrators-program")
def program(name: str) -> Response:
    if name not in _PROGRAMS:
        raise HTTPException(404)
    text = (PROGRAMS / name).read_bytes()
    return _file(text, f"{_TEXTS[name.rpartition('.')[2]]}; charset=utf-8", download=name)


@router.get("/packages/{name}", name="integrators-package")
def package(name: str) -> Response:
    if name == packages.WHEEL:
        return _file(packages.wheel(), "application/zip", download=name)
    if name == packages.TARBALL:
        return _file(packages.tarball(), "application/gzip", download=name)
    raise HTTPException(404)


def _file(content: bytes, media_type: str, download: str = "") -> Response:
    """Anybody's tool may read it, one in a browser too."""
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    if download:
        headers["Content-Disposition"] = f'attachment; filename="{download}"'
    return Response(content, media_type=media_type, headers=headers)
