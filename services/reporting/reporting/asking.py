"""What a request asks for, and whether the person who asks may see it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim.web import may, require, runtime_of
from fastapi import Request

from reporting.editions import Edition, coded_words, editions, find_edition
from reporting.indicator import Scope
from reporting.partners import organisation_names
from reporting.projects import session_titles
from reporting.sentences import Names

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)
"""Who reads the figures of a programme; an operator always may."""


@dataclass(frozen=True)
class Asked:
    """An edition that the visitor may read, and the day she asks about."""

    edition: Edition
    scope: Scope
    names: Names


def ask(
    request: Request,
    db: sa.Connection,
    edition_id: UUID,
    as_of: str | None = None,
    *,
    sentences: bool = False,
) -> Asked:
    """`sentences` says that sentences are to be written, which name sessions.

    Raises:
        Refusal: the edition is unknown (404), the visitor may not read it (403), or `as_of` is
            no day (422).
        SignInNeeded: nobody is signed in.
    """
    require(request)
    edition = find_edition(db, edition_id)
    require(request, *READERS, programme=edition.programme)
    scope = Scope(edition.id, edition.programme, day_of(as_of))
    sessions = session_titles(db, edition.id) if sentences else {}
    names = Names(organisation_names(db), sessions, *coded_words(db, edition.programme))
    return Asked(edition, scope, names)


def readable_editions(request: Request, db: sa.Connection) -> list[Edition]:
    """The editions of the programmes the visitor may read, the latest first."""
    return [
        edition for edition in editions(db) if may(request, *READERS, programme=edition.programme)
    ]


def readable_programmes(request: Request, person: Person) -> set[str] | None:
    """The programmes the person may read; None when she may read all of them."""
    today = runtime_of(request).clock.now().astimezone(PARIS).date()
    if person.holds({Role.OPERATOR}, today):
        return None
    held = {role.programme for role in person.roles}
    return {slug for slug in held if person.holds(set(READERS), today, slug)}


def day_of(text: str | None) -> date | None:
    """A day written 2020-06-30; None for an empty text.

    Raises:
        Refusal: (422) there is no such day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(
            "wrong_day",
            "« {day} » n'est pas une date. Écrivez-la ainsi : 2020-06-30.",
            field="as_of",
            status=422,
            day=text,
        ) from None
