"""Where facts came to stand that were on their way when a backup was made.

The snapshots show a fact as told and not published, though the stream has it and others handled
it. Restored that way it would be published last, after what followed from it. So the stream is
asked where such facts are now, and the archive keeps the answer.
"""

from collections.abc import Mapping

import sqlalchemy as sa
from nats.aio.client import Client
from pydantic import TypeAdapter, ValidationError

from essaim.backup.manifest import NotOurs
from essaim.hearing.message import identity_of
from essaim.keeping.tables import outbox
from essaim.operating.journal import read_stream

Places = dict[str, dict[int, int]]
"""The place in the stream by that in the outbox, by service."""


async def find_places(connection: Client, snapshots: Mapping[str, sa.Connection]) -> Places:
    """Of all facts that the snapshots hold as not published, those the stream has now."""
    waiting = {name: _unpublished(db) for name, db in snapshots.items()}
    if not any(waiting.values()):
        return {}
    after = min(_said(db) for name, db in snapshots.items() if waiting[name])
    stream = await read_stream(connection, after)
    return {
        name: {at: stream[identity].seq for identity, at in facts.items() if identity in stream}
        for name, facts in waiting.items()
    }


def to_json(places: Places) -> bytes:
    return _PLACES.dump_json(places)


def read(written: bytes) -> Places:
    """
    Raises:
        NotOurs
    """
    try:
        return _PLACES.validate_json(written)
    except ValidationError as error:
        raise NotOurs("the places of its facts cannot be read") from error


def _unpublished(db: sa.Connection) -> dict[str, int]:
    columns = (outbox.c.id, outbox.c.subject, outbox.c.position)
    query = sa.select(*columns).where(outbox.c.published_at.is_(None))
    return {identity_of(row.subject, row.id): row.position for row in db.execute(query)}


def _said(db: sa.Connection) -> int:
    return db.scalar(sa.select(sa.func.max(outbox.c.stream_seq))) or 0


_PLACES = TypeAdapter(Places)
