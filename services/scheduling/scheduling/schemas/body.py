"""What all bodies have in common."""

from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from essaim.text.written import PublicLabel
from essaim.web.written import Body as Body
from pydantic import BaseModel, ConfigDict, Field

Topics = Annotated[list[PublicLabel], Field(max_length=30)]
Ids = Annotated[list[UUID], Field(max_length=500)]


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
