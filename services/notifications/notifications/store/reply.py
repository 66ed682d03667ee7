"""Where the answers to a programme's letters go: the mailbox of who steers it."""

import sqlalchemy as sa
from essaim.keeping.database import upsert

from notifications.store.tables import metadata

reply = sa.Table(
    "reply_address",
    metadata,
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("address", sa.String(254), nullable=False),
)


def save(db: sa.Connection, programme: str, address: str) -> None:
    """Empty, answers go where the operator says again."""
    if address:
        upsert(db, reply, [{"programme": programme, "address": address}])
    else:
        db.execute(sa.delete(reply).where(reply.c.programme == programme))


def address_of(db: sa.Connection, programme: str | None) -> str | None:
    return db.scalar(sa.select(reply.c.address).where(reply.c.programme == programme))
