"""Signing in with OpenID Connect, as the keeper remembers it: who is on the way, whose is what."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from essaim.keeping.database import insert
from essaim.keeping.tables import openid_account as account
from essaim.keeping.tables import openid_attempt as table
from essaim.keeping.tables import openid_session as session
from essaim.keeping.tables import signed_in_browser as known
from essaim.people.browsers import SignedIn

ATTEMPT_LASTS = timedelta(minutes=15)


@dataclass(frozen=True)
class Attempt:
    """Somebody sent to a provider: which browser, and the page of which service she asked for.

    `nonce` must stand in what the provider signs, `verifier` proves to it that we sent her.
    """

    provider: str
    nonce: str
    verifier: str
    browser: str
    service: str
    next: str


def keep_attempt(db: sa.Connection, state: str, attempt: Attempt) -> None:
    now = datetime.now(UTC)
    db.execute(sa.delete(table).where(table.c.ends_at < now))
    row = vars(attempt) | {"browser": _digest(attempt.browser), "digest": _digest(state)}
    db.execute(sa.insert(table), row | {"ends_at": now + ATTEMPT_LASTS})


def take_attempt(db: sa.Connection, provider: str, state: str, browser: str) -> Attempt | None:
    """The attempt that this browser comes back from, once; None for any other."""
    mine = (table.c.digest == _digest(state), table.c.browser == _digest(browser))
    taken = sa.delete(table).where(
        *mine, table.c.provider == provider, table.c.ends_at > datetime.now(UTC)
    )
    row = db.execute(taken.returning(table)).one_or_none()
    if row is None:
        return None
    return Attempt(provider, row.nonce, row.verifier, browser, row.service, row.next)


def person_of(db: sa.Connection, issuer: str, subject: str) -> UUID | None:
    """Whose account this is."""
    mine = sa.select(account.c.person_id).where(
        account.c.issuer == issuer, account.c.subject == subject
    )
    found: UUID | None = db.scalar(mine)
    return found


def has_account(db: sa.Connection, issuer: str, person_id: UUID) -> bool:
    """Whether an account of this provider is hers already."""
    hers = (account.c.issuer == issuer, account.c.person_id == person_id)
    return bool(db.scalar(sa.select(sa.exists().where(*hers))))


def bind(db: sa.Connection, issuer: str, subject: str, person_id: UUID) -> None:
    row = {"issuer": issuer, "subject": subject, "person_id": person_id}
    statement = insert(db, account).values(row | {"bound_at": datetime.now(UTC)})
    # Two of her windows at once bind it once.
    db.execute(statement.on_conflict_do_nothing())


def accounts_of(db: sa.Connection, person_id: UUID) -> list[tuple[str, datetime]]:
    """The issuers with which an account of hers is bound, and since when."""
    hers = sa.select(account.c.issuer, account.c.bound_at).where(account.c.person_id == person_id)
    return [(row.issuer, row.bound_at) for row in db.execute(hers.order_by(account.c.bound_at))]


def unbind(db: sa.Connection, issuer: str, person_id: UUID) -> None:
    mine = (account.c.issuer == issuer, account.c.person_id == person_id)
    db.execute(sa.delete(account).where(*mine))


def forget_accounts(db: sa.Connection, person_id: UUID) -> None:
    db.execute(sa.delete(account).where(account.c.person_id == person_id))


def forget_person(db: sa.Connection, person_id: UUID) -> None:
    forget_accounts(db, person_id)
    db.execute(sa.delete(session).where(session.c.person_id == person_id))


@dataclass(frozen=True)
class Session:
    """Of a browser that a provider signed in: what ends that there."""

    provider: str
    id_token: str


def keep_session(db: sa.Connection, browser: str, who: SignedIn, of: Session) -> None:
    """`browser` is the secret of its cookie, which it still has when its sign-in ended."""
    db.execute(sa.delete(session).where(session.c.ends_at < datetime.now(UTC)))
    row = {"digest": _digest(browser), "person_id": who.person_id, "ends_at": who.ends_at}
    db.execute(sa.insert(session), row | vars(of))


def take_session(db: sa.Connection, browser: str) -> Session | None:
    """Once: what ended is not ended again."""
    taken = sa.delete(session).where(session.c.digest == _digest(browser))
    row = db.execute(taken.returning(session.c.provider, session.c.id_token)).one_or_none()
    return Session(*row) if row else None


def take_ended(
    db: sa.Connection, provider: str, subject: str | None, session_id: str | None
) -> list[UUID]:
    """The sign-ins here of the session that ended at the provider, or of all of that subject's.

    Once: their sessions there are not ended again when she signs out here.
    """
    same = known.c.digest == session.c.digest
    columns = (session.c.digest, session.c.id_token, known.c.sign_in_id)
    query = sa.select(*columns).join_from(session, known, same)
    rows = db.execute(query.where(session.c.provider == provider)).all()
    meant = [row for row in rows if _is_meant(_claims(row.id_token), subject, session_id)]
    db.execute(sa.delete(session).where(session.c.digest.in_([row.digest for row in meant])))
    return [row.sign_in_id for row in meant]


def _is_meant(claims: dict[str, Any], subject: str | None, session_id: str | None) -> bool:
    """Whether a session that began with these claims is meant; by its subject where either side
    names no session."""
    if session_id is not None and "sid" in claims:
        return bool(claims["sid"] == session_id and subject in (None, claims["sub"]))
    return subject is not None and bool(claims["sub"] == subject)


def _claims(id_token: str) -> dict[str, Any]:
    """What an ID token says, which was verified before it was kept."""
    body = id_token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
