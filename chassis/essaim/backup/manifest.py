"""What a backup says of itself: inside the archive, and in a note beside it that names nobody."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

FORMAT = "essaim-backup/1"
_NAME = re.compile(r"essaim-\d{8}T\d{6}Z")


class NotOurs(ValueError):
    """What was read is no manifest, or one of a later version; says what to do."""


@dataclass(frozen=True)
class Member:
    """One piece of the archive: `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Saved:
    """One service as it was saved.

    `told` is the place of its last fact in its outbox, `said` that of the last one known to be in
    the stream, `handled` the place in the stream up to which it handled facts: 0 for none. `heads`
    are the migrations its database had, by package.
    """

    database: str
    heads: Mapping[str, tuple[str, ...]]
    told: int
    said: int
    handled: int
    documents: int


@dataclass(frozen=True)
class Manifest:
    """`placed` says whether the broker told where facts are that were on their way; see `places`.

    `erased` counts the persons who were already erased then. `members` are in the archive's
    manifest alone, `sha256` and `size` of the archive in the note beside it.
    """

    format: str
    name: str
    created_at: AwareDatetime
    version: str
    recipient: str
    services: Mapping[str, Saved]
    placed: bool
    erased: int
    members: tuple[Member, ...] = ()
    size: int = 0
    sha256: str = ""

    def beside(self, size: int, sha256: str) -> "Manifest":
        """What is written beside the archive, once that has these."""
        return replace(self, members=(), size=size, sha256=sha256)


def name_at(now: datetime) -> str:
    """What a backup of this instant (UTC) is called; names sort by their time."""
    return now.strftime("essaim-%Y%m%dT%H%M%SZ")


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def to_json(manifest: Manifest) -> bytes:
    return _MANIFEST.dump_json(manifest, indent=2)


def read_manifest(written: bytes) -> Manifest:
    """
    Raises:
        NotOurs
    """
    try:
        manifest = _MANIFEST.validate_json(written)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise NotOurs(f"it is no manifest of a backup ({where}: {wrong['msg']})") from None
    if manifest.format != FORMAT:
        raise NotOurs(f"it is of the format {manifest.format}, this version reads {FORMAT}")
    return manifest


def as_data(manifest: Manifest) -> dict[str, Any]:
    """The manifest for a script, without the list of what is in the archive."""
    data = asdict(manifest)
    del data["members"]
    return data


_MANIFEST = TypeAdapter(Manifest)
