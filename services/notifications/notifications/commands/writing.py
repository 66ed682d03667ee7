"""A letter to many is written: to whom, shown before, held until somebody sends it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.people.directory import all_people, people_with_role
from essaim.refusal import Refusal
from essaim.text.mail_address import canonical_address
from essaim.work import Work

from notifications import store
from notifications.commands.message import queue
from notifications.outbox import MOST_AT_ONCE, fingerprint, too_many_held
from notifications.writing import (
    Audience,
    Chosen,
    Said,
    Standing,
    audience_changed,
    choose,
    letters,
    nobody_to_write_to,
)


def readers(db: sa.Connection, programme: str, audience: Audience, today: date) -> Chosen:
    """Who of an audience is written to, who is not and why."""
    off = store.preference.switched_off(db, "letters")
    bounced = store.bounced.every(db)
    if audience.role is not None:
        return choose(people_with_role(db, audience.role, today, programme), off, bounced, 0)
    ids = _ids(db, programme, audience)
    known = [person for person in all_people(db) if person.id in ids]
    return choose(known, off, bounced, len(ids) - len(known))


def _ids(db: sa.Connection, programme: str, audience: Audience) -> set[UUID]:
    if audience.of_id is None:
        return set()
    if audience.kind == "cohort":
        return store.writing.members(db, programme, audience.of_id)
    standing = audience.standing or Standing.RECEIVED
    return store.writing.applicants(db, programme, audience.of_id, standing)


def shown(chosen: Chosen) -> str:
    """What names this choice of readers: somebody confirms the one she was shown."""
    return fingerprint(one.id for one in chosen.readers)


def write_to(
    work: Work,
    programme: str,
    audience: Audience,
    texts: Mapping[str, Said | None],
    *,
    was: str | None = None,
) -> tuple[UUID, Chosen]:
    """Write a letter to each of an audience and hold it; answers its id and whom it is for.

    `was` names the choice of readers that somebody confirms.

    Raises:
        Refusal: nobody can be written to, too many would be, or others than were shown.
    """
    chosen = readers(work.db, programme, audience, work.today)
    french = texts.get("fr")
    if not chosen.readers or french is None:
        raise nobody_to_write_to()
    if len(chosen.readers) > MOST_AT_ONCE:
        raise too_many_held(len(chosen.readers))
    if was is not None and was != shown(chosen):
        raise audience_changed()
    id = new_id()
    store.writing.add(work.db, id, programme, audience.code, french.subject, work.now)
    queue(work, letters(id, texts, chosen.readers), programme)
    return id, chosen


def answer_to(work: Work, programme: str, address: str) -> None:
    """Say where answers to a programme's letters go; empty, where the operator says.

    Raises:
        Refusal: (422) it is no mail address.
    """
    try:
        kept = canonical_address(address) if address.strip() else ""
    except ValueError:
        raise no_address(address) from None
    store.reply.save(work.db, programme, kept)


def no_address(address: str) -> Refusal:
    return Refusal(
        "no_mail_address",
        "« {address} » n’est pas une adresse électronique. Écrivez par exemple contact@exemple.fr.",
        field="address",
        status=422,
        address=address,
    )
