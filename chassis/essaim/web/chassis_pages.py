"""The pages every service has: language, accessibility; and the home page of all services."""

from typing import Annotated

from essaim_contracts.glossary import GLOSSARY
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from essaim.text.collation import order_key
from essaim.web import cookies
from essaim.web.first_page import first_page
from essaim.web.forms import submitted
from essaim.web.pages import FLASH_COOKIE, keep_language, redirect_to, render
from essaim.web.roles import who_does_what
from essaim.web.sign_in import local_path
from essaim.web.site import is_keeper, keeper_of, runtime_of, site_of
from essaim.web.visitors import visitor

router = APIRouter(include_in_schema=False)
home = APIRouter(include_in_schema=False)


@router.post("/language", name="language")
def choose_language(request: Request, form: Annotated[FormData, Depends(submitted)]) -> Response:
    back = local_path(str(form.get("next", "")), f"{site_of(request).service_path}/")
    return keep_language(request, redirect_to(request, back), str(form.get("language")))


@router.get("/accessibility", name="accessibility")
def accessibility(request: Request) -> Response:
    return render(request, "chassis/accessibility.html")


@router.get("/glossary", name="glossary")
def glossary(request: Request) -> Response:
    """The field's words in both languages, by their French."""
    terms = sorted(GLOSSARY, key=lambda term: order_key(term.word.fr))
    return render(request, "chassis/glossary.html", terms=terms)


@home.get("/", name="all-services")
def all_services(request: Request) -> Response:
    """The home page of all lies where people sign in: there their cookie is known."""
    return _to_keeper(request) or redirect_to(request, f"{site_of(request).service_path}/home")


@router.get("/home", name="all-services-home")
def all_services_at_one(request: Request) -> Response:
    """What waits for whoever signed in; for everybody else, who takes part and what is open."""
    if not is_keeper(request):
        return _to_keeper(request) or _partners(request)
    if (person := visitor(request)) is not None:
        return first_page(request, person)
    welcome = runtime_of(request).service.welcome
    return welcome(request) if welcome else _partners(request)


def _to_keeper(request: Request) -> Response | None:
    """To the home page there, unless it is away, or this service has to say that she left."""
    keeper, absences = keeper_of(request), runtime_of(request).absences()
    is_away = any(one.partner == keeper for one in absences)
    says = cookies.get(request, FLASH_COOKIE, own=True) and visitor(request) is None
    if keeper is None or is_away or says:
        return None
    return redirect_to(request, f"{keeper.root}/home")


def _partners(request: Request) -> Response:
    return render(request, "chassis/home.html", roles=list(who_does_what()))
