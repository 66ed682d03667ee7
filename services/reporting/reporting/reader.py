"""What of a fact its reader sees: whom it names, and what the committee gave."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints
from uuid import UUID

from essaim_contracts import all_facts
from essaim_contracts.fact import PersonId
from pydantic import BaseModel


@dataclass(frozen=True)
class Reader:
    """`sees_persons`: their opaque ids too. `sees_scores`: the committee's mean of a decision."""

    sees_persons: bool = False
    sees_scores: bool = False

    @property
    def sees_all(self) -> bool:
        return self.sees_persons and self.sees_scores

    def key_of(self, type: str, key: UUID) -> UUID | None:
        """What a fact is about; None when that is a person whom this reader does not see."""
        return key if self.sees_persons or type not in _about_persons() else None

    def body_of(self, body: str) -> Any:
        """The payload of a fact, without what is not for this reader."""
        return self._seen(json.loads(body))

    def _seen(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            hidden = self._hidden()
            return {name: self._seen(one) for name, one in value.items() if name not in hidden}
        return [self._seen(one) for one in value] if isinstance(value, list) else value

    def _hidden(self) -> frozenset[str]:
        persons = frozenset() if self.sees_persons else person_fields()
        return persons if self.sees_scores else persons | {"score"}


@cache
def _about_persons() -> frozenset[str]:
    """The types whose key is a person."""
    return frozenset(fact.type for fact in all_facts() if fact.key_field in person_fields())


@cache
def person_fields() -> frozenset[str]:
    """The names of the fields that hold a person's id, in whatever fact."""
    return frozenset(name for fact in all_facts() for name in _persons_in(fact))


def _persons_in(model: type[BaseModel]) -> Iterator[str]:
    for name, hint in get_type_hints(model, include_extras=True).items():
        for part in _parts_of(hint):
            if part == PersonId:
                yield name
            elif isinstance(part, type) and issubclass(part, BaseModel):
                yield from _persons_in(part)


def _parts_of(hint: Any) -> Iterator[Any]:
    """A type and those it is made of, such as those of `tuple[Attendee, ...] | None`."""
    yield hint
    if get_origin(hint) not in (Annotated, ClassVar):
        for part in get_args(hint):
            yield from _parts_of(part)
