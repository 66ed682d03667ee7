"""Reads a YAML text and remembers where everything stands, so that an error can name its line."""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from essaim.refusal import Refusal

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40

Path = tuple[str | int, ...]
Place = tuple[int, int]
"""A line and a column, both from 1."""


class Unreadable(Exception):
    """The text is no YAML we read: why, and where."""

    def __init__(self, place: Place, why: Refusal) -> None:
        super().__init__(f"{place[0]}:{place[1]}: {why}")
        self.place = place
        self.why = why


@dataclass(frozen=True)
class Source:
    """`data` is made of dicts, lists, strings and None: numbers and dates stay as written."""

    data: Any
    places: dict[Path, Place]
    """Where each value starts."""
    keys: dict[Path, Place]
    """Where each key of a mapping stands."""

    def place_of(self, path: Path, *, key: bool = False) -> Place:
        """Where this stands, or where the nearest thing around it that is written does."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def decode(content: bytes) -> str:
    """
    Raises:
        Unreadable: it is not in UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        raise Unreadable(
            place,
            Refusal(
                "not_utf8",
                "Ce caractère n'est pas en UTF-8. Enregistrez le fichier en UTF-8.",
            ),
        ) from error


def read_yaml(text: str) -> Source:
    """
    Raises:
        Unreadable: broken YAML, an alias, a key twice, a control character, too long, or nested
            too deep.
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(
            (1, 1),
            Refusal(
                "file_too_long",
                "Le fichier a {count} caractères, au plus {most} sont lus. Faites "
                "plusieurs fichiers.",
                count=len(text),
                most=MAX_CHARACTERS,
            ),
        )
    try:
        _check_tokens(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_place_of(error), _broken()) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise Unreadable(place, _broken()) from error
    source = Source(None, {}, {})
    return Source(_value(root, (), source), source.places, source.keys)


def _place_of(error: yaml.MarkedYAMLError) -> Place:
    """Where the trouble is; for a quote that is never closed, where it opens."""
    unclosed = "end of stream" in (error.problem or "")
    mark = error.context_mark if unclosed and error.context_mark else error.problem_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _broken() -> Refusal:
    return Refusal(
        "broken_yaml",
        "Le YAML est illisible ici. Vérifiez l'alignement, mettez entre guillemets un texte qui "
        "contient « : » ou « ? », et cherchez un caractère invisible.",
    )


def _check_tokens(text: str) -> None:
    """Refuse what could make a short text endless (aliases) or exhaust the stack (depth)."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        place = (token.start_mark.line + 1, token.start_mark.column + 1)
        if isinstance(token, yaml.AliasToken):
            raise Unreadable(
                place,
                Refusal(
                    "yaml_alias",
                    "Les renvois YAML (*nom) ne sont pas lus. Écrivez le texte une seconde fois.",
                ),
            )
        if isinstance(
            token,
            yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken
            | yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken,
        ):  # fmt: skip
            depth += 1
        elif isinstance(
            token, yaml.BlockEndToken | yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken
        ):
            depth -= 1
        if depth > MAX_DEPTH:
            raise Unreadable(
                place, Refusal("too_deep", "Trop de niveaux imbriqués. Aplatissez cette partie.")
            )


_NULL = re.compile(r"~|null|Null|NULL|")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What pages, mails and calendars cannot carry; PostgreSQL refuses some of them."""


def _value(node: yaml.Node | None, path: Path, source: Source) -> Any:
    if node is None:
        return None
    source.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, number), source) for number, item in enumerate(node.value)]
    # Scalars stay text: YAML would read the department 01 as the number 1, and « no » as false.
    if isinstance(node, yaml.ScalarNode) and node.style is None and _NULL.fullmatch(node.value):
        return None
    return _text(node)


def _text(node: yaml.Node) -> str:
    # JSON writes an emoji as two halves (« \\ud83d\\udc1d »), which YAML leaves apart.
    halves = str(node.value).encode("utf-16-le", "surrogatepass")
    text = halves.decode("utf-16-le", "surrogatepass")
    found = _UNPRINTABLE.search(text)
    if found:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        raise Unreadable(
            place,
            Refusal(
                "unprintable",
                "Ce texte contient un caractère invisible (code {number}), que ni une page ni un "
                "courriel ne portent. Effacez-le et retapez le texte.",
                number=f"{ord(found[0]):04X}",
            ),
        )
    return text


def _mapping(node: yaml.MappingNode, path: Path, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            raise Unreadable(
                place, Refusal("bad_key", "Une clé doit être un mot. Écrivez « mot: valeur ».")
            )
        key = _text(key_node)
        if key in found:
            raise Unreadable(
                place,
                Refusal(
                    "key_twice",
                    "La clé « {key} » est écrite deux fois au même endroit. Enlevez l'une "
                    "des deux.",
                    key=key,
                ),
            )
        source.keys[(*path, key)] = place
        found[key] = _value(value_node, (*path, key), source)
    return found
