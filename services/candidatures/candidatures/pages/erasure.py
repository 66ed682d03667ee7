"""Forgetting a person: asked, confirmed or taken back, and what partners answered."""

from uuid import UUID

from essaim import Person, Role, Work
from essaim.people import directory
from essaim.web import (
    act,
    export_csv,
    gettext_of,
    path_for,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import askable_person, waiting_erasures
from candidatures.erasure import Confirmation, overdue
from candidatures.files import sweep_once
from candidatures.labels import ANSWERS
from candidatures.lists import erasure_listing, erasures
from candidatures.person import is_self

router = APIRouter(include_in_schema=False)


@router.get("/erasures", name="erasures")
def erasures_page(request: Request) -> Response:
    """Whom to forget, and who was, without her name, and which partners still have to confirm."""
    asker = require(request, Role.COORDINATOR)
    runtime = runtime_of(request)
    now, titles = runtime.clock.now(), runtime.consortium.titles
    listing = erasure_listing(titles)
    with runtime.read() as db:
        if request.query_params.get("format") == "csv":
            return export_csv(request, listing, erasures(), filename="erasures.csv")
        page = listing.page(request, db, erasures())
        late = overdue(store.erasure.unconfirmed(db), now)
        waiting = waiting_erasures(db, asker, today_of(request))
        askers = directory.names_of(db, [one.asked_by for one, _ in waiting])
    return render(
        request,
        "erasures.html",
        page=page,
        late=late,
        waiting=waiting,
        askers=askers,
        answers={row: Confirmation(**row._mapping).answer(now) for row in page.rows},
        answer_labels=ANSWERS,
        partner_titles=titles,
    )


@router.get("/people/{person_id}/erase", name="erase-person")
def question(request: Request, person_id: UUID) -> Response:
    """What erasing her causes, before it is asked, or confirmed where it was."""
    _ = gettext_of(request)
    asker = require(request)
    with runtime_of(request).read() as db:
        person = askable_person(db, asker, person_id, today_of(request))
        asked = store.erasure.find_asked(db, person_id)
    consequences = [
        _("Son nom, son adresse, ses réponses et ses fichiers s’effacent, ici et chez les autres."),
        _("Cela ne se défait pas."),
    ]
    if asked is None:
        consequences = [_("Rien ne s’efface encore : la demande se confirme ensuite.")]
    return render(
        request,
        "confirmation.html",
        question=_("Effacer « {name} » ?", name=person.name),
        consequences=consequences,
        action=path_for(
            request, "confirm-erasure" if asked else "erase-person", person_id=person_id
        ),
        button=_("Effacer pour toujours") if asked else _("Demander l’effacement"),
        back=path_for(request, _back(asker, person)),
    )


def _back(asker: Person, person: Person) -> str:
    return "my-data" if is_self(asker, person) else "erasures"


@router.post("/people/{person_id}/erase")
def ask(request: Request, person_id: UUID, form: FormData = Depends(submitted)) -> Response:
    _, asker = gettext_of(request), require(request)

    def asking(work: Work) -> str:
        commands.erasure.ask(work, person_id, asker)
        return _back(asker, commands.person.get(work, person_id))

    flash = _("L’effacement est demandé. Il reste à le confirmer.")
    return redirect(request, act(request, form, asking), flash=flash)


@router.post("/people/{person_id}/erase/cancel", name="cancel-erasure")
def cancel(request: Request, person_id: UUID, form: FormData = Depends(submitted)) -> Response:
    _, asker = gettext_of(request), require(request)

    def cancelling(work: Work) -> str:
        commands.erasure.cancel(work, person_id, asker)
        return _back(asker, commands.person.get(work, person_id))

    flash = _("La demande d’effacement est retirée.")
    return redirect(request, act(request, form, cancelling), flash=flash)


@router.post("/people/{person_id}/erase/confirm", name="confirm-erasure")
def confirm(request: Request, person_id: UUID, form: FormData = Depends(submitted)) -> Response:
    _, decider = gettext_of(request), require(request)
    services = runtime_of(request).consortium.confirming_erasure

    def confirming(work: Work) -> str:
        back = _back(decider, commands.person.get(work, person_id))
        commands.erasure.confirm(work, person_id, decider, services)
        return "home" if back == "my-data" else back

    back = act(request, form, confirming)
    sweep_once(runtime_of(request))
    flash = _("C’est effacé ici ; chaque partenaire efface à son tour.")
    return redirect(request, back, flash=flash)
