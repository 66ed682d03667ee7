"""The pages every service has: language, accessibility; and the home page of all services."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from essaim.clock import PARIS
from essaim.person import Role
from essaim.web import cookies
from essaim.web.forms import submitted
from essaim.web.pages import keep_language, redirect_to, render
from essaim.web.roles import ACTS, ROLES
from essaim.web.sign_in import local_path
from essaim.web.site import runtime_of, site_of
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


@home.get("/", name="all-services")
def all_services(request: Request) -> Response:
    """For everybody; whoever signed in is sent to where her cookie is, which has a path."""
    if cookies.get(request, cookies.HINT):
        return redirect_to(request, f"{site_of(request).service_path}/home")
    return _home(request)


@router.get("/home", name="all-services-home")
def all_services_at_one(request: Request) -> Response:
    return _home(request)


def _home(request: Request) -> Response:
    """Who takes part, and what each role does there; the visitor's own roles come first."""
    person = visitor(request)
    today = runtime_of(request).clock.now().astimezone(PARIS).date()
    held = {one.role for one in person.roles if one.is_held_on(today)} if person else set()
    return render(
        request,
        "chassis/home.html",
        roles=[
            (ROLES[role], ACTS[role], role in held) for role in sorted(ROLES, key=_mine_first(held))
        ],
    )


def _mine_first(held: set[Role]) -> Callable[[Role], bool]:
    return lambda role: role not in held
