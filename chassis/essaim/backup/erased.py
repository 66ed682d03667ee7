"""Who was erased: a list of ids beside the backups, so that an older one brings nobody back.

A backup is from before some erasures, and the databases and the stream that know of them may all be
lost on the same day. The list holds opaque ids and times, and names nobody.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import subjects_of
from nats.aio.client import Client
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from essaim.backup.manifest import NotOurs
from essaim.backup.place import Place, get, put
from essaim.broker.topology import FACTS
from essaim.hearing.message import Unreadable, read_fact
from essaim.keeping.tables import erased_person
from essaim.operating.reading import read_to_end

LIST = "erased.json"

Erased = Mapping[UUID, datetime]
"""When each was erased, by her id."""


def erased_in(db: sa.Connection) -> dict[UUID, datetime]:
    """Those a database knows of."""
    return {row.id: row.erased_at for row in db.execute(sa.select(erased_person))}


def listed_at(place: Place) -> dict[UUID, datetime]:
    """Those on the list beside the backups.

    Raises:
        NotOurs
    """
    try:
        return _LIST.validate_json(get(place, LIST))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        raise NotOurs(
            f"{LIST} beside the backups is no list of erased persons. Put the list back as "
            "it was; without it a restore would bring back whom it names."
        ) from error


async def erased_in_stream(connection: Client) -> dict[UUID, datetime]:
    """Those the stream says were erased."""
    found = {}
    async for message in read_to_end(connection, FACTS, subject=subjects_of(PersonErased)):
        with suppress(Unreadable):
            heard = read_fact(message)
            if heard is not None and isinstance(heard.fact, PersonErased):
                found[heard.fact.person_id] = heard.fact.erased_at
    return found


def note_at(place: Place, known: Erased) -> int:
    """Add to the list whom it lacks; says how many are on it."""
    listed = listed_at(place)
    merged = together([known, listed])
    if merged != listed:
        put(place, LIST, _LIST.dump_json(dict(sorted(merged.items())), indent=0))
    return len(merged)


def together(lists: Iterable[Erased]) -> dict[UUID, datetime]:
    """All of them; who is on two was erased when the later one in order says."""
    merged: dict[UUID, datetime] = {}
    for one in lists:
        merged.update(one)
    return merged


_LIST = TypeAdapter(dict[UUID, AwareDatetime])
