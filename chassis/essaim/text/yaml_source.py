"""Reads a YAML text and remembers where everything stands, so that an error can name its line.

Scalars stay as they are written: YAML would read the department 01 as 1, 010 as 8, 1:30 as 90 and
« no » as false. What a number, a day or a yes looks like, `file_values` says where one is expected.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from essaim.refusal import Refusal
from essaim.text.file_errors import Path, Place, WrongFile, error_at
from essaim.text.written import cleaned

LONGEST = 1_000_000
DEEPEST = 20
MOST_TOKENS = 100_000
"""Ten times those of our largest file; each takes memory, and a comma is one."""


@dataclass(frozen=True)
class Source:
    """`data` is made of dicts, lists, strings and None."""

    data: Any
    places: dict[Path, Place] = field(default_factory=dict)
    """Where each value starts."""
    keys: dict[Path, Place] = field(default_factory=dict)
    """Where each key of a mapping stands."""

    def place_of(self, path: Path, *, key: bool = False) -> Place:
        """Where this stands, or where the nearest thing around it that is written does."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_yaml(written: str | bytes, *, longest: int = LONGEST) -> Source:
    """Read a text of at most `longest` characters.

    Raises:
        WrongFile: not in UTF-8, broken YAML, an alias, a type (`!name`), a key twice, a control
            character, too long, or nested too deep.
    """
    text = _decode(written) if isinstance(written, bytes) else written.removeprefix("\ufeff")
    if len(text) > longest:
        raise _wrong(
            (1, 1),
            Refusal(
                "file_too_long",
                "Le fichier a {count} caractères, au plus {most} sont lus. Abrégez-le, ou faites "
                "plusieurs fichiers.",
                count=len(text),
                most=longest,
            ),
        )
    try:
        _check_tokens(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _wrong(_place_of(error), _broken()) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _wrong(place, _broken()) from error
    places: dict[Path, Place] = {}
    keys: dict[Path, Place] = {}
    return Source(_value(root, (), places, keys), places, keys)


def _wrong(place: Place, why: Refusal, path: Path = ()) -> WrongFile:
    return WrongFile([error_at(place, path, why)])


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from after the byte order mark, when there is one.
        before = error.object[: error.start]
        place = (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        raise _wrong(
            place,
            Refusal(
                "not_utf8", "Ce caractère n’est pas en UTF-8. Enregistrez le fichier en UTF-8."
            ),
        ) from error


def _place_of(error: yaml.MarkedYAMLError) -> Place:
    """Where the trouble is; for a quote or a bracket that is never closed, where it opens."""
    problem = error.problem or ""
    unclosed = "end of stream" in problem or "<stream end>" in problem
    mark = error.context_mark if unclosed and error.context_mark else error.problem_mark
    return _mark(mark) if mark else (1, 1)


def _mark(mark: yaml.Mark) -> Place:
    return mark.line + 1, mark.column + 1


def _broken() -> Refusal:
    return Refusal(
        "broken_yaml",
        "Le YAML est illisible ici. Vérifiez l’alignement, mettez entre guillemets un texte qui "
        "contient « : » ou « ? », et cherchez une tabulation ou un caractère invisible.",
    )


_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


def _check_tokens(text: str) -> None:
    """Refuse what could make a short text endless (aliases), exhaust the stack, or mean code."""
    depth = 0
    for count, token in enumerate(yaml.scan(text, Loader=yaml.SafeLoader)):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if isinstance(token, yaml.AliasToken):
            raise _wrong(
                _mark(token.start_mark),
                Refusal(
                    "yaml_alias",
                    "Les renvois YAML (*{name}) ne sont pas lus. Écrivez le texte une seconde "
                    "fois.",
                    name=token.value,
                ),
            )
        if isinstance(token, yaml.TagToken):
            raise _wrong(
                _mark(token.start_mark),
                Refusal(
                    "yaml_tag",
                    "Les types YAML (« ! ») ne sont pas lus. Enlevez celui-ci, ou mettez le texte "
                    "entre guillemets.",
                ),
            )
        if count > MOST_TOKENS:
            raise _wrong(
                _mark(token.start_mark),
                Refusal(
                    "file_too_long",
                    "Le fichier a plus de {most} éléments jusqu’ici. Faites-en plusieurs.",
                    most=MOST_TOKENS,
                ),
            )
        if depth > DEEPEST:
            raise _wrong(
                _mark(token.start_mark),
                Refusal(
                    "too_deep",
                    "Plus de {most} niveaux imbriqués. Aplatissez cette partie.",
                    most=DEEPEST,
                ),
            )


_NULL = re.compile(r"~|null|Null|NULL|")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What pages, mails and calendars cannot carry; PostgreSQL refuses some of them."""


def _value(
    node: yaml.Node | None, path: Path, places: dict[Path, Place], keys: dict[Path, Place]
) -> Any:
    if node is None:
        return None
    places[path] = _mark(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, places, keys)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, n), places, keys) for n, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.style is None and _NULL.fullmatch(node.value):
        return None
    return _text(node, path)


def _text(node: yaml.Node, path: Path) -> str:
    # JSON writes an emoji as two halves (« \\ud83d\\udc1d »), which YAML leaves apart.
    halves = str(node.value).encode("utf-16-le", "surrogatepass")
    text = halves.decode("utf-16-le", "surrogatepass")
    found = _UNPRINTABLE.search(text)
    if found:
        raise _wrong(
            _mark(node.start_mark),
            Refusal(
                "unprintable",
                "Ce texte contient un caractère invisible (code {number}), que ni une page ni un "
                "courriel ne portent. Effacez-le et retapez le texte.",
                number=f"{ord(found[0]):04X}",
            ),
            path,
        )
    return cleaned(text)


def _mapping(
    node: yaml.MappingNode, path: Path, places: dict[Path, Place], keys: dict[Path, Place]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = _mark(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise _wrong(
                place,
                Refusal("bad_key", "Une clé doit être un mot. Écrivez « mot: valeur »."),
                path,
            )
        key = _text(key_node, path)
        if key in found:
            first = keys[(*path, key)][0]
            raise _wrong(
                place,
                Refusal(
                    "key_twice",
                    "La clé « {key} » est déjà écrite ligne {first}. Enlevez l’une des deux.",
                    key=key,
                    first=first,
                ),
                (*path, key),
            )
        keys[(*path, key)] = place
        found[key] = _value(value_node, (*path, key), places, keys)
    return found
