"""What the directory says of the visitor, and what she may do about it."""

from essaim import Refusal
from essaim.web import (
    act,
    gettext_of,
    path_for,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
)
from essaim.web.roles import ROLES
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.email_address import checked_email
from candidatures.pages.address import ask_address

router = APIRouter(include_in_schema=False)


@router.get("/my-data", name="my-data")
def my_data(request: Request) -> Response:
    return _my_data(request)


def _my_data(request: Request, refusal: Refusal | None = None, email: str = "") -> Response:
    person = require(request)
    with runtime_of(request).read() as db:
        asked = store.erasure.find_asked(db, person.id)
        change = store.address_change.of_person(db, person.id)
        programmes = {one.slug: one.name for one in store.programme.every(db)}
    return render(
        request,
        "my_data.html",
        refusal=refusal,
        person=person,
        asked=asked,
        change=change,
        email=email,
        programmes=programmes,
        role_labels=ROLES,
    )


@router.post("/my-data/address", name="ask-address")
def ask(request: Request, form: FormData = Depends(submitted)) -> Response:
    """The link goes to the new address; nothing changes before it is opened."""
    _, person = gettext_of(request), require(request)
    typed = str(form.get("email", ""))
    try:
        email = checked_email(typed) or ""
        ask_address(request, person.id, person, email, form)
    except Refusal as refusal:
        return _my_data(request, refusal, typed)
    flash = _("Un lien part à {email} : ouvrez-le pour confirmer.", email=email)
    return redirect(request, "my-data", flash=flash)


@router.post("/my-data/address/cancel", name="cancel-address")
def cancel(request: Request, form: FormData = Depends(submitted)) -> Response:
    _, person = gettext_of(request), require(request)
    act(request, form, lambda work: commands.person.cancel_address(work, person.id, person))
    flash = _("Le changement d’adresse est retiré : rien ne change.")
    return redirect(request, "my-data", flash=flash)


@router.get("/my-data/address/{token}", name="confirm-address")
def question(request: Request, token: str) -> Response:
    """Only a button: mail scanners open links, and must not confirm anything."""
    _ = gettext_of(request)
    return render(
        request,
        "confirmation.html",
        question=_("Confirmer cette adresse ?"),
        consequences=[
            _("Les messages du réseau viendront à cette adresse."),
            _("Vous serez déconnectée partout, puis vous vous connecterez avec cette adresse."),
        ],
        action=path_for(request, "confirm-address", token=token),
        button=_("Confirmer mon adresse"),
        back=path_for(request, "home"),
    )


@router.post("/my-data/address/{token}")
def confirm(request: Request, token: str, form: FormData = Depends(submitted)) -> Response:
    _ = gettext_of(request)
    act(request, form, lambda work: commands.person.confirm_address(work, token))
    return redirect(
        request, "home", flash=_("Votre adresse est confirmée. Connectez-vous avec elle.")
    )
