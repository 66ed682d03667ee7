"""Reads a track file (YAML). Every refusal names its line; see `docs/track-file.md`."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import yaml
from essaim.refusal import Refusal, Refusals
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduling.track import Track

LARGEST = 200_000
"""A longer file, in characters, is no track."""

DEEPEST = 20
"""A track has five levels."""

_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

Place = tuple[Hashable, ...]


@dataclass(frozen=True)
class _Written:
    """What the author wrote at a place, before YAML made a date or a yes of it."""

    line: int
    text: str


Written = dict[Place, _Written]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What neither calendars, messages nor PostgreSQL carry."""


def read_track(text: str) -> Track:
    """The track a file describes.

    Raises:
        Refusals: it is no YAML, a key is unknown, missing or given twice, or a value is wrong;
            one refusal for each, in the order of the lines, each with its `line`.
    """
    if len(text) > LARGEST:
        raise Refusals(
            [
                Refusal(
                    "track_file_too_long",
                    "Le fichier a {length} caractères, au plus {largest} sont lus. Abrégez-le.",
                    status=422,
                    length=len(text),
                    largest=LARGEST,
                )
            ]
        )
    root = _parse(text)
    written: Written = {}
    refusals: list[Refusal] = []
    data = _plain(root, (), written, refusals)
    if refusals:
        raise Refusals(refusals)
    try:
        return Track.model_validate(data)
    except ValidationError as error:
        wrong = [_refusal(one, written) for one in error.errors(include_url=False)]
        raise Refusals(sorted(wrong, key=lambda one: int(one.values["line"]))) from error


