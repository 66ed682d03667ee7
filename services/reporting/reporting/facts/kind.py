"""A kind of fact: the sentence that tells it, and the rows it counts in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.fact import Fact

from reporting.names import Names

F = TypeVar("F", bound=Fact)

Values = dict[str, Any]
"""The columns of a row."""


@dataclass(frozen=True)
class FactKind(Generic[F]):
    """What reporting makes of a kind of fact, each time the same: a rebuild gives the same tables.

    `sentence(fact, tongue, names)` tells it to a reader. `rows(fact, said, programme)` gives the
    rows it counts in; `said` has the columns they all have (`fact_id`, `seq`, `at`, and
    `edition_id` when the fact names one). None for a fact that counts in no figure of its own.
    `projects(fact)` gives the ids of the projects it is about; None when its `project_id` does.
    """

    fact: type[F]
    sentence: Callable[[F, Tongue, Names], str]
    rows: Callable[[F, Values, str], Iterable[Row]] | None = None
    projects: Callable[[F], Iterable[UUID]] | None = None


Kinds = tuple[FactKind[Any], ...]
