"""The editions that figures can be asked of: an edition is known once one of its calls opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.refusal import Refusal
from essaim_contracts.candidatures import CallOpened, Coded

from reporting.store import call_opened, timeline


@dataclass(frozen=True)
class Edition:
    """One yearly run of a programme, with the last of its calls."""

    id: UUID
    programme: str
    programme_name: str | None
    number: int
    year: int
    call_title: str
    places: int | None
    opens_at: datetime
    closes_at: datetime


def _editions() -> "sa.Select[Any]":
    last = sa.func.max(call_opened.c.seq).over(partition_by=call_opened.c.edition_id)
    calls = sa.select(call_opened, last.label("last")).subquery()
    return (
        sa.select(
            calls.c.edition_id.label("id"),
            calls.c.programme,
            calls.c.programme_name,
            calls.c.edition_number.label("number"),
            calls.c.edition_year.label("year"),
            calls.c.title.label("call_title"),
            calls.c.places,
            calls.c.opens_at,
            calls.c.closes_at,
        )
        .where(calls.c.seq == calls.c.last)
        .order_by(calls.c.edition_year.desc(), calls.c.programme, calls.c.edition_number.desc())
    )


_EDITIONS = _editions()


def editions(db: sa.Connection) -> list[Edition]:
    """Every edition heard of, the latest first."""
    return [Edition(**row._mapping) for row in db.execute(_EDITIONS)]


def find_edition(db: sa.Connection, edition_id: UUID) -> Edition:
    """
    Raises:
        Refusal: (404) no call of this edition has opened yet.
    """
    for edition in editions(db):
        if edition.id == edition_id:
            return edition
    raise Refusal(
        "unknown_edition",
        "Aucun appel de cette édition n'est connu ici. Vérifiez l'adresse, ou attendez quelques "
        "secondes si l'appel vient d'être ouvert.",
        status=404,
    )


def coded_words(db: sa.Connection, programme: str) -> tuple[dict[str, Coded], dict[str, Coded]]:
    """What the calls of a programme last called its sectors, and its sources."""
    opened = (
        sa.select(timeline.c.body)
        .where(timeline.c.type == CallOpened.type, timeline.c.programme == programme)
        .order_by(timeline.c.seq)
    )
    calls = [CallOpened.read(body) for body in db.scalars(opened)]
    return (
        {one.code: one for call in calls for one in call.sectors},
        {one.code: one for call in calls for one in call.heard_from},
    )
