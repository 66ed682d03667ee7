"""New opaque ids."""

from uuid import NAMESPACE_URL, UUID, uuid5

import uuid_utils


def new_id() -> UUID:
    """A UUIDv7: opaque to readers, and ordered by birth, which keeps indexes compact."""
    return UUID(int=uuid_utils.uuid7().int)


def answer_id(cause: str, type: str, number: int) -> UUID:
    """The id of the fact of a type that a service tells, `number`th, on hearing another one.

    `cause` is the identity of that one: its id alone may be another's too. The same
    whenever it is told: a database restored from a backup hears again what it lacks, and its
    partners drop the answers they know.
    """
    return uuid5(NAMESPACE_URL, f"essaim:{cause}/{type}/{number}")


def stable_id(programme: str, kind: str, code: str) -> UUID:
    """The id of a thing a file names by a code: the same file gives the same ids everywhere."""
    return uuid5(NAMESPACE_URL, f"essaim:{programme}/{kind}/{code}")
