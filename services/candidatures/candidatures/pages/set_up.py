"""Setting up a programme: its partners, people, editions and calls, for who coordinates it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from essaim import Person, Refusal, Role, Work
from essaim.people import directory
from essaim.text.file_errors import Path, WrongFile
from essaim.web import (
    act,
    gettext_of,
    may,
    path_for,
    redirect,
    render,
    require,
    runtime_of,
    submitted,
    today_of,
)
from essaim.web.expired import OURS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.call import Call
from candidatures.draft_change import ChangesDrafts
from candidatures.labels import CALL_STATES
from candidatures.pages.set_up_form import (
    SPARE_ROWS,
    Form,
    differing,
    french_of,
    inputs_of,
    read_part,
)
from candidatures.pages.set_up_forms import DEFAULTS, FORMS, form_of
from candidatures.pages.set_up_offers import offers
from candidatures.pages.visit import labels_of
from candidatures.person import seen_in
from candidatures.programme_export import Definition, written
from candidatures.programme_import import frozen_columns
from candidatures.set_up import (
    KEYS,
    PARTS_OF_A_CALL,
    code_for,
    codes_at,
    is_removable,
    mark_of,
    part_at,
    path_of,
    unknown_part,
    with_moved,
    with_new,
    with_part,
    without,
)
from candidatures.set_up_words import refusals_in

router = APIRouter(include_in_schema=False)


@router.get("/setup", name="set-ups")
def programmes(request: Request) -> Response:
    """The programmes she sets up."""
    require(request, Role.COORDINATOR)
    with runtime_of(request).read() as db:
        mine = [
            one
            for one in store.programme.every(db)
            if may(request, Role.COORDINATOR, programme=one.slug)
        ]
    return render(request, "set_ups.html", programmes=mine)


@router.get("/setup/{slug}", name="set-up")
def programme(request: Request, slug: str) -> Response:
    """All that a programme is made of, each part with the page that changes it."""
    _, person = gettext_of(request), _coordinator(request, slug)
    with runtime_of(request).read() as db:
        definition = commands.programme.definition(db, slug)
        calls = {call.slug: call for call in store.call.every(db) if call.programme == slug}
        names = _names(db, slug)
    return render(
        request,
        "set_up.html",
        definition=definition,
        calls=calls,
        names=names,
        state_labels=CALL_STATES,
        offered={kind: dict(found) for kind, found in _offers(request, definition, person).items()},
        forms=FORMS,
        day_of=date.fromisoformat,
    )


@router.get("/setup/{slug}/file", name="programme-file")
def file(request: Request, slug: str) -> Response:
    """The programme as a file; imported again, it changes nothing."""
    _coordinator(request, slug)
    with runtime_of(request).read() as db:
        text = written(commands.programme.definition(db, slug))
    headers = {"Content-Disposition": f'attachment; filename="{slug}.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)


# --- one part


@router.get("/setup/{slug}/part/{place:path}", name="set-up-part")
def show(request: Request, slug: str, place: str) -> Response:
    with runtime_of(request).read() as db:
        _coordinator(request, slug)
        definition = commands.programme.definition(db, slug)
        found = part_at(definition, path_of(definition, place))
        if place.startswith("people/"):
            found = {**found, **_as_she_is(db, slug, found["code"])}
    return _part_page(request, slug, place, inputs_of(found, _form(place)))


@router.post("/setup/{slug}/part/{place:path}")
def save(request: Request, slug: str, place: str, form: FormData = Depends(submitted)) -> Response:
    """Save one part; a part that somebody changed meanwhile is not written over."""
    asked, person = _form(place), _coordinator(request, slug)

    def changed(before: Definition) -> Definition:
        said = read_part(form, asked, part_at(before, path_of(before, place)))
        return with_part(before, place, said, str(form.get("shown", "")))

    try:
        _set_up(request, slug, form, changed, person)
    except ChangesDrafts as felt:
        return _ask_first(request, slug, place, form, felt)
    except (WrongFile, Refusal) as refusal:
        shown = _refused(request, slug, refusal, place)
        return _part_page(request, slug, place, inputs_of(read_part(form, asked, {}), asked), shown)
    return _back(request, slug, place)


@router.get("/setup/{slug}/new/{place:path}", name="set-up-new")
def new(request: Request, slug: str, place: str) -> Response:
    default = DEFAULTS.get(place.rpartition("/")[2], {})
    return _part_page(request, slug, place, inputs_of(default, _form(place)))


@router.post("/setup/{slug}/new/{place:path}")
def add(request: Request, slug: str, place: str, form: FormData = Depends(submitted)) -> Response:
    """Add a part to a list: its code is made of its name, and stays."""
    asked, person = _form(place), _coordinator(request, slug)
    said = read_part(form, asked, {})
    made: list[str] = []

    def changed(before: Definition) -> Definition:
        named = french_of(said.get(asked.named) or said.get("person") or "")
        code = code_for(named, codes_at(before, place))
        made.append(code)
        return with_new(before, place, {KEYS[place.rpartition("/")[2]]: code, **said})

    try:
        _set_up(request, slug, form, changed, person)
    except ChangesDrafts as felt:
        return _ask_first(request, slug, place, form, felt)
    except (WrongFile, Refusal) as refusal:
        shown = _refused(request, slug, refusal, place)
        return _part_page(request, slug, place, inputs_of(said, asked), shown)
    return _back(request, slug, f"{place}/{made[0]}" if made else place, added=True)


@router.post("/setup/{slug}/order/{place:path}", name="set-up-order")
def order(request: Request, slug: str, place: str, form: FormData = Depends(submitted)) -> Response:
    """Move a part of a call up or down, or take it out."""
    person = _coordinator(request, slug)
    shown, asked = str(form.get("shown", "")), str(form.get("act", ""))

    def changed(before: Definition) -> Definition:
        if asked == "remove":
            return without(before, place, shown)
        return with_moved(before, place, {"up": -1, "down": 1}.get(asked, 0), shown)

    try:
        _set_up(request, slug, form, changed, person)
    except ChangesDrafts as felt:
        return _ask_first(request, slug, place, form, felt)
    except (WrongFile, Refusal) as refusal:
        above = place.rpartition("/")[0].rpartition("/")[0]
        shown_refusal = _refused(request, slug, refusal, above)
        with runtime_of(request).read() as db:
            definition = commands.programme.definition(db, slug)
        call = part_at(definition, path_of(definition, above))
        return _part_page(request, slug, above, inputs_of(call, _form(above)), shown_refusal)
    return _back(request, slug, place)


def _set_up(
    request: Request,
    slug: str,
    form: FormData,
    change: commands.programme.Change,
    person: Person,
) -> None:
    def setting_up(work: Work) -> Any:
        confirmed = form.get("confirmed") == "yes"
        return commands.programme.set_up(work, slug, change, person, confirmed=confirmed).as_json()

    act(request, form, setting_up)


def _ask_first(
    request: Request, slug: str, place: str, form: FormData, felt: ChangesDrafts
) -> Response:
    """What a change does to drafts, and the same form to send again once that was read."""
    with runtime_of(request).read() as db:
        head = commands.programme.definition(db, slug)["programme"]
    effects = [
        (one, labels_of(request, one.before) | labels_of(request, one.after))
        for one in felt.effects
    ]
    above = place if len(place.split("/")) % 2 == 0 else place.rpartition("/")[0]
    part = path_for(request, "set-up-part", slug=slug, place=above) if above else None
    return render(
        request,
        "drafts_changed.html",
        programme=head,
        slug=slug,
        effects=effects,
        typed=[(name, value) for name, value in form.multi_items() if name not in OURS],
        back=part or path_for(request, "set-up", slug=slug),
    )


def _refused(request: Request, slug: str, why: Refusal, place: str) -> Refusal:
    """A refusal as the form shows it, beside its inputs.

    Raises:
        Refusal: it is of the whole page: what is not there, or not hers.
    """
    if isinstance(why, WrongFile):
        with runtime_of(request).read() as db:
            return refusals_in(why, _written_at(commands.programme.definition(db, slug), place))
    if why.status in (409, 422):
        return why
    raise why


def _written_at(definition: Definition, place: str) -> Path:
    """Where the part of a form stands, one that is new behind the last of its list."""
    if len(place.split("/")) % 2 == 0 or place == "programme":
        return path_of(definition, place)
    above, _, kind = place.rpartition("/")
    owner = path_of(definition, above) if above else ()
    return (*owner, kind, len(part_at(definition, owner).get(kind, [])))


def _back(request: Request, slug: str, place: str, *, added: bool = False) -> Response:
    """To the page that lists the part; to its own where it has parts below, and is new."""
    _ = gettext_of(request)
    steps, said = place.split("/"), _("C’est enregistré.")
    if added and FORMS[steps[-2]].below:
        return redirect(request, "set-up-part", slug=slug, place=place, flash=said)
    if len(steps) > 2:
        above = "/".join(steps[:-2])
        return redirect(request, "set-up-part", slug=slug, place=above, flash=said)
    return redirect(request, "set-up", slug=slug, flash=said)


def _part_page(
    request: Request,
    slug: str,
    place: str,
    inputs: Mapping[str, Any],
    refusal: Refusal | None = None,
) -> Response:
    person, asked = _coordinator(request, slug), _form(place)
    with runtime_of(request).read() as db:
        definition = commands.programme.definition(db, slug)
        is_new = len(place.split("/")) % 2 == 1 and place != "programme"
        part = {} if is_new else part_at(definition, path_of(definition, place))
        call = _call_of(db, place)
        drafts = store.application.counts_of_call(db, call.id).get("draft", 0) if call else 0
    kept = inputs_of(part, asked)
    return render(
        request,
        "set_up_part.html",
        refusal=refusal,
        programme=definition["programme"],
        slug=slug,
        place=place,
        above=_above(definition, place),
        asked=asked,
        forms=FORMS,
        keys=KEYS,
        ordered=PARTS_OF_A_CALL,
        part=part,
        is_new=is_new,
        is_removable=not is_new and is_removable(place),
        inputs=inputs,
        kept=kept,
        differing=differing(kept, inputs, asked) if refusal else [],
        frozen=_frozen(call) if place.split("/")[-2:-1] == ["calls"] else (),
        offered=_offers(request, definition, person, part, place),
        spare=SPARE_ROWS,
        mark_of=mark_of,
        call=call,
        drafts=drafts,
    )


def _form(place: str) -> Form:
    found = form_of(place)
    if found is None:
        raise unknown_part(place)
    return found


def _above(definition: Definition, place: str) -> list[tuple[str, str, Definition]]:
    """What the part stands in, the outermost first: its kind, its place, and what it says."""
    steps = place.split("/")
    found = []
    for end in range(2, len(steps), 2):
        at = "/".join(steps[:end])
        found.append((steps[end - 2], at, part_at(definition, path_of(definition, at))))
    return found


def _call_of(db: sa.Connection, place: str) -> Call | None:
    steps = place.split("/")
    return store.call.find(db, steps[3]) if len(steps) > 3 and steps[2] == "calls" else None


def _frozen(call: Call | None) -> tuple[str, ...]:
    """What no longer changes in a call that opened."""
    if call is None:
        return ()
    return frozen_columns({"opened_at": call.opened_at, "closed_at": call.closed_at})


def _offers(
    request: Request,
    definition: Definition,
    person: Person,
    part: Definition | None = None,
    place: str = "",
) -> dict[str, list[tuple[str, str]]]:
    """An operator's role stands in her own page, for whoever opens it."""
    part = part or {}
    held = {one["role"] for one in part.get("roles", [])}
    by_operator = person.holds({Role.OPERATOR}, today_of(request)) or Role.OPERATOR in held
    around = _call_around(definition, place)
    return offers(definition, part, around, gettext_of(request), by_operator=by_operator)


