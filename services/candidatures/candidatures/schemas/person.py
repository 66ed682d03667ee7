"""People of the directory, and who was erased."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from essaim.person import Role
from essaim.text.bounded import DayIn
from essaim.text.written import ONE_LINE, Name
from essaim_contracts.fact import Slug
from pydantic import BaseModel, StringConstraints

from candidatures.erasure import Answer, ErasureAsked
from candidatures.schemas.body import Body


class RoleBody(Body):
    role: Role
    programme: Slug
    organisation: Slug | None = None
    """The code of the organisation she acts for."""
    since: DayIn | None = None
    until: DayIn | None = None


class PersonBody(Body):
    name: Name
    email: Annotated[str, StringConstraints(max_length=254), ONE_LINE] | None = None
    phone: Annotated[str, StringConstraints(max_length=40), ONE_LINE] | None = None
    language: Literal["fr", "en"] = "fr"
    roles: tuple[RoleBody, ...] = ()


class CorrectionBody(Body):
    """What is given is written; what is left out stays. An address is asked for by itself."""

    name: Name | None = None
    phone: Annotated[str, StringConstraints(max_length=40), ONE_LINE] | None = None
    language: Literal["fr", "en"] | None = None

    def changed(self) -> dict[str, str | None]:
        """The fields to write; a telephone may be taken away, a name and a language may not."""
        given = self.model_dump(include=self.model_fields_set)
        return {key: value for key, value in given.items() if value is not None or key == "phone"}


class AddressBody(Body):
    email: Annotated[str, StringConstraints(max_length=254), ONE_LINE]


class PersonAnswer(BaseModel):
    id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str
    email_proved: bool
    """Whether it is known to be hers, or only said to be by whoever applied."""
    roles: list[dict[str, object]]


class PersonList(BaseModel):
    items: list[PersonAnswer]
    total: int


class PersonIdAnswer(BaseModel):
    id: UUID


class ErasureAnswer(BaseModel):
    """One partner's answer to one erasure; `confirmed_at` is null until it came."""

    person_id: UUID
    service: str
    erased_at: datetime
    confirmed_at: datetime | None
    answer: Answer


class ErasureAskedAnswer(BaseModel):
    """`coordinators_from`: when a coordinator may confirm it, where she may."""

    person_id: UUID
    asked_by: UUID
    asked_at: datetime
    coordinators_from: datetime


class ErasureAskedList(BaseModel):
    items: list[ErasureAskedAnswer]
    total: int


def erasure_asked_answer(asked: ErasureAsked) -> ErasureAskedAnswer:
    return ErasureAskedAnswer(
        person_id=asked.person_id,
        asked_by=asked.asked_by,
        asked_at=asked.asked_at,
        coordinators_from=asked.waits_until,
    )


class ErasureList(BaseModel):
    items: list[ErasureAnswer]
    total: int
