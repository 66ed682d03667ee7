"""Golden examples: whole messages, kept for ever, that every build must still be able to read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent / "schemas"
"""The generated schemas, the released ones, and the examples: they travel in the wheel."""

PROGRAMS = Path(__file__).parent / "programs"
"""Programs to copy: they read the facts of a consortium and print some."""


@dataclass(frozen=True, slots=True)
class Example:
    """One message, from `examples/<type>/<version>-<what>.json`."""

    path: Path
    headers: dict[str, str]
    data: dict[str, Any]

    @property
    def type(self) -> str:
        """The CloudEvents type whose folder holds it."""
        return self.path.parent.name

    @property
    def body(self) -> bytes:
        """The payload, as it travels."""
        return json.dumps(self.data, ensure_ascii=False).encode()


def golden_examples(schemas: Path = SCHEMAS) -> Iterator[Example]:
    """Every example under `schemas`, in the order of types and names."""
    for path in sorted(schemas.glob("examples/*/*.json")):
        message = json.loads(path.read_text())
        yield Example(path, message["headers"], message["data"])
