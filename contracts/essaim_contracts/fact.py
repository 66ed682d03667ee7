"""What a fact is: a frozen, flat, complete record that something happened in the programme."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import new_class
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a type means, in its schema. The docstring of a field, where there is one, wins.

    `example` is a value for the first golden examples of a fact; no schema shows it.
    """

    text: str
    example: object = None

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core_schema), "description": self.text}


Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    Meaning("A short name that is safe in an address and in a NATS subject.", example="un-exemple"),
]
Label = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Meaning(
        "The public name of a thing: a project, an organisation, a topic. Never of a person.",
        example="Le Fournil des Cimes",
    ),
]
Department = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{2,3}|2A|2B)$"),
    Meaning("The French department, by its INSEE code: 38, 2A, 974.", example="38"),
]
FactId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Meaning("The CloudEvents id of a fact.", example="0170f6f4-c000-7998-9509-9f323c5115ef"),
]
FactSource = Annotated[
    str,
    StringConstraints(pattern=r"^/[a-z0-9-]+/[a-z]+$", max_length=122),
    Meaning("The CloudEvents source of a fact.", example="/premices/scheduling"),
]

Euros = Annotated[int, Field(ge=0), Meaning("Whole euros.", example=1500)]
Minutes = Annotated[int, Field(gt=0), Meaning("Whole minutes.", example=90)]
HalfDays = Annotated[int, Field(gt=0), Meaning("How many half-days it spans.", example=2)]
Jobs = Annotated[
    int, Field(ge=0), Meaning("Jobs the bearers expect to create, in heads.", example=3)
]
Percent = Annotated[float, Field(ge=0, le=100), Meaning("From 0 to 100.", example=87.5)]

EditionId = Annotated[UUID, Meaning("The edition: one yearly run of a programme.")]
CallId = Annotated[UUID, Meaning("The call, a dated window to apply in.")]
ApplicationId = Annotated[UUID, Meaning("The application, an answer to a call.")]
ProjectId = Annotated[UUID, Meaning("The project; it keeps its id from call to trophy.")]
CohortId = Annotated[UUID, Meaning("The cohort, projects that go through a track together.")]
OrganisationId = Annotated[UUID, Meaning("The organisation, a partner of the programme.")]
PersonId = Annotated[UUID, Meaning("The person, by an opaque id of the directory.")]
SessionId = Annotated[UUID, Meaning("The session, for a group or one to one.")]
PackageId = Annotated[UUID, Meaning("The hour package of one project.")]
PairingId = Annotated[UUID, Meaning("The bond of an organisation and a project.")]

TYPE_PATTERN = re.compile(r"essaim\.([a-z]+)\.([a-z]+)\.([a-z_]+)\.v([1-9][0-9]*)")
"""The CloudEvents type of a fact: its owner, its entity, what happened, and the major version."""

_REGISTRY: dict[str, type["Fact"]] = {}


class Value(BaseModel):
    """A part of a fact that has no life of its own, like one project of a cohort."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Fact(BaseModel):
    """Base of every fact. A subclass names its CloudEvents type and the field that is its key.

    The key is the opaque id of the entity the fact is about: facts of one key keep their order.
    Writers refuse unknown fields; `read` ignores them, so that a schema can grow. What is
    `said_by_many` is a base alone: each of its owners says it under a type of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    type: ClassVar[str]
    owner: ClassVar[str]
    key_field: ClassVar[str]

    def __init_subclass__(
        cls, *, type: str = "", key: str = "", said_by_many: bool = False, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if said_by_many:
            return
        match = TYPE_PATTERN.fullmatch(type)
        if match is None:
            raise TypeError(
                f"{cls.__name__}: the type {type!r} is not of the form "
                "essaim.<owner>.<entity>.<fact>.v<major>. Rename it."
            )
        if type in _REGISTRY:
            raise TypeError(
                f"{cls.__name__}: the type {type!r} is taken by {_REGISTRY[type].__name__}."
            )
        cls.type = type
        cls.owner = match.group(1)
        cls.key_field = key
        _REGISTRY[type] = cls

    @property
    def key(self) -> UUID:
        """The id of the entity this fact is about."""
        key: UUID = getattr(self, self.key_field)
        return key

    @classmethod
    def read(cls, data: bytes | str) -> Self:
        """Read a payload written by this or a later minor version: unknown fields are ignored.

        Raises:
            pydantic.ValidationError: a field is missing or has a wrong value; the error names it.
        """
        return cls.model_validate_json(data, extra="ignore")


class PersonForgotten(Fact, said_by_many=True):
    """What every service says once it erased what it held about a person, under its own owner."""

    person_id: PersonId
    forgotten_at: AwareDatetime
    """When it erased what it held."""


def forgotten_by(owner: str) -> type[Fact]:
    """The fact by which a service answers `person.erased`; made here when its contracts are not.

    So whoever keeps the directory hears each partner, also one whose facts it does not know.
    """
    type = f"essaim.{owner}.person.forgotten.v1"
    known = fact_type(type)
    if known is not None:
        return known
    name = f"PersonForgottenBy{owner.capitalize()}"
    body = {"__module__": __name__, "__doc__": PersonForgotten.__doc__}
    return new_class(
        name, (PersonForgotten,), {"type": type, "key": "person_id"}, lambda it: it.update(body)
    )


def fact_type(type: str) -> type[Fact] | None:
    """The class of a CloudEvents type, or None when this version does not know it."""
    return _REGISTRY.get(type)


def facts_as_told() -> Iterator[type[Fact]]:
    """Every fact, in the order of the files: what opens something before what closes it."""
    return iter(list(_REGISTRY.values()))


def all_facts() -> Iterator[type[Fact]]:
    """Every fact of the contracts, sorted by type."""
    return iter(sorted(_REGISTRY.values(), key=lambda fact: fact.type))
