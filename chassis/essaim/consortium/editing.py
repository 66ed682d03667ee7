"""Changes of a consortium file that leave the rest of it, comments too, as it was written."""

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

PARTNERS, READERS = "partners", "readers"


def with_entry(written: str, place: str, values: Mapping[str, Any]) -> str:
    """The file with one more entry in the list of partners or of readers."""
    file = _read(written)
    file.setdefault(place, CommentedSeq()).append(CommentedMap(_on_one_line(values)))
    return _written(file)


def with_values(written: str, name: str, **values: Any) -> str:
    """The file with other values in the entry of a service or a reader; None takes a line out."""
    file = _read(written)
    for entry in (*file.get(PARTNERS, ()), *(file.get(READERS) or ())):
        if name in (entry.get("service"), entry.get("name")):
            for key, value in values.items():
                if value is None:
                    entry.pop(key, None)
                else:
                    entry |= _on_one_line({key: value})
    return _written(file)


def _on_one_line(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same, each on a line of its own, lists and texts in two languages too."""
    written: dict[str, Any] = {}
    for key, value in values.items():
        written[key] = value
        if isinstance(value, list | dict):
            written[key] = CommentedSeq(value) if isinstance(value, list) else CommentedMap(value)
            written[key].fa.set_flow_style()
    return written


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _read(written: str) -> CommentedMap:
    file: CommentedMap = _yaml().load(written)
    return file


def _written(file: CommentedMap) -> str:
    out = StringIO()
    _yaml().dump(file, out)
    return out.getvalue()
