"""Every file people write for us is read from texts, by types that read a number in one way."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

import pytest
from candidatures.programme_file import ProgrammeFile
from essaim.consortium.rules import Entries
from essaim.text import file_values
from essaim_demo import edition
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError
from scheduling.track import Track
from typing_extensions import is_typeddict

READ = (bool, int, float, Decimal, date, datetime)
"""What pydantic alone reads from a text in more ways than one: 0120, 1_000, yes, 20200115."""


def bare(kind: Any, path: str, said: tuple[Any, ...] = ()) -> Iterator[str]:
    """The values in a model that pydantic would read by itself."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from bare(inner, path, (*said, *more))
    elif kind in READ:
        if not any(isinstance(one, BeforeValidator) for one in said):
            yield path
    elif is_typeddict(kind):
        for name, value in kind.__annotations__.items():
            yield from bare(value, f"{path}.{name}")
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from bare(field.annotation, f"{path}.{name}", tuple(field.metadata))
    else:
        for part in get_args(kind):
            yield from bare(part, path, said)


def test_a_value_that_pydantic_would_read_by_itself_would_be_found() -> None:
    class Lax(BaseModel):
        minutes: int | None
        days: tuple[date, ...]
        version: file_values.Whole

    assert list(bare(Lax, "lax")) == ["lax.minutes", "lax.days"]


@pytest.mark.parametrize(
    "model", [ProgrammeFile, Track, Entries, edition.Applications, edition.Year]
)
def test_every_value_of_a_file_is_read_in_one_way(model: type[BaseModel]) -> None:
    assert list(bare(model, model.__name__)) == []


ODD = """
010 0120 08 1:30 190:20:30 1e3 1E3 0x1f 0o17 0b1 1_000 +1 .5 5. 1.5e3 ٣ １ 1,5 .inf NaN inf -.inf
yes no on off True TRUE y n 2020-1-5 2020-W03 2020-01-15T09:00Z 1.
"""


@pytest.mark.parametrize("written", ODD.split())
@pytest.mark.parametrize(
    "kind",
    [file_values.Whole, file_values.Number, file_values.Exact, file_values.YesNo, file_values.Day],
)
def test_what_yaml_reads_otherwise_than_it_looks_is_refused(kind: Any, written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(written)


def test_a_day_is_never_a_number() -> None:
    for written in ("20200115", "1579046400", "0"):
        with pytest.raises(ValidationError):
            TypeAdapter(file_values.Day).validate_python(written)
