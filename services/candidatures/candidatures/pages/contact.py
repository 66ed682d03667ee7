"""Replacing a contact: who leaves, who takes over, from which day; what that moves, before."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from essaim import Refusal, Role
from essaim.ids import stable_id
from essaim.people.directory import names_of
from essaim.text.file_errors import WrongFile
from essaim.text.languages import tongue_of
from essaim.web import (
    act,
    gettext_of,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from essaim.web.first_page import Asked, ask_partners
from essaim.web.site import language_of
from essaim_contracts.questions import Moves, WhatMoves
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.contact import Takeover, with_roles_passed_on
from candidatures.pages.set_up_offers import offers
from candidatures.programme_export import Definition

router = APIRouter(include_in_schema=False)

PATIENCE = 2.0
"""Seconds for the partners to say what moves: this is asked once, before an act."""


@router.get("/setup/{slug}/contacts", name="replace-contact")
def ask(request: Request, slug: str, person: str = "") -> Response:
    values = {"person": person, "from_on": today_of(request).isoformat()}
    return _page(request, slug, values)


@router.post("/setup/{slug}/contacts")
def replace(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Say what moves; with `confirmed`, move it."""
    _, person = gettext_of(request), require(request, Role.COORDINATOR, programme=slug)
    asked = _read(form)
    if asked is None:
        return _page(request, slug, dict(form))
    try:
        if form.get("confirmed") != "yes":
            return _page(request, slug, dict(form), moves=moves_of(request, slug, asked))

        def replacing(work: Any) -> None:
            commands.contact.replace(work, slug, asked, person)

        act(request, form, replacing)
    except (WrongFile, Refusal) as refusal:
        if isinstance(refusal, Refusal) and refusal.status not in (409, 422):
            raise
        return _page(request, slug, dict(form), _as_refusal(refusal))
    said = _("Le relais est passé : ce qui est ouvert passe à la personne qui reprend.")
    return redirect(request, "replace-contact", slug=slug, flash=said)


def _as_refusal(why: WrongFile | Refusal) -> Refusal:
    return why.errors[0].why if isinstance(why, WrongFile) else why


def moves_of(request: Request, slug: str, asked: Takeover) -> Asked[Moves]:
    """What moves in each service, ours included.

    Raises:
        Refusal: there is nothing to take over.
    """
    runtime = runtime_of(request)
    with runtime.read() as db:
        with_roles_passed_on(commands.programme.definition(db, slug), asked)
        people = store.programme.people_of(db, slug)
    organisation = asked.organisation
    words = {
        "language": language_of(request),
        "programme": slug,
        "person_id": people[asked.person],
        "organisation_id": stable_id(slug, "organisation", organisation) if organisation else None,
        "from_on": asked.from_on,
    }
    came = ask_partners(request, lambda proof: WhatMoves(proof=proof, **words), PATIENCE)
    ours = WhatMoves(proof="-", **words)
    tongue = tongue_of(runtime.service.name, language_of(request))
    with runtime.read() as db:
        here = runtime.service.moves(db, ours, runtime.clock.now(), tongue)
    return Asked({runtime.service.name: here, **came.answers}, came.silent)


def _read(form: Mapping[str, Any]) -> Takeover | None:
    """What was asked; None where the day, or a person, is not there yet."""
    try:
        from_on = date.fromisoformat(str(form.get("from_on", "")))
    except ValueError:
        return None
    person, by = str(form.get("person", "")), str(form.get("replaced_by", ""))
    organisation = str(form.get("organisation", "")) or None
    return Takeover(person, by, organisation, from_on) if person and by else None


def _page(
    request: Request,
    slug: str,
    values: Mapping[str, Any],
    refusal: Refusal | None = None,
    moves: Asked[Moves] | None = None,
) -> Response:
    require(request, Role.COORDINATOR, programme=slug)
    with runtime_of(request).read() as db:
        definition: Definition = commands.programme.definition(db, slug)
        made = store.contact.of_programme(db, slug)
        ids = {id for one in made for id in (one.person_id, one.replaced_by_id, one.asked_by)}
        names = names_of(db, [id for id in ids if id is not None])
    partners = {one.service: one for one in runtime_of(request).consortium.partners}
    return render(
        request,
        "replace_contact.html",
        refusal=refusal,
        programme=definition["programme"],
        slug=slug,
        values=values,
        offered=offers(definition, {}, {}, gettext_of(request), by_operator=False),
        moves=moves,
        partners=partners,
        made=made,
        names=names,
    )
