"""The programme file, what a partner writes to start a programme: see docs/programme-file.md.

`read_programme` gives the whole file, checked, or every error at once with its line and column.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from essaim import Refusal, Role
from essaim.text.departments import DEPARTMENTS
from essaim.text.file_check import FileFormat, Values, errors_of
from essaim.text.file_errors import WrongFile
from essaim.text.file_values import Day, ParisTime, Whole, Year
from essaim.text.mail_address import canonical_address
from essaim.text.yaml_source import Source, read_yaml
from essaim_contracts.candidatures import CallKind, Commitment, DeliverableKind, PrizeKind
from essaim_contracts.envelope import NETWORK
from essaim_contracts.fact import Slug
from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from candidatures.email_address import bad_email
from candidatures.file_links import broken_links, default_prefix
from candidatures.form import (
    Choice,
    Criterion,
    DocumentAsked,
    Line,
    Part,
    Question,
    Round,
    Text,
)


def _email(text: str) -> str:
    try:
        return canonical_address(text)
    except ValueError as error:
        raise PydanticCustomError("bad_email", "not an address") from error


def _page_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    whole = parts.scheme in ("http", "https") and parts.hostname
    if not whole or " " in text or not text.isprintable():
        raise PydanticCustomError("bad_page_address", "not the address of a page")
    return text


def _programme_slug(slug: str) -> str:
    if slug == NETWORK:
        raise PydanticCustomError("reserved_slug", "stands for no single programme")
    return slug


def _department(code: str) -> str:
    if code not in DEPARTMENTS:
        raise PydanticCustomError("bad_department", "no such department")
    return code


Email = Annotated[str, AfterValidator(_email)]
ProgrammeSlug = Annotated[Slug, AfterValidator(_programme_slug)]
DepartmentCode = Annotated[str, AfterValidator(_department)]


PageAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(_page_address)]


class Contact(Part):
    """Whom people ask about a programme: an address, a telephone, or both."""

    email: Email | None = None
    phone: Line | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.email is None and self.phone is None:
            raise PydanticCustomError("no_contact", "one of both")
        return self


class ProgrammeHead(Part):
    slug: ProgrammeSlug
    name: Line
    steward: Slug
    """The code of the organisation that carries the programme."""
    sectors: tuple[Choice, ...] = ()
    heard_from: tuple[Choice, ...] = ()
    """The answers offered to « how did you hear of the call? »."""
    tracks: tuple[Choice, ...] = ()
    """The names of the tracks to which the committee may re-orient."""
    departments: tuple[DepartmentCode, ...] = ()
    """The departments offered in forms; none listed means all of France."""
    contact: Contact | None = None
    rules: PageAddress | None = None
    """The page of the rules that apply."""
    privacy: PageAddress | None = None
    """The page that says what becomes of people's data."""


class OrganisationEntry(Part):
    """An organisation, or a lone expert: then `person` is given in place of `name`."""

    code: Slug
    name: Line | None = None
    person: Slug | None = None
    legal_form: Slug | None = None
    department: DepartmentCode | None = None
    commitments: Annotated[tuple[Commitment, ...], Field(min_length=1)]
    joined_on: Day | None = None
    """The day from which these commitments hold; by default the day of the import."""

    @model_validator(mode="after")
    def _has_a_name_or_is_a_person(self) -> Self:
        if (self.name is None) == (self.person is None):
            raise PydanticCustomError("name_or_person", "one of both", {"item": self.code})
        return self


class RoleEntry(Part):
    role: Role
    organisation: Slug | None = None
    since: Day | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.since and self.until and self.until < self.since:
            raise PydanticCustomError(
                "role_ends_first",
                "ends first",
                {"since": self.since.isoformat(), "until": self.until.isoformat()},
            )
        return self


class PersonEntry(Part):
    code: Slug
    name: Line
    email: Email | None = None
    phone: Line | None = None
    language: Literal["fr", "en"] = "fr"
    roles: tuple[RoleEntry, ...] = ()


