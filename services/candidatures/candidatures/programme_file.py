"""The programme file, what a partner writes to start a programme: see docs/programme-file.md.

`read_programme` gives the whole file, checked, or every error at once with its line and column.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from essaim import Refusal, Role
from essaim.text.departments import DEPARTMENTS
from essaim.text.file_check import FileFormat, Values, errors_of
from essaim.text.file_errors import WrongFile
from essaim.text.file_values import Day, Whole, Year
from essaim.text.mail_address import canonical_address
from essaim.text.yaml_source import Source, read_yaml
from essaim_contracts.candidatures import Commitment, DeliverableKind, PrizeKind
from essaim_contracts.envelope import NETWORK
from essaim_contracts.fact import Slug
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from candidatures.call_file import CALL_RULES, CallEntry
from candidatures.eligibility import PageAddress
from candidatures.email_address import bad_email
from candidatures.file_links import broken_links
from candidatures.form import Choice, Line, Part, Text
from candidatures.partner import PartnerStatus, Term
from candidatures.question_links import broken_questions


def _email(text: str) -> str:
    try:
        return canonical_address(text)
    except ValueError as error:
        raise PydanticCustomError("bad_email", "not an address") from error


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
    status: PartnerStatus = PartnerStatus.CONFIRMED
    terms: tuple[Term, ...] = ()
    """What each commitment means, since and until when."""
    left_on: Day | None = None
    """Its last day as a partner."""
    joined_on: Day | None = None
    """The day from which these commitments hold; by default the day of the import."""

    @model_validator(mode="after")
    def _has_a_name_or_is_a_person(self) -> Self:
        if (self.name is None) == (self.person is None):
            raise PydanticCustomError("name_or_person", "one of both", {"item": self.code})
        return self

    @model_validator(mode="after")
    def _holds_what_its_terms_say(self) -> Self:
        for term in self.terms:
            if term.commitment not in self.commitments:
                raise PydanticCustomError(
                    "term_unheld",
                    "not among its commitments",
                    {"item": self.code, "commitment": term.commitment.value},
                )
        if self.joined_on and self.left_on and self.left_on < self.joined_on:
            raise PydanticCustomError("term_ends_first", "ends first")
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
    errors = [*broken_links(source), *broken_questions(source)]
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


def _term_unheld(values: Values) -> Refusal:
    return Refusal(
        "term_unheld",
        "« {item} » précise « {commitment} » sans l’avoir dans ses « commitments ». Ajoutez-le.",
        **values,
    )


def _term_ends_first(values: Values) -> Refusal:
    return Refusal(
        "term_ends_first",
        "Cet engagement finit avant de commencer. Échangez les dates.",
        **values,
    )


def _role_ends_first(values: Values) -> Refusal:
    return Refusal(
        "role_ends_first",
        "Ce rôle finit le {until}, avant de commencer le {since}. Échangez les dates.",
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
        "no_contact": _no_contact,
        "name_or_person": _name_or_person,
        "term_unheld": _term_unheld,
        "term_ends_first": _term_ends_first,
        "role_ends_first": _role_ends_first,
        **CALL_RULES,
    },
)
