"""Letters held until somebody has read them: which are, what they are gathered under, what may be
done with them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from essaim.refusal import Refusal
from essaim.text.languages import N_

from notifications.message import LINKS, METHODS, PERISHABLE, Message, Template, Text

ALWAYS_HELD = frozenset({Template.LETTER})
"""What somebody has just written is read once more before it leaves."""
HELD_AT_FIRST = frozenset({Template.APPLICATION_DECIDED})
"""Held while a programme has not chosen: what the committee answers is read by somebody first."""

FOLLOWS_THE_ANSWER = frozenset(
    {Template.COHORT_WELCOME, Template.PLACE_OFFERED, Template.HANDOVER_PROPOSED}
)
"""What would say the committee's answer before its letter does: held as long as that is."""

_OF_THE_NETWORK = frozenset(
    {
        Template.ERASURE_ASKED,
        Template.ERASURE_TAKEN_BACK,
        Template.RETENTION_ANNOUNCED,
        Template.WEBHOOK_FAILING,
        Template.WEBHOOK_STOPPED,
    }
)

LONGEST_SUBJECT = 200
LONGEST_BODY = 10_000
MOST_AT_ONCE = 5_000


def why_at_once(template: Template) -> str | None:
    """Why this one never waits for a reader's eye, as a French sentence; None when it may."""
    if template in LINKS:
        return N_("Quelqu’un attend ce lien devant son écran.")
    if template in PERISHABLE:
        return N_("Un rappel relu trop tard ne rappelle rien.")
    if template in _OF_THE_NETWORK:
        return N_("Ce message protège des personnes ou prévient d’une panne : il n’attend pas.")
    return None


def is_held(template: Template, chosen: Mapping[str, bool]) -> bool:
    """Whether a new letter waits to be read. `chosen` is what its programme said, by template."""
    if template in ALWAYS_HELD or why_at_once(template):
        return template in ALWAYS_HELD
    return chosen.get(template, template in HELD_AT_FIRST)


def occasion_of(template: Template, about_id: UUID, details: Mapping[str, Any]) -> str:
    """What a letter is gathered under: its template, and which answer of the committee it is.

    A letter to many is an occasion of its own.
    """
    if template == Template.LETTER:
        return f"{template}:{about_id}"
    case = details.get("decision") if template == Template.APPLICATION_DECIDED else None
    return f"{template}:{case}" if case else template.value


def split_occasion(occasion: str) -> tuple[str, str]:
    """The template of an occasion and its case, which may be empty."""
    template, _, case = occasion.partition(":")
    return template, case


_ONE_VOICE = (
    frozenset(
        {Template.APPLICATION_DECIDED, Template.PLACE_OFFERED, Template.APPLICATION_WITHDRAWN}
    ),
    frozenset(METHODS),
)


def said_with(template: Template) -> frozenset[str]:
    """The templates of which the last about one thing takes the place of those before."""
    found = (voice for voice in _ONE_VOICE if template in voice)
    return next(found, frozenset({template}))


def fingerprint(ids: Iterable[UUID]) -> str:
    """What tells one selection of letters from another: somebody confirms what she was shown."""
    said = "\n".join(sorted(str(id) for id in ids))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def revision(text: Text | None) -> str:
    """What tells one state of a letter's text from another."""
    said = f"{text.subject}\n\n{text.body}" if text else ""
    return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Parted:
    """Letters to send: those that leave, and those that say the same as one of them."""

    leaving: tuple[Message, ...]
    identical: tuple[Message, ...]


def part(letters: Iterable[Message]) -> Parted:
    """What says the same to the same person leaves once. An invitation is of one session alone."""
    leaving: dict[object, Message] = {}
    identical = []
    for letter in letters:
        page = letter.details.get("page")
        same = (letter.recipient_id, letter.template, letter.subject, letter.body, str(page))
        key = letter.id if letter.template in METHODS or letter.text is None else same
        if key in leaving:
            identical.append(letter)
        else:
            leaving[key] = letter
    return Parted(tuple(leaving.values()), tuple(identical))


def edited_text(subject: str, body: str) -> Text:
    """A text as somebody wrote it: one line of subject, blocks with one empty line between.

    Raises:
        Refusal: (422) the one or the other is empty or too long.
    """
    subject = " ".join(subject.split())
    blocks = (block.strip() for block in body.replace("\r", "").split("\n\n"))
    body = "\n\n".join(block for block in blocks if block)
    for field, text, longest in (
        ("subject", subject, LONGEST_SUBJECT),
        ("body", body, LONGEST_BODY),
    ):
        if not text:
            raise text_missing(field)
        if len(text) > longest:
            raise text_too_long(field, len(text), longest)
    return Text(subject, body)


def text_missing(field: str) -> Refusal:
    return Refusal("text_missing", "Écrivez ce texte : il est vide.", field=field, status=422)


def text_too_long(field: str, length: int, longest: int) -> Refusal:
    return Refusal(
        "text_too_long",
        "Ce texte a {length} signes, {longest} au plus. Raccourcissez-le.",
        field=field,
        status=422,
        length=length,
        longest=longest,
    )


def message_not_held() -> Refusal:
    return Refusal(
        "message_not_held",
        "Ce message n’est plus retenu : il a été envoyé, écarté ou remplacé entre-temps.",
    )


def outbox_changed() -> Refusal:
    return Refusal(
        "outbox_changed",
        "Les messages retenus ont changé depuis que cette page les a montrés. Relisez ce qui "
        "partira, puis confirmez de nouveau : rien n’est parti.",
    )


def nothing_held() -> Refusal:
    return Refusal("nothing_held", "Aucun message retenu ne correspond : rien n’est à faire.")


def nothing_named() -> Refusal:
    return Refusal(
        "nothing_named",
        "Nommez des messages (messages), ou une occasion d’un programme (programme, occasion) : "
        "sans rien, rien ne part.",
        status=422,
    )


def too_many_held(number: int) -> Refusal:
    return Refusal(
        "too_many_held",
        "{number} messages d’un coup, {most} au plus. Choisissez une partie d’entre eux.",
        number=number,
        most=MOST_AT_ONCE,
    )


def text_changed() -> Refusal:
    return Refusal(
        "text_changed",
        "Ce texte a changé depuis que vous l’avez ouvert. Le vôtre est gardé ici, et le texte "
        "actuel est montré au-dessus : reprenez ce qu’il faut, puis enregistrez de nouveau.",
    )


def letter_changed() -> Refusal:
    return Refusal(
        "letter_changed",
        "Ce message a changé depuis que vous l’avez lu. Le voici comme il est : relisez-le, puis "
        "envoyez-le.",
    )


def address_not_proved() -> Refusal:
    return Refusal(
        "address_not_proved",
        "Cette personne n’a pas encore confirmé son adresse : on ne peut lui écrire librement, "
        "elle ne reçoit que le texte du modèle. Elle la confirme en se connectant une fois.",
    )


def message_not_written() -> Refusal:
    return Refusal(
        "message_not_written",
        "Ce message n’est pas encore rédigé : l’annuaire ne connaît pas l’adresse de la personne. "
        "Complétez-la, le texte s’écrira de lui-même.",
    )


def always_held() -> Refusal:
    return Refusal(
        "always_held",
        "Une lettre écrite à plusieurs est toujours relue avant de partir.",
        field="held",
        status=422,
    )


def never_held(template: str) -> Refusal:
    return Refusal(
        "never_held",
        "Le message « {template} » part toujours aussitôt : on ne peut pas le retenir.",
        field="held",
        status=422,
        template=template,
    )
