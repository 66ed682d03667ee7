"""The operator's page of who takes part: what `essaim partner` does, asked of the operator's desk.

It stands where the directory is kept, which is where operators sign in. The desk decides.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import structlog
from essaim_contracts.questions import Question
from essaim_contracts.words import FACT_TYPES, Words
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from essaim.broker.asking import AskFailed
from essaim.consortium.file import parse
from essaim.consortium.partners import Consortium, Partner, Reader, is_forgetting
from essaim.consortium.rules import EVERYTHING
from essaim.operating.acts import Act, key_made_at
from essaim.operating.joining import ALREADY_DONE, find
from essaim.operating.questions import Done, HandOver, LetJoin, LookAround, Looked, Revoke
from essaim.operating.seen import Seen
from essaim.people.directory import names_of
from essaim.person import Person, Role
from essaim.refusal import Refusal, Refusals
from essaim.text.languages import N_
from essaim.web.forms import read_form, submitted
from essaim.web.pages import redirect, render
from essaim.web.site import gettext_of, language_of, runtime_of
from essaim.web.visitors import allowed
from essaim.web.written import Body

log = structlog.get_logger()

router = APIRouter(prefix="/admin/partners", include_in_schema=False)

A = TypeVar("A", bound=BaseModel)
Operator = Annotated[Person, Depends(allowed(Role.OPERATOR))]
Form = Annotated[FormData, Depends(submitted)]
Kind = Literal["service", "reader"]


@dataclass(frozen=True)
class Desk:
    """What the desk says; while it does not answer, what this service knows by itself."""

    consortium: Consortium
    seen: Mapping[str, Seen]
    acts: tuple[Act, ...]
    silent: str = ""
    """Why the broker does not say who is there."""
    answers: bool = True

    def of(self, who: Partner | Reader) -> dict[str, Any]:
        """What a page says of one of them."""
        return {
            "who": who,
            "is_service": isinstance(who, Partner),
            "is_here": who.name in self.consortium.here,
            "seen": self.seen.get(who.name, Seen()),
            "key_made_at": key_made_at(self.acts, who.name),
        }


@router.get("", name="partners")
def everybody(request: Request, _: Operator) -> Response:
    """Who takes part, and how each was seen."""
    desk = _look(request)
    rows = [desk.of(one) for one in desk.consortium.everybody]
    return render(request, "chassis/partners.html", desk=desk, rows=rows)


@router.get("/new/{kind}", name="new-partner")
def new(request: Request, kind: Kind, _: Operator) -> Response:
    return _form(request, kind, {})


@router.post("/new/{kind}", name="add-partner")
def add(request: Request, kind: Kind, person: Operator, form: Form) -> Response:
    """Leads to its folder: without that nobody has its key."""
    try:
        said = read_form(form, _FORMS[kind])
        if isinstance(said, _ServiceForm):
            _check_described(said, runtime_of(request).consortium)
        asked = LetJoin(
            **_asked(request, person, form),
            name=said.name,
            is_service=kind == "service",
            values=said.values,
        )
        _act(request, asked)
    except Refusal as refusal:
        if refusal.code != ALREADY_DONE:
            return _form(request, kind, form, refusal)
    _ = gettext_of(request)
    words = _("C’est noté : il ne manque que le dossier, avec sa clé.")
    return redirect(request, "partner-folder", name=str(form.get("name", "")).strip(), flash=words)


@router.get("/{name}", name="partner")
def one(request: Request, name: str, _: Operator) -> Response:
    """What one of them may do, exactly, and what was done about it."""
    desk = _look(request)
    who = find(desk.consortium, name)
    acts = [act for act in reversed(desk.acts) if act.name == name]
    return render(
        request,
        "chassis/partner.html",
        desk=desk,
        acts=acts,
        people=_people(request, acts),
        what=WHAT,
        types=FACT_TYPES,
        asked=_asked_by(desk.consortium, who),
        **desk.of(who),
    )


@router.get("/{name}/folder", name="partner-folder")
def before_folder(request: Request, name: str, _: Operator) -> Response:
    """Asks first: the former key opens nothing from then on."""
    return _folder(request, name)


@router.post("/{name}/folder")
def folder(request: Request, name: str, person: Operator, form: Form) -> Response:
    """The folder with its new key, which is nowhere else: it is made and given in one go."""
    try:
        done = _act(request, HandOver(**_asked(request, person, form), name=name))
    except Refusal as refusal:
        return _folder(request, name, refusal)
    if not done.folder:
        _ = gettext_of(request)
        words = _("{name} prend sa nouvelle clé de lui-même.", name=name)
        return redirect(request, "partner", name=name, flash=words)
    return Response(
        b64decode(done.folder),
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.zip"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/{name}/revoke", name="revoke-partner")
def before_revoking(request: Request, name: str, _: Operator) -> Response:
    """Asks first, and says what it will stop and what not."""
    return _revoking(request, name)


@router.post("/{name}/revoke")
def revoke(request: Request, name: str, person: Operator, form: Form) -> Response:
    try:
        _act(request, Revoke(**_asked(request, person, form), name=name))
    except Refusal as refusal:
        if refusal.code != ALREADY_DONE:
            return _revoking(request, name, refusal)
    _ = gettext_of(request)
    words = _("{name} est refusé à partir de maintenant.", name=name)
    return redirect(request, "partner", name=name, flash=words)


# ---- what is asked of the desk


def _ask(request: Request, question: Question[A]) -> A:
    """
    Raises:
        AskFailed: the desk does not answer, or failed.
    """
    try:
        return runtime_of(request).ask_blocking(question)
    except TimeoutError as error:
        raise AskFailed(question.subject, "no answer in time") from error


def _look(request: Request) -> Desk:
    try:
        looked: Looked = _ask(request, LookAround())
    except AskFailed as failure:
        log.warning("the operator's desk does not answer", reason=str(failure))
        return Desk(runtime_of(request).consortium, {}, (), answers=False)
    return Desk(parse(looked.consortium, {}), looked.seen, looked.acts, looked.silent)


def _act(request: Request, question: Question[Done]) -> Done:
    """
    Raises:
        Refusals: the desk does not answer, or will not; in the words of the asker.
    """
    try:
        done = _ask(request, question)
    except AskFailed as failure:
        log.warning("the operator's desk does not answer", reason=str(failure))
        raise _no_desk() from failure
    if done.refused is None:
        return done
    code, status = done.refused.code, done.refused.status
    raise Refusals(
        [
            Refusal(
                code, _SAID_BY_THE_DESK, field=_FIELDS.get(field or ""), status=status, said=words
            )
            for field, words in done.refused.sentences
        ]
    )


_SAID_BY_THE_DESK = "{said}"


def _asked(request: Request, person: Person, form: FormData) -> dict[str, Any]:
    key = str(form.get("command_key", ""))
    return {"by": person.id, "key": key, "language": language_of(request)}


# ---- forms


class Reads(StrEnum):
    ALL = "all"
    CHOSEN = "chosen"


class _ReaderForm(Body):
    name: str
    organisation: str
    reads: Reads = Reads.CHOSEN
    types: tuple[str, ...] = ()
    programmes: str = ""
    one_at_a_time: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """Its entry of the consortium file."""
        reads = [EVERYTHING] if self.reads is Reads.ALL else list(self.types)
        values: dict[str, Any] = {"organisation": self.organisation, "reads": reads}
        if self.one_at_a_time:
            values["one_at_a_time"] = True
        return values | _programmes(self.programmes)


class _ServiceForm(Body):
    name: str
    organisation: str
    pages: str = ""
    programmes: str = ""
    title_fr: str = ""
    title_en: str = ""
    purpose_fr: str = ""
    purpose_en: str = ""
    says: str = ""
    types: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """Its entry of the consortium file; of one of ours, what it does not say by itself."""
        values: dict[str, Any] = {"organisation": self.organisation}
        if self.pages:
            values["pages"] = self.pages
        if self.title_fr or self.title_en:
            values |= {
                "title": {"fr": self.title_fr, "en": self.title_en},
                "purpose": {"fr": self.purpose_fr, "en": self.purpose_en},
                "says": _words_in(self.says),
                "hears": list(self.types),
            }
        return values | _programmes(self.programmes)


_FORMS: dict[str, type[_ReaderForm] | type[_ServiceForm]] = {
    "reader": _ReaderForm,
    "service": _ServiceForm,
}
_FIELDS = {
    "service": "name", "name": "name", "organisation": "organisation", "pages": "pages",
    "programmes": "programmes", "title": "title_fr", "purpose": "purpose_fr", "says": "says",
    "hears": "types", "reads": "types",
}  # fmt: skip
"""The field of a form in which a key of an entry is filled in."""


def _check_described(said: _ServiceForm, consortium: Consortium) -> None:
    """
    Raises:
        Refusal: it is not one of ours, and nothing says what it is.
    """
    if consortium.find(said.name) is None and "title" not in said.values:
        raise _not_described(said.name, consortium)


def _not_described(name: str, consortium: Consortium) -> Refusal:
    return Refusal(
        "service_not_described",
        "« {name} » n’est pas un service d’ici ({there}). S’il est bien à ce partenaire, dites son "
        "nom en français et en anglais, ce qu’il fait, les faits qu’il dit et ceux qu’il entend.",
        field="title_fr",
        status=422,
        name=name,
        there=", ".join(consortium.services),
    )


def _words_in(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _programmes(text: str) -> dict[str, Any]:
    return {"programmes": _words_in(text)} if text.strip() else {}


def _form(
    request: Request, kind: str, shown: Mapping[str, Any] | FormData, refusal: Refusal | None = None
) -> Response:
    desk = _look(request)
    chosen = shown.getlist("types") if isinstance(shown, FormData) else []
    empty = dict.fromkeys(_FORMS[kind].model_fields, "")
    return render(
        request,
        f"chassis/partner_new_{kind}.html",
        refusal=refusal,
        desk=desk,
        shown=empty | dict(shown) | {"types": chosen},
        choices=_facts(desk.consortium, language_of(request)),
        handed_over=[one for one in desk.consortium.here if one != desk.consortium.keeper],
    )


def _facts(consortium: Consortium, language: str) -> list[tuple[str, str]]:
    """The types somebody may hear; that a service forgot a person is for the keeper alone."""
    types = sorted(one for one in consortium.said if not is_forgetting(one))
    return [(type, FACT_TYPES.get(type, Words(type, type)).label(language)) for type in types]


# ---- pages


def _folder(request: Request, name: str, refusal: Refusal | None = None) -> Response:
    desk = _look(request)
    who = find(desk.consortium, name)
    return render(
        request, "chassis/partner_folder.html", refusal=refusal, desk=desk, **desk.of(who)
    )


def _revoking(request: Request, name: str, refusal: Refusal | None = None) -> Response:
    desk = _look(request)
    who = find(desk.consortium, name)
    return render(
        request, "chassis/partner_revoke.html", refusal=refusal, desk=desk, **desk.of(who)
    )


def _people(request: Request, acts: list[Act]) -> dict[str, str]:
    """The names of who acted, by id."""
    with runtime_of(request).read() as db:
        found = names_of(db, {UUID(act.by) for act in acts if act.by})
    return {str(id): name for id, name in found.items()}


def _asked_by(consortium: Consortium, who: Partner | Reader) -> list[Partner]:
    """The partners whose questions it may ask."""
    if isinstance(who, Reader):
        return []
    others = [one for one in consortium.partners if one is not who]
    return [one for one in others if who.asks is None or one.service in who.asks]


WHAT = {
    "added": N_("Ajouté"),
    "rotated": N_("Nouvelle clé"),
    "revoked": N_("Révoqué"),
    "rewritten": N_("Fichier récrit à la main"),
}


def _no_desk() -> Refusal:
    return Refusal(
        "no_desk",
        "Rien n’a changé : le bureau de l’exploitation ne répond pas. Vérifiez qu’il tourne "
        "(« essaim desk »), ou passez par la commande « essaim partner ».",
        status=503,
    )
