"""New opaque ids."""

from uuid import NAMESPACE_URL, UUID, uuid5

import uuid_utils


def new_id() -> UUID:
    """A UUIDv7: opaque to readers, and ordered by birth, which keeps indexes compact."""
    return UUID(int=uuid_utils.uuid7().int)


def stable_id(programme: str, kind: str, code: str) -> UUID:
    """The id of a thing a file names by a code: the same file gives the same ids everywhere."""
    return uuid5(NAMESPACE_URL, f"essaim:{programme}/{kind}/{code}")
