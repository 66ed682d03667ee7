"""The golden examples that a fact lacks, with invented values: the same ones at every run."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ValidationError

from essaim_contracts import __version__, all_facts
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.examples import SCHEMAS, golden_examples
from essaim_contracts.fact import Fact, Meaning, Value

What = Literal["full", "minimal"]
"""With every field and header, or with the required ones only."""

_HAPPENED_AT = datetime(2020, 1, 15, 8, tzinfo=UTC)
_TOLD_AT = datetime(2020, 3, 2, 8, tzinfo=UTC)


class NoExampleValue(Exception):
    """A field has no value to be shown with, or one that the fact refuses."""

    def __init__(self, model: type[BaseModel], field: str, why: str) -> None:
        super().__init__(
            f"{model.__name__}.{field}: {why}. "
            'Give it one: Annotated[…, Meaning("what it is", example=…)].'
        )


def missing_examples(schemas: Path = SCHEMAS) -> Iterator[tuple[type[Fact], What]]:
    """What each fact lacks among the golden examples under `schemas`."""
    shown: dict[str, list[set[str]]] = {fact.type: [] for fact in all_facts()}
    for example in golden_examples(schemas):
        shown.setdefault(example.type, []).append(set(example.data))
    kinds: tuple[What, ...] = ("full", "minimal")
    for fact in all_facts():
        for what in kinds:
            if (fields := _fields(fact, what)) in shown[fact.type]:
                # Each counts once: a fact without optional fields has two examples all the same.
                shown[fact.type].remove(fields)
            else:
                yield fact, what


def write_missing_examples(schemas: Path = SCHEMAS) -> list[Path]:
    """Write what is missing beside what is there; gives the new files.

    Raises:
        NoExampleValue: nothing was written.
    """
    messages: dict[Path, dict[str, Any]] = {}
    for fact_class, what in missing_examples(schemas):
        path = _free_path(schemas / "examples" / fact_class.type, what)
        messages[path] = _message(invented(fact_class, what), path.stem, what)
    for path, message in messages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{json.dumps(message, indent=2, ensure_ascii=False)}\n")
    return list(messages)


def _free_path(folder: Path, what: What) -> Path:
    endings = (what if number == 1 else f"{what}-{number}" for number in count(1))
    paths = (folder / f"{__version__}-{ending}.json" for ending in endings)
    return next(path for path in paths if not path.exists())


def _message(fact: Fact, name: str, what: What) -> dict[str, Any]:
    def id_of(part: str) -> UUID:
        return _id(f"{fact.type} {name} {part}", _TOLD_AT)

    optional = {
        "causation_id": str(id_of("causation")),
        "actor": str(_id("actor", _HAPPENED_AT)),
        "traceparent": f"00-{id_of('trace').hex}-{id_of('span').hex[16:]}-01",
    }
    envelope = Envelope(
        id=str(id_of("id")),
        type=fact.type,
        source=f"/premices/{fact.owner}",
        key=str(fact.key),
        time=_TOLD_AT,
        correlation_id=str(id_of("correlation")),
        **(optional if what == "full" else {}),
    )
    data = fact.model_dump(mode="json", exclude_unset=True)
    return {"headers": to_headers(envelope), "data": data}


def invented(fact_class: type[Fact], what: What) -> Fact:
    """A fact with invented values. A field has one id in all of them: they tell of the same things.

    Raises:
        NoExampleValue
    """
    try:
        return fact_class.model_validate(_values(fact_class, what))
    except ValidationError as invalid:
        error = invalid.errors()[0]
        field = ".".join(map(str, error["loc"]))
        why = f"its example {error['input']!r} is refused ({error['msg']})"
        raise NoExampleValue(fact_class, field, why) from invalid


def _fields(model: type[BaseModel], what: What) -> set[str]:
    fields = model.model_fields.items()
    return {name for name, field in fields if what == "full" or field.is_required()}


def _values(model: type[BaseModel], what: What) -> dict[str, object]:
    values = {}
    shown = _fields(model, what)
    for place, (name, field) in enumerate(model.model_fields.items()):
        if name not in shown:
            continue
        of_plain_types = {
            UUID: _id(name, _HAPPENED_AT),
            # An end is below its start, and comes after it.
            AwareDatetime: _HAPPENED_AT + timedelta(hours=place),
            date: _HAPPENED_AT.date() + timedelta(days=place),
            int: 1,
            bool: True,
        }
        try:
            values[name] = _value(field.rebuild_annotation(), of_plain_types, what)
        except KeyError as error:
            raise NoExampleValue(model, name, "its type has no example") from error
    return values


def _value(kind: Any, of_plain_types: dict[Any, object], what: What) -> object:
    """The example of a type. A KeyError says that it has none."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        meanings = [it for it in arguments[1:] if isinstance(it, Meaning)]
        if meanings and meanings[-1].example is not None:
            return meanings[-1].example
    if origin in (Annotated, Union, UnionType):
        return _value(arguments[0], of_plain_types, what)
    if origin is tuple:
        return (_value(arguments[0], of_plain_types, what),)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, Value):
        return _values(kind, what)
    return of_plain_types[kind]


def _id(name: str, at: datetime) -> UUID:
    """A UUID of version 7 that is the same for the same name."""
    random = int.from_bytes(sha256(name.encode()).digest()[:16])
    moment = int(at.timestamp() * 1000) << 80
    return UUID(int=moment | random & 0x0FFF_3FFF_FFFF_FFFF_FFFF | 0x7000_8000_0000_0000_0000)
