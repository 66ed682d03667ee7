"""How often somebody may do something: counted in the database, so for all instances together.

Who it was is kept as a digest that only the service's own secret makes: nobody who reads the table
learns an address from it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from essaim.keeping.tables import counted_act as table


@dataclass(frozen=True)
class Limit:
    """At most `most` times `within` this long, for each one who does it. `what` names the act."""

    what: str
    most: int
    within: timedelta


def admit(
    db: sa.Connection,
    limit: Limit,
    who: str,
    secret: str,
    now: datetime | None = None,
    *,
    weight: int = 1,
) -> bool:
    """Count one more act of `who`, unless that would be too many; a refused one is not counted.

    One act may weigh as much as several, such as a file by its megabytes.

    Whoever does the same at the same time waits for this transaction: keep it short.
    """
    now = now or datetime.now(UTC)
    digest = _digest(limit, who, secret)
    if db.dialect.name == "postgresql":
        # Two at once would each not see the other's act.
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(digest))))
    db.execute(sa.delete(table).where(table.c.counts_until <= now))
    done = sa.select(sa.func.count()).select_from(table).where(table.c.digest == digest)
    if db.execute(done).scalar_one() + weight > limit.most:
        return False
    act = {"digest": digest, "counts_until": now + limit.within}
    db.execute(sa.insert(table), [act] * weight)
    return True


def _digest(limit: Limit, who: str, secret: str) -> str:
    said = f"{limit.what}\0{who}".encode()
    return hmac.new(f"essaim.limits\0{secret}".encode(), said, hashlib.sha256).hexdigest()
