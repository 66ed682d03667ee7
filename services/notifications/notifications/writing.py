"""A letter to many: to whom it may be written, what it says, who is left out and why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.text.languages import N_
from essaim.text.mail_address import comparable_address

from notifications.message import Template
from notifications.notice import Notice
from notifications.outbox import LONGEST_BODY, LONGEST_SUBJECT, text_missing, text_too_long


class Standing(StrEnum):
    """Where an application stands, by which those who sent it are chosen."""

    RECEIVED = "received"
    UNDECIDED = "undecided"
    SELECTED = "selected"
    WAITING_LIST = "waiting_list"
    REORIENTED = "reoriented"
    REFUSED = "refused"


ROLES = (Role.BEARER, Role.GODPARENT, Role.MENTOR, Role.SPEAKER, Role.COMMITTEE_MEMBER, Role.FUNDER)
"""Those that one may write to together, beside applicants and cohorts."""


class LeftOut(StrEnum):
    """Why somebody of an audience is not written to."""

    NO_ADDRESS = "no_address"
    NOT_PROVED = "not_proved"
    COMES_BACK = "comes_back"
    SWITCHED_OFF = "switched_off"


WHY_LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.NO_ADDRESS: N_("l’annuaire n’a pas son adresse"),
    LeftOut.NOT_PROVED: N_("son adresse n’est pas confirmée : on n’y écrit pas librement"),
    LeftOut.COMES_BACK: N_("les messages à cette adresse reviennent : téléphonez"),
    LeftOut.SWITCHED_OFF: N_("ne souhaite pas recevoir ces lettres"),
}


@dataclass(frozen=True)
class Audience:
    """Whom a letter is for: `call:<id>:<standing>`, `cohort:<id>` or `role:<role>` as a code."""

    kind: str
    of_id: UUID | None = None
    standing: Standing | None = None
    role: Role | None = None

    @property
    def code(self) -> str:
        return ":".join(
            str(one) for one in (self.kind, self.of_id, self.standing, self.role) if one
        )


def read_audience(code: str) -> Audience:
    """
    Raises:
        Refusal: (422) the code names no audience.
    """
    kind, _, rest = code.partition(":")
    try:
        if kind == "call":
            id, _, standing = rest.partition(":")
            return Audience(kind, UUID(id), Standing(standing))
        if kind == "cohort":
            return Audience(kind, UUID(rest))
        if kind == "role" and Role(rest) in ROLES:
            return Audience(kind, role=Role(rest))
    except ValueError:
        pass
    raise unknown_audience()


@dataclass(frozen=True)
class Said:
    """What a letter says in one language: its subject, and its paragraphs and list items."""

    subject: str
    blocks: tuple[str, ...]


def read_said(language: str, subject: str, body: str) -> Said | None:
    """A letter as somebody typed it; None where she typed nothing at all.

    Raises:
        Refusal: (422) one half is missing, or too long.
    """
    subject, body = " ".join(subject.split()), body.strip()
    if not subject and not body:
        return None
    for field, text, longest in (
        (f"subject_{language}", subject, LONGEST_SUBJECT),
        (f"body_{language}", body, LONGEST_BODY),
    ):
        if not text:
            raise text_missing(field)
        if len(text) > longest:
            raise text_too_long(field, len(text), longest)
    return Said(subject, tuple(_blocks(body)))


def _blocks(body: str) -> Iterable[str]:
    for block in re.split(r"\n\s*\n|\n(?=[–-] )", body.replace("\r", "")):
        one_line = " ".join(block.split())
        if one_line:
            yield re.sub(r"^- ", "– ", one_line)


@dataclass(frozen=True)
class Chosen:
    """Who is written to, and who is not and why; by name."""

    readers: tuple[Person, ...]
    left_out: tuple[tuple[Person, LeftOut], ...]
    unknown: int = 0
    """How many of the audience the directory does not know."""


def choose(
    people: Iterable[Person], switched_off: frozenset[UUID], bounced: set[str], unknown: int
) -> Chosen:
    """Part an audience: free words go to proved addresses alone, and to who wants them."""
    readers, left_out = [], []
    for person in people:
        why = _why_not(person, switched_off, bounced)
        if why is None:
            readers.append(person)
        else:
            left_out.append((person, why))
    return Chosen(tuple(readers), tuple(left_out), unknown)


def _why_not(person: Person, switched_off: frozenset[UUID], bounced: set[str]) -> LeftOut | None:
    if not person.email:
        return LeftOut.NO_ADDRESS
    if comparable_address(person.email) in bounced:
        return LeftOut.COMES_BACK
    if not person.email_proved:
        return LeftOut.NOT_PROVED
    return LeftOut.SWITCHED_OFF if person.id in switched_off else None


def letters(id: UUID, texts: Mapping[str, Said | None], readers: Iterable[Person]) -> list[Notice]:
    """One held letter for each reader; it is in French where there is no English."""
    details = details_of(texts)
    return [Notice(reader.id, Template.LETTER, id, details) for reader in readers]


def details_of(texts: Mapping[str, Said | None]) -> dict[str, Any]:
    """What the template is filled with."""
    written = {
        language: {"subject": one.subject, "blocks": list(one.blocks)}
        for language, one in texts.items()
        if one
    }
    return {"said": written}


SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.LETTER: {
        "": {
            "said": {
                "fr": {
                    "subject": "La remise des trophées",
                    "blocks": [
                        "Elle aura lieu le 19 janvier à 18 h, à la Maison des coopératives.",
                        "Dites-nous combien vous serez.",
                    ],
                },
                "en": {
                    "subject": "The award ceremony",
                    "blocks": [
                        "It takes place on 19 January at 6 pm, at the Maison des coopératives.",
                        "Tell us how many of you will come.",
                    ],
                },
            },
            "programme_name": "Prémices.coop",
        },
    },
}
"""What the text looks like, with invented values."""


def unknown_audience() -> Refusal:
    return Refusal(
        "unknown_audience",
        "Choisissez à qui écrire parmi les groupes proposés.",
        field="audience",
        status=422,
    )


def text_needed() -> Refusal:
    return Refusal(
        "text_needed",
        "Écrivez la lettre en français : c’est elle que reçoit qui n’a pas choisi l’anglais.",
        field="body_fr",
        status=422,
    )


def nobody_to_write_to() -> Refusal:
    return Refusal(
        "nobody_to_write_to",
        "Personne de ce groupe ne peut recevoir cette lettre : adresses absentes ou non "
        "confirmées. La liste dit pourquoi pour chacun.",
        field="audience",
        status=422,
    )


def audience_changed() -> Refusal:
    return Refusal(
        "audience_changed",
        "Ce groupe a changé depuis l’aperçu. Relisez à qui la lettre ira, puis confirmez.",
        field="audience",
    )