def _call_around(definition: Definition, place: str) -> Definition:
    """The call in which a part stands, itself included; empty where it stands in none."""
    steps = place.split("/")
    if len(steps) < 4 or steps[2] != "calls":
        return {}
    return part_at(definition, path_of(definition, "/".join(steps[:4])))


def _coordinator(request: Request, slug: str) -> Person:
    return require(request, Role.COORDINATOR, programme=slug)


def _names(db: sa.Connection, slug: str) -> dict[str, str]:
    """What the directory calls the persons of a programme now, by their codes."""
    ids = store.programme.people_of(db, slug)
    names = directory.names_of(db, ids.values())
    return {code: names[id] for code, id in ids.items() if id in names}


def _as_she_is(db: sa.Connection, slug: str, code: str) -> Definition:
    """Who a person is now, as her programme sees her: she may have changed it herself since."""
    person = directory.find_person(db, store.programme.people_of(db, slug)[code])
    if person is None:
        return {}
    filed = store.programme.filed(db, [person.id]).get(person.id, ())
    entered = person.id in store.programme.entered_by(db, slug)
    person = seen_in(slug, person, filed, entered=entered)
    said = {name: getattr(person, name) for name in ("name", "email", "phone", "language")}
    return {name: value for name, value in said.items() if value}
