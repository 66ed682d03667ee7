"""Letters that stayed on this machine, for lack of a mail server."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from essaim.keeping.database import Instant
from essaim.keeping.listed import listed as listed_text
from essaim.keeping.listed import shown

from notifications.store.tables import metadata

mailbox = sa.Table(
    "mailbox",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("recipient_id", sa.Uuid, index=True),
    *listed_text(sa.Column("name", sa.String(200), nullable=False)),
    *listed_text(sa.Column("address", sa.String(254), nullable=False)),
    sa.Column("template", sa.String(60), nullable=False),
    sa.Column("language", sa.String(5), nullable=False),
    *listed_text(sa.Column("subject", sa.Text, nullable=False)),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("ics", sa.Text),
    sa.Index("mailbox_listed", "received_at", "id", "template"),
    sa.Index("mailbox_by_name", "name_order", "received_at", "id"),
    sa.Index("mailbox_by_subject", "subject_order", "received_at", "id"),
    info={"searched_with": ()},
)


@dataclass(frozen=True)
class ReceivedLetter:
    """A letter as its reader would have got it. `id` is the message's."""

    id: UUID
    recipient_id: UUID | None
    name: str
    address: str
    template: str
    language: str
    subject: str
    received_at: datetime
    text: str
    html: str
    ics: str | None


def put(db: sa.Connection, letters: Iterable[ReceivedLetter]) -> None:
    rows = [asdict(letter) for letter in letters]
    if rows:
        db.execute(sa.insert(mailbox), rows)


def find(db: sa.Connection, id: UUID) -> ReceivedLetter | None:
    row = db.execute(sa.select(*shown(mailbox)).where(mailbox.c.id == id)).one_or_none()
    return ReceivedLetter(**row._mapping) if row else None


def listed() -> sa.Select[tuple[datetime, str, str, str, str, str, UUID]]:
    """What the list of the mailbox shows."""
    return sa.select(
        mailbox.c.received_at,
        mailbox.c.name,
        mailbox.c.address,
        mailbox.c.subject,
        mailbox.c.language,
        mailbox.c.template,
        mailbox.c.id,
    )


def forget_person(
    db: sa.Connection, person_id: UUID, email: str | None, named_her: Iterable[UUID]
) -> None:
    """Drop what was written to her, and the letters of the messages that `named_her`."""
    hers = [mailbox.c.recipient_id == person_id, mailbox.c.id.in_(list(named_her))]
    if email:
        hers.append(sa.func.lower(mailbox.c.address) == email.lower())
    db.execute(sa.delete(mailbox).where(sa.or_(*hers)))


def forget(db: sa.Connection, id: UUID) -> None:
    db.execute(sa.delete(mailbox).where(mailbox.c.id == id))
