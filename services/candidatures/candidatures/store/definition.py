"""What programme files define, as it is kept: whole rows, in the columns of their tables."""

from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import upsert

from candidatures.programme_rows import Key, Row
from candidatures.store.call import call
from candidatures.store.deliverable import deliverable
from candidatures.store.programme import edition, organisation, programme, programme_person
from candidatures.store.trophy import prize, trophy

_TABLES = {
    "programme": programme,
    "organisation": organisation,
    "edition": edition,
    "call": call,
    "deliverable": deliverable,
    "prize": prize,
    "person": programme_person,
}


def rows_of(db: sa.Connection, slug: str) -> dict[Key, Row]:
    """Every row that files of a programme defined, by kind and primary key."""
    editions = sa.select(edition.c.id).where(edition.c.programme == slug)
    conditions = {
        "programme": programme.c.slug == slug,
        "organisation": organisation.c.programme == slug,
        "edition": edition.c.programme == slug,
        "call": call.c.edition_id.in_(editions),
        "deliverable": deliverable.c.edition_id.in_(editions),
        "prize": prize.c.edition_id.in_(editions),
        "person": programme_person.c.programme == slug,
    }
    return {
        (kind, *(row[column.name] for column in _TABLES[kind].primary_key)): dict(row)
        for kind, condition in conditions.items()
        for row in db.execute(sa.select(_TABLES[kind]).where(condition)).mappings()
    }


def save(db: sa.Connection, kind: str, row: Row) -> None:
    upsert(db, _TABLES[kind], [dict(row)])


def call_names(db: sa.Connection) -> dict[UUID, tuple[str, str]]:
    """The slug and the receipt prefix of every call."""
    query = sa.select(call.c.id, call.c.slug, call.c.receipt_prefix)
    return {row.id: (row.slug, row.receipt_prefix) for row in db.execute(query)}


def given_prizes(db: sa.Connection) -> dict[UUID, str]:
    """The title of the trophy with which each given prize went."""
    query = sa.select(prize.c.id, trophy.c.title).join(trophy, trophy.c.id == prize.c.trophy_id)
    return {row.id: row.title for row in db.execute(query)}
