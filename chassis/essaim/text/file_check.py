"""Checks a file against its model, and says what is wrong in sentences for those who write it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from essaim.refusal import Refusal
from essaim.text.file_errors import FileError, Path, WrongFile, error_at
from essaim.text.yaml_source import Source

Values = dict[str, Any]
"""What a sentence may name: `key`, `value`, and the context of the pydantic error."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class FileFormat:
    """`name` is what the key `format` holds; `page` is where its keys are explained.

    `rules` are the sentences of its own errors, by their pydantic type. An error whose context has
    `at` (a path below its own) is named there.
    """

    name: str
    page: str
    rules: Mapping[str, Callable[[Values], Refusal]] = field(default_factory=dict)


def check(source: Source, model: type[M], format: FileFormat) -> M:
    """
    Raises:
        WrongFile: the file does not follow its model.
    """
    try:
        return model.model_validate(source.data)
    except ValidationError as invalid:
        raise WrongFile(errors_of(invalid, source, format)) from invalid


def errors_of(invalid: ValidationError, source: Source, format: FileFormat) -> Iterator[FileError]:
    """The errors of a validation at their places, in no order."""
    for detail in invalid.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # its elements are there, and wrong: each has said so itself
        path = (*detail["loc"], *detail.get("ctx", {}).get("at", ()))
        place = source.place_of(path, key=detail["type"] == "extra_forbidden")
        yield error_at(place, path, _explain(detail, path, format))


def _explain(detail: ErrorDetails, path: Path, format: FileFormat) -> Refusal:
    keys = [part for part in path if isinstance(part, str)]
    context = {name: _plain(value) for name, value in detail.get("ctx", {}).items()}
    values = {
        **context,
        "key": keys[-1] if keys else format.name.partition("/")[0],
        "value": _shown(detail["input"]),
        "format": format.name,
        "page": format.page,
    }
    own = format.rules.get(detail["type"])
    if own:
        return own(values)
    return _SENTENCES.get(detail["type"], _other)(values) if keys else _no_keys(values)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)


def _shown(value: Any) -> str:
    """The value as the file has it, short."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = "vide" if value in (None, "") else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _other(values: Values) -> Refusal:
    return Refusal(
        "wrong_value",
        "« {value} » n’est pas accepté pour « {key} ». Voyez cette clé dans {page}.",
        **values,
    )


def _no_keys(values: Values) -> Refusal:
    return Refusal(
        "file_without_keys",
        "Ce fichier est vide, ou n’est pas fait de lignes « clé: valeur ». "
        "Commencez-le par « format: {format} ».",
        **values,
    )


def _whole(values: Values) -> Refusal:
    return Refusal(
        "not_a_number",
        "« {key} » doit être un nombre entier, pas « {value} ». Écrivez des chiffres, sans zéro "
        "devant.",
        **values,
    )


def _number(values: Values) -> Refusal:
    return Refusal(
        "not_a_number",
        "« {key} » doit être un nombre, pas « {value} ». Écrivez des chiffres, et un point devant "
        "les décimales : 1.5.",
        **values,
    )


def _text(values: Values) -> Refusal:
    return Refusal(
        "not_a_text",
        "« {key} » doit être un texte, pas « {value} ». Écrivez-le entre guillemets.",
        **values,
    )


def _yes_no(values: Values) -> Refusal:
    return Refusal(
        "not_a_bool", "« {value} » n’est ni vrai ni faux. Écrivez true ou false.", **values
    )


def _list(values: Values) -> Refusal:
    return Refusal(
        "not_a_list",
        "« {key} » doit être une liste. Écrivez un élément par ligne, après « - ».",
        **values,
    )


def _group(values: Values) -> Refusal:
    return Refusal(
        "not_a_group",
        "« {key} » doit contenir des lignes « clé: valeur », pas « {value} ».",
        **values,
    )


def _day(values: Values) -> Refusal:
    return Refusal(
        "not_a_date", "« {value} » n’est pas une date. Écrivez-la ainsi : 2020-01-15.", **values
    )


def _time(values: Values) -> Refusal:
    return Refusal(
        "bad_local_time",
        "« {value} » n’est pas une date avec l’heure. Écrivez l’heure de Paris : 2020-01-15 18:00.",
        **values,
    )


def _choice(values: Values) -> Refusal:
    return Refusal(
        "not_offered",
        "« {value} » n’est pas prévu pour « {key} ». Écrivez l’un de ceux-ci : {offered}.",
        **values,
        offered=values["expected"].replace(" or ", ", "),
    )


_SENTENCES: dict[str, Callable[[Values], Refusal]] = {
    "extra_forbidden": lambda values: Refusal(
        "unknown_key",
        "La clé « {key} » est inconnue ici. Corrigez-la ou enlevez-la ; "
        "les clés permises sont dans {page}.",
        **values,
    ),
    "missing": lambda values: Refusal(
        "missing_key", "Il manque « {key} » ici. Ajoutez la ligne « {key}: … ».", **values
    ),
    "literal_error": _choice,
    "enum": _choice,
    "int_parsing": _whole,
    "int_type": _whole,
    "int_from_float": _whole,
    "float_parsing": _number,
    "float_type": _number,
    "finite_number": _number,
    "int_parsing_size": lambda values: Refusal(
        "too_large", "« {key} » vaut {value} : c’est trop. Écrivez un nombre plus petit.", **values
    ),
    "string_type": _text,
    "bool_parsing": _yes_no,
    "bool_type": _yes_no,
    "tuple_type": _list,
    "list_type": _list,
    "model_type": _group,
    "model_attributes_type": _group,
    "dict_type": _group,
    "date_type": _day,
    "date_parsing": _day,
    "datetime_type": _time,
    "bad_local_time": _time,
    "far_time": lambda values: Refusal(
        "far_time",
        "« {value} » est trop loin. Écrivez une année de {first} à {last}.",
        **values,
    ),
    "time_skipped": lambda values: Refusal(
        "time_skipped",
        "« {value} » n’existe pas : cette nuit-là les horloges de Paris passent de 2 h à 3 h. "
        "Écrivez 01:59 ou 03:00.",
        **values,
    ),
    "time_twice": lambda values: Refusal(
        "time_twice",
        "« {value} » existe deux fois : cette nuit-là les horloges de Paris reculent de 3 h à 2 h. "
        "Écrivez 01:59 ou 03:00.",
        **values,
    ),
    "string_pattern_mismatch": lambda values: Refusal(
        "bad_code",
        "« {value} » ne convient pas à « {key} » : lettres sans accent, chiffres et tirets simples "
        "seulement (motif {pattern}).",
        **values,
    ),
    "string_too_short": lambda values: Refusal(
        "empty_text", "« {key} » est vide. Écrivez un texte.", **values
    ),
    "string_too_long": lambda values: Refusal(
        "text_too_long", "« {key} » dépasse {max_length} caractères. Raccourcissez-le.", **values
    ),
    "too_short": lambda values: Refusal(
        "list_too_short", "« {key} » n’a pas assez d’éléments (minimum : {min_length}).", **values
    ),
    "too_long": lambda values: Refusal(
        "list_too_long", "« {key} » doit contenir au plus {max_length} éléments.", **values
    ),
    "greater_than": lambda values: Refusal(
        "too_small", "« {key} » vaut {value}, il doit être plus grand que {gt}.", **values
    ),
    "greater_than_equal": lambda values: Refusal(
        "too_small", "« {key} » vaut {value}, il doit être au moins {ge}.", **values
    ),
    "less_than_equal": lambda values: Refusal(
        "too_large", "« {key} » vaut {value}, il doit être au plus {le}.", **values
    ),
}
