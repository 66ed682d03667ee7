"""What all bodies have in common."""

from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scheduling.track import Line

Topics = Annotated[list[Line], Field(max_length=30)]
Ids = Annotated[list[UUID], Field(max_length=500)]


class Body(BaseModel):
    """What a request says. Unknown fields are refused; instants are RFC 3339 with their offset."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Answer(BaseModel):
    """What is answered: a value of ours in the words of the glossary."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


A = TypeVar("A", bound=Answer)


class Listed(BaseModel, Generic[A]):
    """What every list answers; `total` counts more than `items` when these are one page."""

    items: list[A]
    total: int


def listed(answers: Iterable[A], total: int | None = None) -> Listed[A]:
    """All of them; `total` when they are one page of more."""
    items = list(answers)
    return Listed(items=items, total=len(items) if total is None else total)
