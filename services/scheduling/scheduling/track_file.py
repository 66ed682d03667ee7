"""Reads a track file (YAML). Every refusal names its line; see `docs/track-file.md`."""

from collections.abc import Hashable
from typing import Any

import yaml
from essaim.refusal import Refusal, Refusals
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scheduling.tracks import Track

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
    lines: dict[Place, int] = {}
    refusals: list[Refusal] = []
    data = _plain(root, (), lines, refusals)
    if refusals:
        raise Refusals(refusals)
    try:
        return Track.model_validate(data)
    except ValidationError as error:
        wrong = [_refusal(one, lines) for one in error.errors(include_url=False)]
        raise Refusals(sorted(wrong, key=lambda one: int(one.values["line"]))) from error


def _parse(text: str) -> yaml.MappingNode:
    try:
        _check_tokens(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _not_yaml(mark.line + 1 if mark else 1, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise _not_yaml(1, str(error)) from error
    if not isinstance(root, yaml.MappingNode):
        raise _not_yaml(1, "no keys")
    return root


def _check_tokens(text: str) -> None:
    """Refuse what could make a short file endless: aliases, and nesting without end."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken):
            raise _not_yaml(token.start_mark.line + 1, "alias")
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEEPEST:
            raise _not_yaml(token.start_mark.line + 1, f"> {DEEPEST} [ {{")


def _not_yaml(line: int, problem: str) -> Refusals:
    return Refusals(
        [
            Refusal(
                "track_file_not_yaml",
                "Ligne {line} : ce n’est pas le YAML d’un parcours ({problem}). "
                "Partez de l’exemple de la documentation.",
                status=422,
                line=line,
                problem=problem,
            )
        ]
    )


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int], refusals: list[Refusal]) -> Any:
    """The value of a node, noting the line of each place and the keys given twice."""
    line = lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*place, number), lines, refusals)
            for number, item in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, place, lines, refusals)
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError):
        refusals.append(
            Refusal(
                "track_unreadable_value",
                "Ligne {line} : la valeur « {value} » est illisible. Mettez-la entre guillemets.",
                field=_name(place),
                status=422,
                line=line,
                value=node.value,
            )
        )
        return None


def _plain_mapping(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], refusals: list[Refusal]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else str(key_node.tag)
        line = lines[(*place, key)] = key_node.start_mark.line + 1
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
        values[key] = _plain(value_node, (*place, key), lines, refusals)
    return values


def _refusal(error: ErrorDetails, lines: dict[Place, int]) -> Refusal:
    place: Place = error["loc"]
    known = place
    while known not in lines:
        known = known[:-1]
    at: dict[str, Any] = {"field": _name(place), "status": 422, "line": lines[known]}
    key = place[-1] if place else "format"
    context = error.get("ctx", {})
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
        value=error["input"],
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
    "model_type": "{…}",
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
    return _EXPECTED.get(type, type).format(**context)


def _name(place: Place) -> str:
    """The dotted name of a place, `sessions.0.kind`."""
    return ".".join(map(str, place))
