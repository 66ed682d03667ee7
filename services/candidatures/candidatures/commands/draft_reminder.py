"""A draft that is not sent, and whose call closes soon: its writer is told once."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from essaim import Work

from candidatures import store
from candidatures.application import Application
from candidatures.application_form import files_asked
from candidatures.call import Call
from candidatures.store.draft_secret import SecretKind

REMINDED_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class Reminder:
    """A reminder on its way. `missing` are the documents that are asked and not there."""

    draft: Application
    call: Call
    missing: tuple[str, ...]
    token: str = field(repr=False)


def take_due(work: Work) -> Reminder | None:
    """The next draft to remind of, noted as reminded; None when there is none."""
    for draft in store.draft_reminder.due(work.db, work.now, work.now + REMINDED_BEFORE):
        # Only who reads the mail of the address it gives now hears of it.
        if not draft.address_is_proved or draft.address is None:
            continue
        if not store.draft_reminder.note(work.db, draft.id, work.now):
            continue
        token = secrets.token_urlsafe(32)
        store.draft_secret.add(work.db, draft.id, token, SecretKind.LINK, work.now, draft.address)
        call = store.call.of_id(work.db, draft.call_id)
        return Reminder(draft, call, _missing(work, call, draft), token)
    return None


def _missing(work: Work, call: Call, draft: Application) -> tuple[str, ...]:
    there = store.document.of_application(work.db, draft.id)
    return tuple(
        one.label.say(draft.language)[:300]
        for one in files_asked(call, draft.content)
        if one.required and one.code not in there
    )


def give_back(work: Work, taken: Reminder) -> None:
    """The letter could not leave: it is tried again later."""
    store.draft_secret.forget(work.db, taken.token)
    store.draft_reminder.forget(work.db, [taken.draft.id])