def _parse(text: str) -> yaml.MappingNode:
    try:
        _check_tokens(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(_line_of(error)) from error
    except yaml.reader.ReaderError as error:
        raise _not_yaml(text.count("\n", 0, error.position) + 1) from error
    if not isinstance(root, yaml.MappingNode):
        raise _no_track()
    return root


def _line_of(error: yaml.MarkedYAMLError) -> int:
    """Where the trouble is; for a quote that is never closed, where it opens."""
    unclosed = "end of stream" in (error.problem or "")
    mark = error.context_mark if unclosed and error.context_mark else error.problem_mark
    return mark.line + 1 if mark else 1


def _check_tokens(text: str) -> None:
    """Refuse what could make a short file endless: aliases, and nesting without end."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken):
            raise _alias(token.start_mark.line + 1)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEEPEST:
            raise _too_deep(token.start_mark.line + 1)


def _not_yaml(line: int) -> Refusals:
    return Refusals(
        [
            Refusal(
                "track_file_not_yaml",
                "Ligne {line} : le YAML est illisible ici. Vérifiez l’alignement, mettez entre "
                "guillemets un texte qui contient « : », et cherchez une tabulation ou un "
                "caractère invisible.",
                status=422,
                line=line,
            )
        ]
    )


def _no_track() -> Refusals:
    return Refusals(
        [
            Refusal(
                "track_file_without_keys",
                "Ligne 1 : ce fichier est vide ou n’est pas fait de lignes « clé: valeur ». "
                "Commencez-le par « format: essaim-track/1 ».",
                status=422,
                line=1,
            )
        ]
    )


def _alias(line: int) -> Refusals:
    return Refusals(
        [
            Refusal(
                "track_alias",
                "Ligne {line} : les renvois YAML (*nom) ne sont pas lus. "
                "Écrivez le texte une seconde fois.",
                status=422,
                line=line,
            )
        ]
    )


def _too_deep(line: int) -> Refusals:
    return Refusals(
        [
            Refusal(
                "track_too_deep",
                "Ligne {line} : trop de niveaux imbriqués. Aplatissez cette partie.",
                status=422,
                line=line,
            )
        ]
    )


def _plain(node: yaml.Node, place: Place, written: Written, refusals: list[Refusal]) -> Any:
    """The value of a node, noting what is written at each place and what nobody can read."""
    text = node.value if isinstance(node, yaml.ScalarNode) else ""
    line = node.start_mark.line + 1
    known = written.get(place)
    written[place] = _Written(known.line if known else line, text)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*place, number), written, refusals)
            for number, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, place, written, refusals)
    try:
        value = yaml.SafeLoader("").construct_object(node)
        return _text(value) if isinstance(value, str) else value
    except (yaml.YAMLError, ValueError):
        refusals.append(
            Refusal(
                "track_unreadable_value",
                "Ligne {line} : la valeur « {value} » est illisible. Mettez-la entre guillemets, "
                "sans caractère invisible.",
                field=_name(place),
                status=422,
                line=line,
                value=_shown(text),
            )
        )
        return None


def _text(value: str) -> str:
    """The text; JSON writes an emoji as two halves (`\\ud83d\\udc1d`), which are one again here."""
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if whole.count("\ufffd") > value.count("\ufffd") or _UNPRINTABLE.search(whole):
        raise ValueError("not printable")
    return whole


def _shown(text: str) -> str:
    """The text, short and printable."""
    readable = text.encode("utf-8", "replace").decode()
    readable = _UNPRINTABLE.sub("?", readable)
    return readable if len(readable) <= 80 else f"{readable[:80]}…"


def _plain_mapping(
    node: yaml.MappingNode, place: Place, written: Written, refusals: list[Refusal]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        text = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node.tag)
        key, line = _shown(text), key_node.start_mark.line + 1
        written[(*place, key)] = _Written(line, "")
        if key in values:
            refusals.append(
                Refusal(
                    "track_key_twice",
                    "Ligne {line} : la clé « {key} » est donnée deux fois. Gardez-en une.",
                    field=_name((*place, key)),
                    status=422,
                    line=line,
                    key=key,
                )
            )
        values[key] = _plain(value_node, (*place, key), written, refusals)
    return values


def _refusal(error: ErrorDetails, written: Written) -> Refusal:
    context = error.get("ctx", {})
    place: Place = (*error["loc"], *context.get("at", ()))
    known = place
    while known not in written:
        known = known[:-1]
    at: dict[str, Any] = {"field": _name(place), "status": 422, "line": written[known].line}
    key = place[-1] if place else "format"
    match error["type"]:
        case "extra_forbidden":
            return Refusal(
                "track_unknown_key",
                "Ligne {line} : la clé « {key} » est inconnue. Corrigez-la ou retirez-la.",
                key=key,
                **at,
            )
        case "missing":
            return Refusal(
                "track_missing_key",
                "Ligne {line} : la clé « {key} » manque. Ajoutez-la.",
                key=key,
                **at,
            )
        case "track_rule":
            return _broken_rule(context, at)
    return Refusal(
        "track_wrong_value",
        "Ligne {line} : « {value} » ne convient pas à « {key} » (attendu : {expected}).",
        key=key,
        value=_shown(written[known].text or str(error["input"] or "")),
        expected=_expected(error["type"], context),
        **at,
    )


def _broken_rule(context: dict[str, Any], at: dict[str, Any]) -> Refusal:
    match context["rule"]:
        case "one_unit":
            return Refusal(
                "track_duration_units",
                "Ligne {line} : une durée se donne en weeks, months ou years. Gardez-en un seul.",
                **at,
            )
        case "ordered":
            return Refusal(
                "track_length_order",
                "Ligne {line} : la durée min ({min}) dépasse la durée max ({max}). Échangez-les.",
                min=context["min"],
                max=context["max"],
                **at,
            )
        case "one_length":
            return Refusal(
                "track_two_lengths",
                "Ligne {line} : « {title} » se compte en half_days ou en minutes. Gardez l’un.",
                title=context["title"],
                **at,
            )
        case "whole_minutes":
            return Refusal(
                "track_part_minutes",
                "Ligne {line} : {hours} h ne font pas un nombre entier de minutes. Arrondissez.",
                hours=context["hours"],
                **at,
            )
        case "package_twice":
            return Refusal(
                "track_package_twice",
                "Ligne {line} : deux forfaits sont de nature {kind}. Additionnez-les.",
                kind=context["kind"],
                **at,
            )
    return Refusal(
        "track_hours_without_package",
        "Ligne {line} : « {title} » consomme des heures {kind} qu’aucun forfait n’accorde. "
        "Ajoutez le forfait à hour_packages.",
        title=context["title"],
        kind=context["kind"],
        **at,
    )


_EXPECTED = {
    "int_type": "1, 2, 3…",
    "float_type": "1,5",
    "string_type": "« … »",
    "bool_type": "true, false",
    "tuple_type": "[…, …]",
    "too_long": "≤ {max_length} × « - »",
    "model_type": "{{…}}",
    "greater_than": "> {gt}",
    "greater_than_equal": "≥ {ge}",
    "less_than_equal": "≤ {le}",
    "string_too_short": "≥ {min_length}",
    "string_too_long": "≤ {max_length}",
    "string_pattern_mismatch": "a-z, 0-9, -",
    "enum": "{expected}",
    "literal_error": "{expected}",
}
"""What pydantic expected, in signs that need no translation."""


def _expected(type: str, context: dict[str, Any]) -> str:
    return _EXPECTED.get(type, type).format(**context).replace(" or ", ", ")


def _name(place: Place) -> str:
    """The dotted name of a place, `sessions.0.kind`."""
    return ".".join(map(str, place))
