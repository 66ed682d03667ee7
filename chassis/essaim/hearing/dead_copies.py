"""Copies of dead letters in the consortium's stream of them, for operators to see."""

import re

import structlog

from essaim.hearing.dead import DeadLetter, mark_shown, not_shown
from essaim.keeping.database import Database
from essaim.telling.outbox import Pending
from essaim.telling.publisher import Publisher, PublishRefused
from essaim.threads import in_thread

log = structlog.get_logger()

_AT_ONCE = 50
_ATTRIBUTE = re.compile("ce-[a-z]{1,20}|content-type")


async def copy_new(database: Database, service: str, publisher: Publisher) -> bool:
    """Send copies of those that died since; says whether there were any.

    Raises:
        StreamUnavailable: not now; the rest is copied another time.
    """
    letters = await in_thread(_not_shown, database)
    for letter in letters:
        await _copy(service, letter, publisher)
        await in_thread(_mark_shown, database, letter.number)
    return bool(letters)


async def _copy(service: str, letter: DeadLetter, publisher: Publisher) -> None:
    """Send the copy of one dead letter; without its body when that is too large."""
    headers = _attributes(letter.headers) | {
        "Nats-Msg-Id": f"{service}-{letter.number}-{letter.id}",
        "essaim-dead-reason": " ".join(letter.reason.split())[:500],
        "essaim-dead-attempts": str(letter.attempts),
        "essaim-dead-stream-seq": str(letter.stream_seq),
        "essaim-dead-subject": letter.subject,
    }
    subject = f"essaim-dead.{service}.{letter.stream_seq}"
    for body in (letter.body, b""):
        try:
            await publisher.publish(
                Pending(0, letter.id, letter.key, subject, headers, body), headers
            )
            return
        except PublishRefused as refusal:
            reason = str(refusal)
    # The letter itself is in the database; its copy must not hold up the next ones.
    log.error("dead letter not copied", number=letter.number, reason=reason)


def _attributes(headers: dict[str, str]) -> dict[str, str]:
    """What describes a fact among a stranger's headers; the server would obey some others."""
    return {
        name: value
        for name, value in headers.items()
        if _ATTRIBUTE.fullmatch(name) and len(value) <= 1000
    }


def _not_shown(database: Database) -> list[DeadLetter]:
    with database.read() as db:
        return not_shown(db, _AT_ONCE)


def _mark_shown(database: Database, number: int) -> None:
    with database.write() as db:
        mark_shown(db, number)
