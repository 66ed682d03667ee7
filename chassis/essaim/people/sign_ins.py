"""Sign-ins, where the directory is kept: one for each browser or program, which she can end.

What is ended here reaches the other services with the person's entry of the directory. Times are
real ones, also where the programme's clock is simulated.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa

from essaim.keeping.tables import sign_in as table
from essaim.keeping.tables import sign_in_link, signed_in_browser, unshared
from essaim.people import openid
from essaim.people.browsers import SignedIn
from essaim.people.ended import note_ended
from essaim.people.signing import Kind, Proof, sign

BROWSER_LASTS = timedelta(hours=12)
TICKET_LASTS = timedelta(seconds=60)
QUESTION_LASTS = timedelta(seconds=60)
LABEL_LENGTH = 120


class Means(StrEnum):
    """With what somebody signed in."""

    BROWSER = "browser"
    PROGRAM = "program"


@dataclass(frozen=True)
class SignIn:
    """`label` tells her which of hers it is. A token speaks to one `service`, a browser to all.

    `seen_at` is when it last opened a service.
    """

    id: UUID
    person_id: UUID
    kind: Means
    label: str
    service: str | None
    begun_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def signed_in(self) -> SignedIn:
        return SignedIn(self.person_id, self.id, self.ends_at)


def begin_browser(db: sa.Connection, person_id: UUID, label: str) -> SignIn:
    """Note that somebody signs in with a browser."""
    return _begin(db, person_id, Means.BROWSER, label, BROWSER_LASTS, None)


def make_token(
    db: sa.Connection, key: str, person_id: UUID, service: str, days: int, label: str
) -> str:
    """The text with which a program speaks for the person, to this service's API."""
    lasts = timedelta(days=days)
    begun = _begin(db, person_id, Means.PROGRAM, label, lasts, service)
    return sign(key, _proof(begun, Kind.BEARER, service), begun.ends_at)


def find(db: sa.Connection, id: UUID) -> SignIn | None:
    """One that still opens something."""
    return next(iter(_those(db, table.c.id == id)), None)


def of_person(db: sa.Connection, person_id: UUID) -> list[SignIn]:
    """Hers that still open something, the newest first."""
    return _those(db, table.c.person_id == person_id)


def all_tokens(db: sa.Connection) -> list[SignIn]:
    """Everybody's that still open something, the newest first."""
    return _those(db, table.c.kind == Means.PROGRAM)


def end(db: sa.Connection, ended: SignIn) -> None:
    """End a sign-in: here at once, at the others as soon as they hear of it."""
    db.execute(sa.delete(table).where(table.c.id == ended.id))
    note_ended(db, ended.person_id, {ended.id: ended.ends_at})
    db.execute(sa.insert(unshared), {"id": ended.person_id})


def end_all(db: sa.Connection, person_id: UUID) -> None:
    """End all of hers; her links that were not used yet open nothing any more."""
    for one in of_person(db, person_id):
        end(db, one)
    db.execute(sa.delete(sign_in_link).where(sign_in_link.c.person_id == person_id))


def end_everybodys(db: sa.Connection) -> None:
    """End all there are: a database that comes back from a backup does not know which were."""
    for one in _those(db, sa.true()):
        end(db, one)
    for table_ in (sign_in_link, signed_in_browser):
        db.execute(sa.delete(table_))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    """Nothing that was signed for her opens anything, since nobody knows her any more."""
    openid.forget_person(db, person_id)
    for one in (table, signed_in_browser, sign_in_link):
        db.execute(sa.delete(one).where(one.c.person_id == person_id))


def ticket_for(db: sa.Connection, key: str, begun: SignIn, service: str, state: str) -> str:
    """What hands a browser over to another service, which sent it here with `state`; once."""
    now = datetime.now(UTC)
    db.execute(sa.update(table).where(table.c.id == begun.id).values(seen_at=now))
    return sign(key, _proof(begun, Kind.TICKET, service, state), now + TICKET_LASTS)


def question_for(key: str, who: SignedIn, service: str) -> str:
    """What says to a service that this person is signed in here, and what is asked is hers."""
    proof = Proof(
        kind=Kind.QUESTION,
        id=secrets.token_urlsafe(16),
        service=service,
        person_id=who.person_id,
        sign_in_id=who.sign_in_id,
        until=who.ends_at,
    )
    return sign(key, proof, datetime.now(UTC) + QUESTION_LASTS)


def _begin(
    db: sa.Connection,
    person_id: UUID,
    kind: Means,
    label: str,
    lasts: timedelta,
    service: str | None,
) -> SignIn:
    now = datetime.now(UTC)
    db.execute(sa.delete(table).where(table.c.ends_at < now))
    cut = label[:LABEL_LENGTH]
    begun = SignIn(uuid4(), person_id, kind, cut, service, now, now, now + lasts)
    db.execute(sa.insert(table), vars(begun))
    return begun


def _those(db: sa.Connection, condition: sa.ColumnElement[bool]) -> list[SignIn]:
    query = sa.select(table).where(condition, table.c.ends_at > datetime.now(UTC))
    rows = db.execute(query.order_by(table.c.begun_at.desc(), table.c.id))
    return [SignIn(**dict(row._mapping) | {"kind": Means(row.kind)}) for row in rows]


def _proof(begun: SignIn, kind: Kind, service: str, state: str = "") -> Proof:
    return Proof(
        kind=kind,
        id=secrets.token_urlsafe(16),
        service=service,
        person_id=begun.person_id,
        sign_in_id=begun.id,
        until=begun.ends_at,
        state=state,
    )
