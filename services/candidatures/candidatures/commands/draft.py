"""Drafts: begun, saved with their documents, and the link that leads back to one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from essaim import Work
from essaim.ids import new_id

from candidatures import store
from candidatures.application import (
    Application,
    ApplicationState,
    refuse_outside_window,
    refuse_unless_draft,
    save_content,
)
from candidatures.application_form import Content
from candidatures.call import Call
from candidatures.document import Document


@dataclass(frozen=True)
class Written:
    """All that stands in a form, written over `version`; `form_id` names the open page."""

    content: Content
    version: int
    form_id: str | None = None


def start(
    work: Work, call: Call, token: str, *, language: str, arrived_at: datetime
) -> Application:
    """An empty draft, version 0, that `token` opens; the one it opens already, when there is one.

    Raises:
        Refusal: the call is not open.
    """
    refuse_outside_window(call, arrived_at)
    empty = Application(
        id=new_id(),
        call_id=call.id,
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language=language,
        content={},
        version=0,
    )
    return store.application.add(work.db, empty, token, work.now)


def save_form(
    work: Work,
    call: Call,
    token: str,
    written: Written,
    *,
    language: str,
    arrived_at: datetime,
    added: Document | None = None,
    removed: str | None = None,
) -> Application:
    """Save what a form sent: its words, and the document added or the code of the one removed.

    It is saved in the draft its secret opens, or in a new one at the first save. A draft may still
    be saved after the closing, so that nothing typed is lost; a new one may not be begun outside
    the window of the call. The file of `added` is on the disk already.

    Raises:
        StaleForm: another page saved something else meanwhile.
        Refusal: it was sent already, or the call is not open and there is no draft.
    """
    draft = store.application.find_draft(work.db, call.id, token, lock=True)
    if draft is None:
        draft = start(work, call, token, language=language, arrived_at=arrived_at)
    saved = _save(work, draft, written)
    if added is not None:
        store.document.save(work.db, saved.id, added, work.now)
    if removed is not None:
        store.document.delete(work.db, saved.id, removed)
    return saved


def save(work: Work, application_id: UUID, written: Written) -> Application:
    """Save the words of a draft that was begun before.

    Raises:
        StaleForm: somebody else saved something else meanwhile.
        Refusal: it was sent or withdrawn already.
    """
    return _save(work, store.application.get(work.db, application_id, lock=True), written)


def _save(work: Work, draft: Application, written: Written) -> Application:
    saved = save_content(draft, written.content, written.version, written.form_id)
    if saved is not draft:
        store.application.save(work.db, saved, work.now)
    return saved


def add_document(work: Work, application_id: UUID, added: Document) -> None:
    """Name a document that is on the disk, in place of the one of the same code."""
    refuse_unless_draft(store.application.get(work.db, application_id, lock=True))
    store.document.save(work.db, application_id, added, work.now)


def remove_document(work: Work, application_id: UUID, code: str) -> None:
    refuse_unless_draft(store.application.get(work.db, application_id, lock=True))
    store.document.delete(work.db, application_id, code)


def note_link_sent(work: Work, application_id: UUID, email: str) -> None:
    """The link to the draft went to this address: it need not go there again."""
    store.application.mark_link_sent(work.db, application_id, email)