class CallEntry(Part):
    slug: Slug
    kind: CallKind = CallKind.CALL
    title: Text
    summary: Text | None = None
    track_code: Slug
    receipt_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,28}$")] | None = None
    """What receipt numbers start with; by default the slug in capitals."""
    opens_at: ParisTime
    closes_at: ParisTime
    """First instant at which an application is refused."""
    places: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    questions: tuple[Question, ...] = ()
    documents: tuple[DocumentAsked, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    rounds: Annotated[tuple[Round, ...], Field(min_length=1, max_length=9)] = (Round(),)
    """How often the committee goes through the applications; the next takes what was kept."""
    quorum: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """How many members of the committee must be there to decide."""

    @property
    def prefix(self) -> str:
        return self.receipt_prefix or default_prefix(self.slug)

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise PydanticCustomError(
                "closes_first",
                "closes first",
                {"slug": self.slug, "opens": f"{self.opens_at:%Y-%m-%d %H:%M}",
                 "closes": f"{self.closes_at:%Y-%m-%d %H:%M}"},
            )  # fmt: skip
        return self

    @model_validator(mode="after")
    def _scores_each_criterion_in_one_round(self) -> Self:
        asked = [code for one in self.rounds for code in one.criteria]
        known = [one.code for one in self.criteria]
        if (asked or len(self.rounds) > 1) and sorted(asked) != sorted(known):
            raise PydanticCustomError(
                "round_criteria", "each once",
                {"slug": self.slug, "known": ", ".join(known), "asked": ", ".join(asked) or "–"},
            )  # fmt: skip
        return self


class DeliverableEntry(Part):
    kind: DeliverableKind
    label: Text
    due_on: Day
    """The last day it can be handed in without being late."""
    sections: tuple[Choice, ...] = ()
    """What it must hold, in order: a review says which of them to correct."""


class PrizeEntry(Part):
    code: Slug
    contributor: Slug
    kind: PrizeKind
    title: Line
    value_eur: Annotated[Whole, Field(ge=0, le=10_000_000)]


class EditionEntry(Part):
    number: Annotated[Whole, Field(ge=1, le=1000)]
    year: Year
    calls: tuple[CallEntry, ...] = ()
    deliverables: tuple[DeliverableEntry, ...] = ()
    prizes: tuple[PrizeEntry, ...] = ()


class ProgrammeFile(Part):
    format: Literal["essaim-programme/1"]
    programme: ProgrammeHead
    organisations: Annotated[tuple[OrganisationEntry, ...], Field(min_length=1)]
    people: tuple[PersonEntry, ...] = ()
    editions: tuple[EditionEntry, ...] = ()


@dataclass(frozen=True)
class SoundFile:
    """A file that was read and is sound in itself, with where everything stands in it."""

    file: ProgrammeFile
    source: Source


def read_programme(written: str | bytes) -> SoundFile:
    """
    Raises:
        WrongFile: everything that is wrong with it.
    """
    return sound_file(read_yaml(written), FORMAT)


def sound_file(source: Source, format: FileFormat) -> SoundFile:
    """What was read, or written in pages, checked; `format` has the sentences of what is wrong.

    Raises:
        WrongFile: everything that is wrong with it.
    """
    errors = list(broken_links(source))
    try:
        file = ProgrammeFile.model_validate(source.data)
    except ValidationError as invalid:
        raise WrongFile([*errors, *errors_of(invalid, source, format)]) from invalid
    if errors:
        raise WrongFile(errors)
    return SoundFile(file, source)


# --- refusals of its own rules, by the type of their pydantic error


def _text_or_languages(values: Values) -> Refusal:
    return Refusal(
        "text_or_languages",
        "« {key} » doit être un texte, pas « {value} ». Écrivez-le à la suite, ou en deux "
        "langues : {example}.",
        **values,
        example="{fr: …, en: …}",
    )


def _reserved_slug(values: Values) -> Refusal:
    return Refusal(
        "reserved_slug",
        "« {value} » désigne les faits d’aucun programme en particulier. Choisissez un autre nom.",
        **values,
    )


def _bad_department(values: Values) -> Refusal:
    return Refusal(
        "bad_department",
        "« {value} » n’est pas un département. Écrivez son code, comme 38, 2A ou 974.",
        **values,
    )


def _bad_page_address(values: Values) -> Refusal:
    return Refusal(
        "bad_page_address",
        "« {value} » n’est pas l’adresse d’une page. Écrivez-la en entier, comme "
        "https://exemple.fr/reglement.",
        **values,
    )


def _no_contact(values: Values) -> Refusal:
    return Refusal(
        "no_contact",
        "« {key} » ne dit pas comment vous joindre. Écrivez « email », « phone », ou les deux.",
        **values,
    )


def _name_or_person(values: Values) -> Refusal:
    return Refusal(
        "name_or_person",
        "L’organisation « {item} » doit avoir « name », ou « person » si c’est un expert seul : "
        "l’un des deux, pas les deux.",
        **values,
    )


def _role_ends_first(values: Values) -> Refusal:
    return Refusal(
        "role_ends_first",
        "Ce rôle finit le {until}, avant de commencer le {since}. Échangez les dates.",
        **values,
    )


def _closes_first(values: Values) -> Refusal:
    return Refusal(
        "closes_first",
        "L’appel « {slug} » ferme le {closes}, avant ou à son ouverture le {opens}. "
        "Mettez « closes_at » après « opens_at ».",
        **values,
    )


def _round_criteria(values: Values) -> Refusal:
    return Refusal(
        "round_criteria",
        "L’appel « {slug} » a les critères {known} ; ses tours (rounds) notent {asked}. Nommez "
        "chaque critère dans un tour, et dans un seul.",
        **values,
    )


def _choices_missing(values: Values) -> Refusal:
    return Refusal(
        "choices_missing",
        "La question « {item} » est un choix : écrivez au moins deux « choices », ou "
        "changez « kind ».",
        **values,
    )


def _choices_unwanted(values: Values) -> Refusal:
    return Refusal(
        "choices_unwanted",
        "La question « {item} » a des « choices » sans être un choix. "
        "Enlevez-les, ou écrivez « kind: choice ».",
        **values,
    )


def _bounds_unwanted(values: Values) -> Refusal:
    return Refusal(
        "bounds_unwanted",
        "La question « {item} » a « min », « max », « decimals » ou « unit » sans attendre un "
        "nombre. Enlevez-les, ou écrivez « kind: number ».",
        **values,
    )


def _bounds_order(values: Values) -> Refusal:
    return Refusal(
        "bounds_order",
        "Aucun nombre ne répond à la question « {item} » : « min » dépasse « max ». Sans « min », "
        "le plus petit est 0.",
        **values,
    )


FORMAT = FileFormat(
    "essaim-programme/1",
    "docs/programme-file.md",
    {
        "bad_email": lambda values: bad_email(values["value"]),
        "text_or_languages": _text_or_languages,
        "reserved_slug": _reserved_slug,
        "bad_department": _bad_department,
        "bad_page_address": _bad_page_address,
        "no_contact": _no_contact,
        "name_or_person": _name_or_person,
        "role_ends_first": _role_ends_first,
        "closes_first": _closes_first,
        "round_criteria": _round_criteria,
        "choices_missing": _choices_missing,
        "choices_unwanted": _choices_unwanted,
        "bounds_unwanted": _bounds_unwanted,
        "bounds_order": _bounds_order,
    },
)
