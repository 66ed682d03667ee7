"""What is wrong in a programme file, in sentences for those who write it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from essaim.refusal import Refusal
from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class FileError:
    """Line and column count from 1; `path` names the place in the file, as in `calls.0.slug`."""

    line: int
    column: int
    path: str
    why: Refusal


def explain(detail: ErrorDetails) -> Refusal:
    """The sentence for one error of validation, with the value found and what to write instead."""
    keys = [part for part in detail["loc"] if isinstance(part, str)]
    values = {
        "key": keys[-1] if keys else "programme",
        "value": _shown(detail["input"]),
        **{name: str(value) for name, value in (detail.get("ctx") or {}).items()},
    }
    sentence = _SENTENCES.get(detail["type"], _other) if keys else _no_programme
    return sentence(values)


def _shown(value: Any) -> str:
    text = "vide" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _other(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "wrong_value",
        "« {value} » n'est pas accepté pour « {key} ». Voyez cette clé dans "
        "docs/programme-file.md.",
        **values,
    )


def _no_programme(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "no_programme",
        "Ce fichier est vide, ou n'est pas fait de lignes « clé: valeur ». "
        "Commencez-le par « format: essaim-programme/1 ».",
    )


def _number(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "not_a_number",
        "« {key} » doit être un nombre, pas « {value} ». Écrivez des chiffres.",
        **values,
    )


def _text(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "not_a_text",
        "« {key} » doit être un texte, pas « {value} ». Écrivez-le entre guillemets.",
        **values,
    )


def _list(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "not_a_list",
        "« {key} » doit être une liste. Écrivez un élément par ligne, après « - ».",
        **values,
    )


def _group(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "not_a_group",
        "« {key} » doit contenir des lignes « clé: valeur », pas « {value} ».",
        **values,
    )


def _day(values: dict[str, Any]) -> Refusal:
    return Refusal(
        "not_a_date", "« {value} » n'est pas une date. Écrivez-la ainsi : 2020-01-15.", **values
    )


def _choice(values: dict[str, Any]) -> Refusal:
    offered = values["expected"].replace(" or ", ", ")
    return Refusal(
        "not_offered",
        "« {value} » n'est pas prévu pour « {key} ». Écrivez l'un de ceux-ci : {offered}.",
        **values,
        offered=offered,
    )


_SENTENCES: dict[str, Callable[[dict[str, Any]], Refusal]] = {
    "extra_forbidden": lambda values: Refusal(
        "unknown_key",
        "La clé « {key} » est inconnue ici. Corrigez-la ou enlevez-la ; "
        "les clés permises sont dans docs/programme-file.md.",
        **values,
    ),
    "missing": lambda values: Refusal(
        "missing_key", "Il manque « {key} » ici. Ajoutez la ligne « {key}: … ».", **values
    ),
    "literal_error": _choice,
    "enum": _choice,
    "int_parsing": _number,
    "int_type": _number,
    "int_from_float": _number,
    "float_parsing": _number,
    "float_type": _number,
    "finite_number": _number,
    "int_parsing_size": lambda values: Refusal(
        "too_large", "« {key} » vaut {value} : c'est trop. Écrivez un nombre plus petit.", **values
    ),
    "string_type": _text,
    "bool_parsing": lambda values: Refusal(
        "not_a_bool", "« {value} » n'est ni vrai ni faux. Écrivez true ou false.", **values
    ),
    "tuple_type": _list,
    "list_type": _list,
    "model_type": _group,
    "model_attributes_type": _group,
    "dict_type": _group,
    "date_parsing": _day,
    "date_type": _day,
    "date_from_datetime_parsing": _day,
    "date_from_datetime_inexact": _day,
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
        "list_too_short", "« {key} » doit contenir au moins {min_length} élément.", **values
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
    "bad_email": lambda values: Refusal(
        "bad_email",
        "« {value} » n'est pas une adresse. Écrivez-la ainsi, sans accent avant l'@ : "
        "nom@domaine.fr.",
        **values,
    ),
    "reserved_slug": lambda values: Refusal(
        "reserved_slug",
        "« {value} » désigne les faits d'aucun programme en particulier. Choisissez un autre nom.",
        **values,
    ),
    "text_or_languages": lambda values: Refusal(
        "text_or_languages",
        "« {key} » doit être un texte, pas « {value} ». Écrivez-le à la suite, ou en deux "
        "langues : {example}.",
        **values,
        example="{fr: …, en: …}",
    ),
    "bad_department": lambda values: Refusal(
        "bad_department",
        "« {value} » n'est pas un département. Écrivez son code, comme 38, 2A ou 974.",
        **values,
    ),
    "bad_local_time": lambda values: Refusal(
        "bad_local_time",
        "« {value} » n'est pas une date avec l'heure. Écrivez l'heure de Paris : 2020-01-15 18:00.",
        **values,
    ),
    "far_time": lambda values: Refusal(
        "far_time",
        "« {value} » est trop loin. Écrivez une année de {first} à {last}.",
        **values,
    ),
    "time_skipped": lambda values: Refusal(
        "time_skipped",
        "« {value} » n'existe pas : cette nuit-là les horloges de Paris passent de 2 h à 3 h. "
        "Écrivez 01:59 ou 03:00.",
        **values,
    ),
    "time_twice": lambda values: Refusal(
        "time_twice",
        "« {value} » existe deux fois : cette nuit-là les horloges de Paris reculent de 3 h à 2 h. "
        "Écrivez 01:59 ou 03:00.",
        **values,
    ),
    "name_or_person": lambda values: Refusal(
        "name_or_person",
        "L'organisation « {item} » doit avoir « name », ou « person » si c'est un expert seul : "
        "l'un des deux, pas les deux.",
        **values,
    ),
    "role_ends_first": lambda values: Refusal(
        "role_ends_first",
        "Ce rôle finit le {until}, avant de commencer le {since}. Échangez les dates.",
        **values,
    ),
    "closes_first": lambda values: Refusal(
        "closes_first",
        "L'appel « {slug} » ferme le {closes}, avant ou à son ouverture le {opens}. "
        "Mettez « closes_at » après « opens_at ».",
        **values,
    ),
    "choices_missing": lambda values: Refusal(
        "choices_missing",
        "La question « {item} » est un choix : écrivez au moins deux « choices », ou "
        "changez « kind ».",
        **values,
    ),
    "choices_unwanted": lambda values: Refusal(
        "choices_unwanted",
        "La question « {item} » a des « choices » sans être un choix. "
        "Enlevez-les, ou écrivez « kind: choice ».",
        **values,
    ),
}
