"""What the keeping of an edition's data counts from: its last payment, and what suspends it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from essaim import Refusal, Role, Work
from essaim.retention.clocks import clocks_in
from essaim.web import (
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
from essaim_contracts.words import SUSPENSION_REASONS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.programme import Edition
from candidatures.retention import not_yours_to_keep, unknown_edition
from candidatures.schemas.retention import ClockBody

router = APIRouter(include_in_schema=False)


@router.get("/retention/editions", name="edition-clocks")
def editions(request: Request) -> Response:
    """The editions whose keeping she may say something of."""
    require(request, Role.COORDINATOR)
    with runtime_of(request).read() as db:
        mine = [
            (programme, store.programme.editions_of(db, programme.slug))
            for programme in store.programme.every(db)
            if may(request, Role.COORDINATOR, programme=programme.slug)
        ]
        clocks = clocks_in(db)
    return render(
        request, "edition_clocks.html", programmes=mine, clocks=clocks, reasons=SUSPENSION_REASONS
    )


@router.get("/retention/editions/{edition_id}", name="edition-clock")
def clock_page(request: Request, edition_id: UUID) -> Response:
    with runtime_of(request).read() as db:
        edition = store.programme.edition_of(db, edition_id)
        clock = clocks_in(db).get(edition_id)
    return _form(request, edition, vars(clock) if clock else {})


def _form(
    request: Request,
    edition: Edition | None,
    values: Mapping[str, Any],
    refusal: Refusal | None = None,
) -> Response:
    _ = gettext_of(request)
    require(request, Role.COORDINATOR)
    if edition is None:
        raise unknown_edition()
    if not may(request, Role.COORDINATOR, programme=edition.programme):
        raise not_yours_to_keep()
    with runtime_of(request).read() as db:
        programme = store.programme.find(db, edition.programme)
    return render(
        request,
        "edition_clock.html",
        refusal=refusal,
        edition=edition,
        programme=programme,
        values=values,
        suspensions=[(code, _(words)) for code, words in SUSPENSION_REASONS.items()],
    )


@router.post("/retention/editions/{edition_id}")
def save(request: Request, edition_id: UUID, form: FormData = Depends(submitted)) -> Response:
    _, person = gettext_of(request), require(request)

    def saving(work: Work) -> None:
        body = read_form(form, ClockBody)
        commands.retention.set_clock(
            work, edition_id, body.last_payment_on, body.suspended_for, person
        )

    try:
        act(request, form, saving)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        with runtime_of(request).read() as db:
            edition = store.programme.edition_of(db, edition_id)
        return _form(request, edition, dict(form), refusal)
    return redirect(request, "edition-clocks", flash=_("C’est dit à tous les partenaires."))
