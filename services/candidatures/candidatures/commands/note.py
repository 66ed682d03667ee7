"""Messages on the page of an application: left, and read by the other side."""

from uuid import UUID

from essaim import Work
from essaim.ids import new_id
from essaim.text.written import cleaned
from essaim_contracts.correspondence import NoteLeft

from candidatures import store
from candidatures.commands.committee import refuse_decider_in_conflict
from candidatures.note import Note, nobody_to_write_to, refuse_note


def leave(work: Work, application_id: UUID, text: str, *, by_bearer: bool) -> UUID:
    """Whoever applied writes to the coordination, or the coordination to her.

    Who answers has read what was written before.

    Raises:
        Refusal: (422) nothing is written, or too much; a conflict of interest keeps her who
            coordinates from this application.
    """
    found = store.application.get(work.db, application_id, lock=True)
    if not by_bearer:
        refuse_decider_in_conflict(work, found)
    written = cleaned(text)
    refuse_note(found, written)
    if found.bearer_id is None:
        raise nobody_to_write_to()
    new = Note(new_id(), found.id, by_bearer, written, work.now, work.actor)
    store.note.add(work.db, new)
    store.note.mark_read(work.db, found.id, by_bearer=not by_bearer, now=work.now)
    call = store.call.of_id(work.db, found.call_id)
    left = NoteLeft(
        application_id=found.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=found.project_id,
        bearer_id=found.bearer_id,
        by_bearer=by_bearer,
        left_at=work.now,
    )
    work.tell(left, programme=call.programme)
    return new.id


def read(work: Work, application_id: UUID, *, by_bearer: bool) -> None:
    """She says that she has read what the other side wrote: nothing waits for her any more."""
    store.application.get(work.db, application_id)
    store.note.mark_read(work.db, application_id, by_bearer=not by_bearer, now=work.now)
