from collections.abc import Callable
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from essaim.hearing.router import FactRouter
from essaim.ids import new_id
from essaim.person import Person, Role
from essaim.refusal import Refusal, Refusals
from essaim.service import NavigationEntry, Service
from essaim.text.written import ONE_LINE, Line
from essaim.web import (
    N_,
    ParisInstant,
    act,
    allowed,
    command,
    export_csv,
    gettext_of,
    public_url,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    takes,
)
from essaim.web.written import Body
from essaim.work import Work
from fastapi import APIRouter, Depends, Request, Response, UploadFile
from pydantic import Field
from starlette.datastructures import FormData

from gazette import store

router = APIRouter()


class Notice(Body):
    title: Annotated[str, Field(min_length=3, max_length=200), ONE_LINE]
    tone: Literal["calm", "urgent"] = "calm"
    places: int = Field(ge=0, le=500)


class Announcement(Body):
    title: Line
    at: ParisInstant
    days: list[Line] = Field(default_factory=list)


def pinning(notice: Notice) -> Callable[[Work], dict[str, Any]]:
    def pin(work: Work) -> dict[str, Any]:
        if notice.title == "complet":
            raise Refusal(
                "board_full",
                "Le tableau est plein depuis le {since} : retirez une annonce avant {title}.",
                field="title",
                since=work.now,
                title=notice.title,
            )
        id = new_id()
        store.pin(work, id, notice.title, notice.tone, notice.places)
        return {"id": id}

    return pin


@router.get("/", name="home")
def home(request: Request) -> Response:
    if request.query_params.get("format") == "csv":
        return export_csv(request, store.NOTICES, store.notices(), "annonces.csv")
    with runtime_of(request).read() as db:
        page = store.NOTICES.page(request, db, store.notices())
    return render(request, "notices.html", page=page)


@router.get("/pin", name="pin")
def pin_form(request: Request, _: Annotated[Person, Depends(allowed())]) -> Response:
    return render(request, "pin.html", values={})


@router.post("/pin")
def pin(request: Request, form: Annotated[FormData, Depends(submitted)]) -> Response:
    _ = gettext_of(request)
    try:
        pinned = act(request, form, pinning(read_form(form, Notice)))
    except Refusal as refusal:
        return render(request, "pin.html", refusal=refusal, values=form)
    return redirect(request, "pinned", id=pinned["id"], flash=_("Annonce affichée."))


@router.get("/pinned/{id}", name="pinned")
def pinned(request: Request, id: str) -> Response:
    return render(request, "pinned.html", id=id, address=public_url(request, "pinned", id=id))


@router.get("/remove", name="remove")
def confirm_removal(request: Request) -> Response:
    return render(
        request,
        "confirmation.html",
        question="Retirer l’annonce ?",
        consequences=["Plus personne ne la verra."],
        action="/gazette/remove",
        button="Retirer",
        back="/gazette/",
    )


@router.get("/showcase", name="showcase")
def showcase(request: Request) -> Response:
    """Every macro once, for eyes and for axe-core."""
    refusals = Refusals(
        [
            Refusal("missing", N_("Ce champ est obligatoire."), field="title", status=422),
            Refusal("closed", "L’appel est clos depuis hier."),
        ]
    )
    with runtime_of(request).read() as db:
        page = store.NOTICES.page(request, db, store.notices())
    return render(request, "showcase.html", refusal=refusals, page=page)


@router.get("/programmes/{programme}/board", name="board")
def board(
    request: Request,
    programme: str,
    person: Annotated[Person, Depends(allowed(Role.COORDINATOR, programme="programme"))],
) -> Response:
    return render(request, "pinned.html", id=programme, address=person.name)


@router.post("/announce")
def announce(request: Request, form: Annotated[FormData, Depends(submitted)]) -> dict[str, Any]:
    said = read_form(form, Announcement)
    return {"at": said.at.isoformat(), "days": said.days}


@router.get("/broken")
def broken(request: Request) -> Response:
    raise RuntimeError("nobody expected this")


@router.get("/resume/{token}")
def resume(request: Request, token: str) -> Response:
    raise RuntimeError("nobody expected this")


@router.get("/unreachable")
def unreachable(request: Request) -> Response:
    raise sa.exc.OperationalError("SELECT 1", {}, Exception(), connection_invalidated=True)


@router.get("/api/unreachable")
def api_unreachable(request: Request) -> Response:
    raise sa.exc.OperationalError("SELECT 1", {}, Exception(), connection_invalidated=True)


@router.get("/api/notices", dependencies=[Depends(takes(store.NOTICES))])
def list_notices(request: Request) -> dict[str, Any]:
    with runtime_of(request).read() as db:
        page = store.NOTICES.page(request, db, store.notices())
    return {"items": [row._asdict() for row in page.rows], "total": page.total}


@router.post("/api/notices", status_code=201)
def add_notice(
    request: Request,
    notice: Notice,
    _: Annotated[Person, Depends(allowed(Role.COORDINATOR, Role.BEARER))],
) -> Response:
    return command(request, pinning(notice), status=201)


@router.put("/api/notices/poster")
def add_poster(
    request: Request, file: UploadFile, _: Annotated[Person, Depends(allowed(Role.COORDINATOR))]
) -> Response:
    return command(request, lambda work: {"size": file.size, "key": new_id()})


@router.get("/api/notices/{title}/count")
def count(request: Request, title: str, places: int = 0) -> dict[str, int]:
    found = sa.select(sa.func.count()).where(
        store.notice.c.title == title, store.notice.c.places >= places
    )
    with runtime_of(request).read() as db:
        return {"count": db.execute(found).scalar_one()}


@router.delete("/api/notices")
def clear(request: Request, _: Annotated[Person, Depends(allowed(Role.COORDINATOR))]) -> Response:
    def clear_all(work: Work) -> None:
        work.db.execute(sa.delete(store.notice))

    return command(request, clear_all)


service = Service(
    name="gazette",
    title=N_("La gazette"),
    metadata=store.metadata,
    hearing=FactRouter("gazette"),
    routers=(router,),
    navigation=(NavigationEntry(N_("Annonces"), "/"), NavigationEntry(N_("Afficher"), "/pin")),
)
