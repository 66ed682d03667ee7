"""The edition to come, made as a copy of the last one: its dates are shown before it is made."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from essaim import Refusal, Role, Work
from essaim.clock import in_paris
from essaim.refusal import Refusals
from essaim.text.file_errors import WrongFile
from essaim.web import (
    act,
    gettext_of,
    read_form,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands
from candidatures.labels import EDITION_DATES
from candidatures.schemas.set_up import CopyForm
from candidatures.set_up import Copy, moved_dates, next_edition, with_copy

router = APIRouter(include_in_schema=False)


@router.get("/setup/{slug}/next-edition", name="next-edition")
def shown(request: Request, slug: str) -> Response:
    """The dates as they would be; asked again with other answers, other dates."""
    return _page(request, slug, {**_usual(request, slug), **request.query_params})


@router.post("/setup/{slug}/next-edition")
def make(request: Request, slug: str, form: FormData = Depends(submitted)) -> Response:
    """Make the edition, with its calls; each is then changed in its own page."""
    _, person = gettext_of(request), require(request, Role.COORDINATOR, programme=slug)

    def making(work: Work) -> Any:
        asked = read_form(form, CopyForm)
        copy = Copy(asked.number, asked.year, asked.opens_on)
        return commands.programme.set_up(
            work, slug, lambda before: with_copy(before, copy), person
        ).as_json()

    try:
        act(request, form, making)
    except WrongFile as wrong:
        refused = Refusals([error.why for error in wrong.errors])
        return _page(request, slug, dict(form), refused)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return _page(request, slug, dict(form), refusal)
    said = _("L’édition est prête. Relisez ses appels avant leur ouverture.")
    place = f"editions/{form.get('number', '')}"
    return redirect(request, "set-up-part", slug=slug, place=place, flash=said)


def _usual(request: Request, slug: str) -> dict[str, Any]:
    """A year after the last edition; for the first one, this year."""
    require(request, Role.COORDINATOR, programme=slug)
    with runtime_of(request).read() as db:
        copy = next_edition(commands.programme.definition(db, slug))
    today = today_of(request)
    return vars(copy or Copy(1, today.year, today))


def _page(
    request: Request, slug: str, values: Mapping[str, Any], refusal: Refusal | None = None
) -> Response:
    require(request, Role.COORDINATOR, programme=slug)
    with runtime_of(request).read() as db:
        definition = commands.programme.definition(db, slug)
    copy = _copy_of(values)
    return render(
        request,
        "next_edition.html",
        refusal=refusal,
        programme=definition["programme"],
        has_editions="editions" in definition,
        values=values,
        moved=moved_dates(definition, copy) if copy else [],
        when=_when,
        date_labels=EDITION_DATES,
    )


def _copy_of(values: Mapping[str, Any]) -> Copy | None:
    """What was asked; None where it is no copy yet, which the form says when it is sent."""
    opens_on = values.get("opens_on")
    try:
        day = opens_on if isinstance(opens_on, date) else date.fromisoformat(str(opens_on))
        return Copy(int(values["number"]), int(values["year"]), day)
    except (KeyError, ValueError):
        return None


def _when(value: str) -> date | datetime:
    """A date of the file: a day, or an instant in Paris."""
    if len(value) == len("2020-01-15"):
        return date.fromisoformat(value)
    return in_paris(datetime.fromisoformat(value))
