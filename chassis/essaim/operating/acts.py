"""What was done at the operator's desk: when, by whom, and once for each key.

A line a change, beside what the broker reads. Whoever asks the desk for one cannot unwrite it.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

_FILE = "acts.jsonl"


class What(StrEnum):
    ADDED = "added"
    ROTATED = "rotated"
    REVOKED = "revoked"
    REWRITTEN = "rewritten"
    """The whole file, by hand."""


@dataclass(frozen=True)
class Asked:
    """Who wants something done: a person's id, empty for a command; and a key of that request."""

    by: str = ""
    key: str = ""


@dataclass(frozen=True)
class Act:
    """`name` is the partner's or reader's; `by` and `key` are as they were asked."""

    what: What
    name: str
    at: datetime
    by: str = ""
    key: str = ""


def acts_in(folder: Path) -> list[Act]:
    """All of them, the newest last."""
    try:
        lines = (folder / _FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [_read(json.loads(line)) for line in lines]


def note(folder: Path, act: Act) -> None:
    values = asdict(act) | {"at": act.at.isoformat()}
    with (folder / _FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def key_made_at(acts: Iterable[Act], name: str) -> datetime | None:
    """When the key was made that this one signs on with; None where it is not known."""
    made = [one.at for one in acts if one.name == name and one.what in (What.ADDED, What.ROTATED)]
    return max(made, default=None)


def _read(line: dict[str, str]) -> Act:
    at = datetime.fromisoformat(line["at"])
    return Act(What(line["what"]), line["name"], at, line["by"], line["key"])
