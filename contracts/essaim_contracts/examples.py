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
    """Where it is written."""
    headers: dict[str, str]
    data: dict[str, Any]

    @property
    def type(self) -> str:
        """The CloudEvents type: of a golden example, what its folder is called."""
        return self.path.parent.name if self.path.suffix == ".json" else self.headers["ce-type"]

    @property
    def body(self) -> bytes:
        """The payload, as it travels."""
        return json.dumps(self.data, ensure_ascii=False).encode()


def golden_examples(schemas: Path = SCHEMAS) -> Iterator[Example]:
    """Every example under `schemas`, in the order of types and names."""
    for path in sorted(schemas.glob("examples/*/*.json")):
        message = json.loads(path.read_text())
        yield Example(path, message["headers"], message["data"])


def synthetic_edition() -> Iterator[Example]:
    """An edition from its call to its trophy, in the order of its stream; all in it is invented."""
    path = Path(__file__).parent / "edition.jsonl"
    for line in path.read_text("utf-8").splitlines():
        message = json.loads(line)
        yield Example(path, message["headers"], message["data"])
