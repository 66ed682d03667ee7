"""Letters that came back: the coordination learns of it, and the address is left in peace."""

from pathlib import Path

import structlog
from essaim.people.directory import find_person
from essaim.text.mail_address import comparable_address
from essaim.work import Work

from notifications import store
from notifications.bounce import Bounce, Noted, read_bounce
from notifications.commands.message import following, give_up
from notifications.message import MessageState, OwnFailure

log = structlog.get_logger()


def note_report(work: Work, raw: bytes) -> Noted:
    """Read one mail that came to where letters are sent from, and note what it says."""
    bounce = read_bounce(raw)
    return Noted.NOT_OURS if bounce is None else _note(work, bounce)


def _note(work: Work, bounce: Bounce) -> Noted:
    message = store.message.lock(work.db, bounce.message_id)
    if message is None:
        return Noted.NOT_OURS
    if message.state not in (MessageState.SENT, MessageState.SENDING):
        return Noted.KNOWN
    if not bounce.is_failed:
        log.info("a letter is late, says the mail server", id=str(message.id))
        return Noted.DELAYED
    reader = find_person(work.db, message.recipient_id) if message.recipient_id else None
    if bounce.is_for_good and reader and reader.email and _is_hers(bounce, reader.email):
        store.bounced.add(work.db, reader.email, message.programme or "", work.now)
    give_up(following(work, message), message, OwnFailure.BOUNCED, answer=bounce.answer)
    return Noted.NOTED


def _is_hers(bounce: Bounce, email: str) -> bool:
    """Whether it speaks of the address she has now, and not of one she had or forwards to."""
    if bounce.address is None:
        return True
    return comparable_address(bounce.address) == comparable_address(email)


def new_reports(folder: Path, most: int = 100) -> list[Path]:
    """The mails of a Maildir that nobody has read, the oldest first."""
    return sorted((folder / "new").iterdir())[:most]


def mark_read(report: Path) -> None:
    """Put a mail of a Maildir where the read ones are."""
    report.rename(report.parent.parent / "cur" / f"{report.name.partition(':')[0]}:2,S")
