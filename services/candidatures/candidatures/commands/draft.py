"""Drafts: begun, saved with their documents, found again by a mailed link, and forgotten."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from essaim import Work
from essaim.ids import new_id
from essaim.people import directory

from candidatures import store
from candidatures.application import (
    Application,
    ApplicationState,
    link_due,
    link_ended,
    refuse_dead_link,
    refuse_outside_window,
    refuse_unless_draft,
    save_content,
)
from candidatures.call import Call
from candidatures.commands import quota
from candidatures.commands.quota import Source
from candidatures.document import Document
from candidatures.field_reader import Content
from candidatures.store.draft_secret import SecretKind

KEPT_WITHOUT_ADDRESS = timedelta(days=14)
"""How long a draft stays that gives no address, after it was last saved."""


@dataclass(frozen=True)
class Written:
    """All that stands in a form, written over `version`; `form_id` names the open page."""

    content: Content
    version: int
    form_id: str | None = None


@dataclass(frozen=True)
class Door:
    """How a request comes to a draft: with which secret, in which language, when, from where."""

    token: str = field(repr=False)
    language: str
    arrived_at: datetime
    source: Source


def start(work: Work, call: Call, door: Door) -> Application:
    """An empty draft, version 0, that `token` opens; the one it opens already, when there is one.

    Raises:
        Refusal: the call is not open, the secret ended, or too many were begun from there.
    """
    refuse_outside_window(call, door.arrived_at)
    empty = Application(
        id=new_id(),
        call_id=call.id,
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language=door.language,
        content={},
        version=0,
    )
    started = store.application.add(work.db, empty, door.token, work.now)
    if started.id == empty.id:
        quota.admit_draft(work, door.source, call.slug)
    return started


def save_form(
    work: Work,
    call: Call,
    door: Door,
    written: Written,
    *,
    added: Sequence[Document] = (),
    removed: str | None = None,
) -> Application:
    """Save what a form sent: its words, the documents added and the code of the one removed.

    It is saved in the draft its secret opens, or in a new one at the first save. A draft may still
    be saved after the closing, so that nothing typed is lost; a new one may not be begun outside
    the window of the call. The files of `added` are on the disk already.

    Raises:
        StaleForm: another page saved something else meanwhile.
        Refusal: it was sent already, or the call is not open and there is no draft.
    """
    saved = _save(work, _found_or_begun(work, call, door), written)
    if removed is not None:
        store.document.delete(work.db, saved.id, removed)
    for document in added:
        store.document.save(work.db, saved.id, document, work.now)
    return saved


def keep_files(work: Work, call: Call, door: Door, added: Sequence[Document]) -> list[str]:
    """Keep the files of a form whose words were refused, but in place of another; gives the codes.

    Raises:
        Refusal: it was sent already, or the call is not open and there is no draft.
    """
    draft = _found_or_begun(work, call, door)
    refuse_unless_draft(draft)
    there = store.document.of_application(work.db, draft.id)
    kept = [document for document in added if document.code not in there]
    for document in kept:
        store.document.save(work.db, draft.id, document, work.now)
    return [document.code for document in kept]


def _found_or_begun(work: Work, call: Call, door: Door) -> Application:
    draft = store.application.find_draft(work.db, call.id, door.token, lock=True)
    return draft or start(work, call, door)


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


# --- its link


@dataclass(frozen=True)
class Link:
    """A link on its way by mail. `before` is where the one before it went."""

    application_id: UUID
    email: str
    language: str
    token: str = field(repr=False)
    before: str | None


def make_link(work: Work, application_id: UUID, source: Source, *, again: bool) -> Link | None:
    """A new link for the address that a draft gives; None when it gives none, or has its link.

    With `again` one goes also where one went before. It opens nothing by itself: it gives the
    browser that confirms it a secret of its own.

    Raises:
        Refusal: (429) enough of them were sent.
    """
    draft = store.application.get(work.db, application_id, lock=True)
    email = draft.address if again else link_due(draft)
    if email is None or draft.state != ApplicationState.DRAFT:
        return None
    quota.admit_link(work, source, str(draft.id), email)
    token = secrets.token_urlsafe(32)
    store.draft_secret.add(work.db, draft.id, token, SecretKind.LINK, work.now, email)
    store.application.mark_link_sent(work.db, draft.id, email)
    return Link(draft.id, email, draft.language, token, draft.link_sent_to)


def take_link_back(work: Work, link: Link) -> None:
    """It could not leave: the next save tries again."""
    store.draft_secret.forget(work.db, link.token)
    store.application.mark_link_sent(work.db, link.application_id, link.before)


def linked(db: sa.Connection, token: str, now: datetime) -> tuple[Application, Call]:
    """The draft that a mailed link leads to, or what became of it.

    Raises:
        Refusal: (410) the link leads nowhere any more.
    """
    opened = store.draft_secret.opened_by(db, token, SecretKind.LINK)
    if opened is None:
        raise link_ended()
    draft = store.application.get(db, opened[0])
    call = store.call.of_id(db, draft.call_id)
    refuse_dead_link(call, draft, opened[1], now)
    return draft, call


def open_link(work: Work, token: str, secret: str) -> Call:
    """She who reads the mail of its address opens the draft with `secret`; the address is proved.

    Whoever held it without that proof holds nothing any more: it may have been begun in her name.

    Raises:
        Refusal: (410) the link leads nowhere any more.
    """
    draft, call = linked(work.db, token, work.now)
    email = draft.address or ""
    store.draft_secret.end_others(work.db, draft.id, email, work.now)
    store.draft_secret.add(work.db, draft.id, secret, SecretKind.BROWSER, work.now, email)
    store.application.mark_proved(work.db, draft.id, email)
    if draft.bearer_id is not None:
        directory.prove_email(work.db, draft.bearer_id, share=True)
    return call


# --- forgotten


def forget_abandoned(work: Work) -> bool:
    """Forget the drafts that give no address and that nobody came back to. A timer."""
    old = store.application.never_linked(work.db, work.now - KEPT_WITHOUT_ADDRESS)
    store.application.delete(work.db, [draft.id for draft in old if draft.address is None])
    return False
