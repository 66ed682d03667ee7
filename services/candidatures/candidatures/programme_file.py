"""The programme file, what a partner writes to start a programme: see docs/programme-file.md.

`read_programme` gives the whole file, checked, or every error at once with its line and column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from essaim.person import Role
from essaim.text.departments import DEPARTMENTS
from essaim_contracts.candidatures import CallKind, Commitment, DeliverableKind, PrizeKind
from essaim_contracts.envelope import NETWORK
from essaim_contracts.fact import Slug
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from candidatures.call import NoSuchTime, in_paris
from candidatures.email_address import normalised_email
from candidatures.file_errors import FileError, explain
from candidatures.file_links import broken_links, default_prefix
from candidatures.form import Choice, Criterion, DocumentAsked, Line, Part, Question, Text
from candidatures.yaml_source import Source, Unreadable, decode, read_yaml

FORMAT = "essaim-programme/1"
FIRST_YEAR, LAST_YEAR = 2000, 2200


def _email(text: str) -> str:
    try:
        return normalised_email(text)
    except ValueError as error:
        raise PydanticCustomError("bad_email", "not an address") from error


def _local_time(text: Any) -> datetime:
    try:
        local = datetime.strptime(str(text).replace("T", " "), "%Y-%m-%d %H:%M")
    except ValueError as error:
        raise PydanticCustomError("bad_local_time", "not YYYY-MM-DD HH:MM") from error
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise PydanticCustomError("far_time", "out of range", years)
    try:
        return in_paris(local)
    except NoSuchTime as error:
        raise PydanticCustomError(
            "time_twice" if error.twice else "time_skipped", "no such time in Paris"
        ) from error


def _programme_slug(slug: str) -> str:
    if slug == NETWORK:
        raise PydanticCustomError("reserved_slug", "stands for no single programme")
    return slug


def _department(code: str) -> str:
    if code not in DEPARTMENTS:
        raise PydanticCustomError("bad_department", "no such department")
    return code


Email = Annotated[str, AfterValidator(_email)]
ParisTime = Annotated[datetime, BeforeValidator(_local_time)]
ProgrammeSlug = Annotated[Slug, AfterValidator(_programme_slug)]
DepartmentCode = Annotated[str, AfterValidator(_department)]


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


class OrganisationEntry(Part):
    """An organisation, or a lone expert: then `person` is given in place of `name`."""

    code: Slug
    name: Line | None = None
    person: Slug | None = None
    legal_form: Slug | None = None
    department: DepartmentCode | None = None
    commitments: Annotated[tuple[Commitment, ...], Field(min_length=1)]
    joined_on: date | None = None
    """The day from which these commitments hold; by default the day of the import."""

    @model_validator(mode="after")
    def _has_a_name_or_is_a_person(self) -> Self:
        if (self.name is None) == (self.person is None):
            raise PydanticCustomError("name_or_person", "one of both", {"item": self.code})
        return self


class RoleEntry(Part):
    role: Role
    organisation: Slug | None = None
    since: date | None = None
    until: date | None = None

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
    places: Annotated[int, Field(ge=1, le=100_000)] | None = None
    questions: tuple[Question, ...] = ()
    documents: tuple[DocumentAsked, ...] = ()
    criteria: tuple[Criterion, ...] = ()

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


class DeliverableEntry(Part):
    kind: DeliverableKind
    label: Text
    due_on: date
    """The last day it can be handed in without being late."""


class PrizeEntry(Part):
    code: Slug
    contributor: Slug
    kind: PrizeKind
    title: Line
    value_eur: Annotated[int, Field(ge=0, le=10_000_000)]


class EditionEntry(Part):
    number: Annotated[int, Field(ge=1, le=1000)]
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
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
class Read:
    """A file that was read: `file` when it is sound, else its errors, in the order of lines."""

    file: ProgrammeFile | None
    errors: tuple[FileError, ...]
    source: Source | None = None


def read_programme(written: str | bytes) -> Read:
    """The programme a file describes, or everything that is wrong with it."""
    try:
        source = read_yaml(decode(written) if isinstance(written, bytes) else written)
    except Unreadable as unreadable:
        return Read(None, (FileError(*unreadable.place, "", unreadable.why),))
    errors = list(broken_links(source))
    file = None
    try:
        file = ProgrammeFile.model_validate(source.data)
    except ValidationError as invalid:
        errors += _explained(invalid.errors(include_url=False), source)
    errors.sort(key=lambda error: (error.line, error.column))
    return Read(None if errors else file, tuple(errors), source)


def _explained(details: list[ErrorDetails], source: Source) -> Iterator[FileError]:
    for detail in details:
        if detail["type"] == "too_short" and detail["input"]:
            continue  # its elements are there, and wrong: each has said so itself
        path = tuple(detail["loc"])
        unknown_key = detail["type"] == "extra_forbidden"
        line, column = source.place_of(path, key=unknown_key)
        yield FileError(line, column, ".".join(map(str, path)), explain(detail))
