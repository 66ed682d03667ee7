"""The outbox: held letters are sent, edited, written anew or discarded by who coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim.people.directory import find_person
from essaim.work import Work

from notifications import store
from notifications.commands.message import REAL_TIME, following, give_up, text_for
from notifications.message import (
    GIVE_UP_AFTER,
    CancelReason,
    Message,
    MessageState,
    OwnFailure,
    Template,
    Text,
)
from notifications.outbox import (
    ALWAYS_HELD,
    MOST_AT_ONCE,
    address_not_proved,
    always_held,
    edited_text,
    letter_changed,
    message_not_held,
    message_not_written,
    never_held,
    nothing_held,
    outbox_changed,
    part,
    revision,
    text_changed,
    too_many_held,
    why_at_once,
)


@dataclass(frozen=True)
class Released:
    """How many letters leave, and how many said the same as one of them and do not."""

    leaving: int
    identical: int


def release(work: Work, ids: Sequence[UUID]) -> Released:
    """Send held letters: all of these, or none.

    Raises:
        Refusal: one of them is not held any more, or there is none.
    """
    parted = part(_held(work, ids))
    twins = list(parted.identical)
    leaving: list[Message] = []
    for letter in parted.leaving:
        is_twin = letter.text is not None and store.said.says_the_same(work.db, letter)
        (twins if is_twin else leaving).append(letter)
    real_now = REAL_TIME.now()
    for letter in leaving:
        # Who has no address yet is waited for, as if it were told now.
        waits = letter.text is None
        store.message.update(
            work.db,
            letter.id,
            state=MessageState.WAITING_FOR_PERSON if waits else MessageState.QUEUED,
            waiting_since=work.now,
            entered_at=real_now,
            next_attempt_at=None if waits else real_now,
            give_up_at=real_now + GIVE_UP_AFTER,
        )
    for letter in twins:
        _drop(work, letter, CancelReason.IDENTICAL)
    return Released(len(leaving), len(twins))


def discard(work: Work, ids: Sequence[UUID]) -> int:
    """Held letters do not leave; their readers never learn of them. Answers how many.

    Raises:
        Refusal: one of them is not held any more, or there is none.
    """
    letters = _held(work, ids)
    for letter in letters:
        _drop(work, letter, CancelReason.BY_HAND)
    return len(letters)


def _drop(work: Work, letter: Message, reason: CancelReason) -> None:
    ended = {"state": MessageState.CANCELLED, "reason": reason, "ended_at": work.now}
    store.message.update(work.db, letter.id, **ended)


def rewrite(work: Work, ids: Sequence[UUID]) -> int:
    """Write held letters anew from their template; what somebody changed in them goes.

    Raises:
        Refusal: one of them is not held any more, or there is none.
    """
    letters = _held(work, ids)
    for letter in letters:
        _write_anew(work, letter)
    return len(letters)


def _write_anew(work: Work, letter: Message) -> None:
    values: dict[str, object] = {"subject": None, "body": None, "edited": False}
    reader = find_person(work.db, letter.recipient_id) if letter.recipient_id else None
    if reader is not None and reader.email:
        language = letter.language_for(reader.language)
        text = text_for(work.db, letter, reader.name if reader.email_proved else "", language)
        if text is None:
            give_up(following(work, letter), letter, OwnFailure.UNWRITABLE)
            return
        values |= {"subject": text.subject, "body": text.body, "language": language}
    store.message.update(work.db, letter.id, **values)


def edit(work: Work, id: UUID, subject: str, body: str, *, was: str) -> str:
    """Change the text of one held letter, which was at revision `was`; answers the new revision.

    Raises:
        Refusal: it is not held any more, it was changed meanwhile, its reader has not proved her
            address, or the text is empty or too long.
    """
    (letter,) = _held(work, [id])
    if letter.text is None:
        raise message_not_written()
    if revision(letter.text) != was:
        raise text_changed()
    reader = find_person(work.db, letter.recipient_id) if letter.recipient_id else None
    if reader is None or not reader.email_proved:
        raise address_not_proved()
    text = edited_text(subject, body)
    if text != letter.text:
        values = {"subject": text.subject, "body": text.body, "edited": True}
        store.message.update(work.db, id, **values)
    return revision(text)


def check_unchanged(work: Work, id: UUID, was: str) -> None:
    """See that a letter still says what somebody read.

    Raises:
        Refusal: it is not held any more, or its text is another.
    """
    (letter,) = _held(work, [id])
    if revision(letter.text) != was:
        raise letter_changed()


def both_languages(db: sa.Connection, letter: Message) -> dict[str, Text | None]:
    """What a letter says, by language: as it will leave in hers, from its template in the other."""
    reader = find_person(db, letter.recipient_id) if letter.recipient_id else None
    name = reader.name if reader and reader.email_proved else ""
    return {
        language: letter.text
        if language == letter.language and letter.text
        else text_for(db, letter, name, language)
        for language in letter.languages
    }


def choose(work: Work, programme: str, template: Template, *, held: bool) -> None:
    """Say whether a programme's letters of a template wait to be read. Those that wait stay.

    Raises:
        Refusal: (422) this one always leaves at once.
    """
    if not held and template in ALWAYS_HELD:
        raise always_held()
    if held and why_at_once(template):
        raise never_held(template)
    store.held.save_choice(work.db, programme, template, held=held)


def _held(work: Work, ids: Sequence[UUID]) -> list[Message]:
    if not ids:
        raise nothing_held()
    if len(ids) > MOST_AT_ONCE:
        raise too_many_held(len(ids))
    letters = store.held.lock(work.db, ids)
    if len(letters) != len(set(ids)):
        raise message_not_held() if len(ids) == 1 else outbox_changed()
    return letters
