"""A table, ready for any file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table of a file: every row has one cell per head."""

    title: str
    heads: Sequence[str]
    rows: list[Sequence[Cell]]
