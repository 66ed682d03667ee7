"""The outbox, which is the owner's journal: facts told, kept after they were published."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from essaim_contracts.envelope import Envelope, to_headers

from essaim.tables import outbox
from essaim.wakeup import CHANNEL

_ONE_AT_A_TIME = 0x657373  # any constant: the advisory lock that orders outbox inserts


@dataclass(frozen=True)
class Outgoing:
    """A fact on its way out: its envelope and its JSON payload."""

    envelope: Envelope
    body: bytes


def save(db: sa.Connection, told: list[Outgoing]) -> None:
    """Add the facts of one transaction, as its last act.

    On PostgreSQL the inserts of concurrent transactions queue behind one lock until commit, so
    the order of positions is the order of commits and facts of one key cannot overtake.
    """
    if not told:
        return
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
    now = datetime.now(UTC)
    db.execute(
        sa.insert(outbox),
        [
            {
                "id": out.envelope.id,
                "key": out.envelope.key,
                "subject": out.envelope.nats_subject,
                "headers": json.dumps(to_headers(out.envelope)),
                "body": out.body,
                "told_at": now,
            }
            for out in told
        ],
    )
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
