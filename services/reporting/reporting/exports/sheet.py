"""A table, ready for any file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table of a file: every row has one cell per head. Many rows come as they are read."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]
