"""What is wrong in a file that somebody wrote, each mistake with its line."""

from collections.abc import Iterable
from dataclasses import dataclass

from essaim.refusal import Refusal, Refusals

Path = tuple[str | int, ...]
"""Where a value stands in a file: `("calls", 0, "slug")`."""

Place = tuple[int, int]
"""A line and a column, both from 1."""


@dataclass(frozen=True)
class FileError:
    """Line and column count from 1; `path` names the place in the file, as in `calls.0.slug`."""

    line: int
    column: int
    path: str
    why: Refusal

    @property
    def refusal(self) -> Refusal:
        """The same, for who is told sentences only."""
        return Refusal(
            self.why.code,
            "Ligne {line}. {why}",
            field=self.path or None,
            status=422,
            line=self.line,
            why=self.why,
        )


class WrongFile(Refusals):
    """Everything that is wrong in a file, in the order of its lines."""

    def __init__(self, errors: Iterable[FileError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.line, error.column)))
        super().__init__([error.refusal for error in self.errors])


def error_at(place: Place, path: Path, why: Refusal) -> FileError:
    return FileError(*place, ".".join(map(str, path)), why)
