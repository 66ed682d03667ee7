"""Conflicts of interest: declared by an evaluator, or there by themselves."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import combining, normalize
from uuid import UUID

from essaim.refusal import Refusal
from essaim.text.languages import N_
from essaim.text.mail_address import comparable_address


class Conflict(StrEnum):
    """Why somebody has no part in an application; she may lift the one she declared, and no other.

    A pinned one was set by the coordination, for what the programme cannot know.
    """

    DECLARED = "declared"
    PINNED = "pinned"
    OWN = "own"
    ORGANISATION = "organisation"


@dataclass(frozen=True)
class Ties:
    """Whom a person is tied to: herself, those who act for her organisations, and these.

    `addresses` and `organisations` are keys, see `address_key` and `organisation_key`.
    """

    person_id: UUID
    addresses: frozenset[str]
    colleagues: frozenset[UUID]
    organisations: frozenset[str]


@dataclass(frozen=True)
class Applicant:
    """Who brings an application, as it says so: names and addresses as they were typed."""

    application_id: UUID
    bearer_id: UUID | None
    email: str | None
    organisation: str | None
    declared: bool
    """Whether the person it is looked at for withdrew from it."""
    pinned: bool | None = None
    """Whether the coordination says that a conflict stands; None where it says nothing."""


def conflict_with(ties: Ties, applicant: Applicant) -> Conflict | None:
    """What keeps this person from an application. What stands by itself comes first.

    The coordination may know that what is guessed from organisations is wrong; not that she does
    not bear it, nor that what she declared is.
    """
    if applicant.bearer_id == ties.person_id or address_key(applicant.email) in ties.addresses:
        return Conflict.OWN
    is_ours = organisation_key(applicant.organisation or "") in ties.organisations
    if applicant.pinned is None and (is_ours or applicant.bearer_id in ties.colleagues):
        return Conflict.ORGANISATION
    if applicant.pinned:
        return Conflict.PINNED
    return Conflict.DECLARED if applicant.declared else None


def organisation_keys(names: Iterable[str | None]) -> frozenset[str]:
    return frozenset(key for name in names if (key := organisation_key(name or "")))


_FORMS = re.compile(
    r"\b(?:societe cooperative (?:et|ouvriere de production|d interet collectif|participative)"
    r"(?: participative)?|cooperative d activites? et d emplois?|association|asso|cae|coop"
    r"|cooperative|eurl|gaec|gie|sa|sarl|sas|sasu|scea|scic|scop|societe|ste)\b"
)
_ARTICLES = frozenset({"l", "la", "le", "les"})


def organisation_key(name: str) -> str:
    """What the spellings of one name share: « SCOP Les Éco-logis » and « eco logis (S.C.O.P.) ».

    Case, accents, punctuation, legal forms and articles do not count. Empty when nothing is left.
    """
    letters = (sign for sign in normalize("NFKD", name.casefold()) if not combining(sign))
    # S.C.O.P. is one word.
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", "".join(letters).replace("œ", "oe"))
    words = " ".join(re.findall(r"[^\W_]+", plain))
    named = [word for word in _FORMS.sub(" ", words).split() if word not in _ARTICLES]
    return "".join(named or words.split())


def address_key(address: str | None) -> str:
    """What the writings of one mail address share. Empty when there is none."""
    return comparable_address(normalize("NFKC", address or ""))


# --- refusals


def conflict_stands(number: str | None) -> Refusal:
    return Refusal(
        "conflict_stands",
        "La candidature {number} est la vôtre ou celle de votre organisation, ou la coordination "
        "a noté un conflit d’intérêts : vous ne pouvez pas le lever. S’il est faux, demandez à la "
        "coordination de le vérifier.",
        number=number,
    )


_SENTENCES = {
    Conflict.DECLARED: N_(
        "Vous avez déclaré un conflit d’intérêts sur la candidature {number} : vous ne la notez "
        "ni ne la décidez. Levez d’abord ce conflit s’il n’existe plus."
    ),
    Conflict.PINNED: N_(
        "La coordination a noté que vous êtes en conflit d’intérêts sur la candidature {number} : "
        "vous ne la notez ni ne la décidez. S’il est faux, dites-le-lui."
    ),
    Conflict.OWN: N_(
        "La candidature {number} est la vôtre : vous ne la notez ni ne la décidez. "
        "D’autres membres du comité s’en chargent."
    ),
    Conflict.ORGANISATION: N_(
        "La candidature {number} vient de votre organisation : vous ne la notez ni ne la décidez. "
        "D’autres membres du comité s’en chargent."
    ),
}


def conflict_of_interest(number: str | None, conflict: Conflict) -> Refusal:
    return Refusal("conflict_of_interest", _SENTENCES[conflict], status=403, number=number)
