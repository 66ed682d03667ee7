"""Being told of the next call: asked, confirmed or stopped by a link, told once, forgotten."""

import secrets
from dataclasses import dataclass, field

import sqlalchemy as sa
from essaim import Work
from essaim.ids import new_id
from essaim.text.mail_address import canonical_address
from essaim.text.written import one_line

from candidatures import store
from candidatures.call import Call, CallState
from candidatures.call_watch import PROVED_WITHIN, CallWatch, watch_ended
from candidatures.commands import quota
from candidatures.commands.quota import Source
from candidatures.email_address import bad_email


@dataclass(frozen=True)
class Link:
    """A link on its way by mail."""

    watch: CallWatch
    programme_name: str
    token: str = field(repr=False)


def ask(work: Work, source: Source, programme: str, email: str, language: str) -> Link:
    """Keep an address for a day, until it is proved.

    Raises:
        Refusal: (404) there is no such programme; (422) it is no address; (429) enough left.
    """
    known = store.programme.get(work.db, programme)
    try:
        address = canonical_address(one_line(email))
    except ValueError as error:
        raise bad_email(email[:100], "email") from error
    quota.admit_watch(work, source, address)
    token = secrets.token_urlsafe(32)
    asked = CallWatch(new_id(), programme, address, language, work.now)
    store.call_watch.add(work.db, asked, token)
    return Link(asked, known.name, token)


def opened_by(db: sa.Connection, token: str) -> CallWatch:
    """
    Raises:
        Refusal: (410) the link opens nothing any more.
    """
    found = store.call_watch.find(db, token)
    if found is None:
        raise watch_ended()
    return found


def confirm(work: Work, token: str) -> None:
    """She who reads the mail of this address wants to be told.

    Raises:
        Refusal: (410) the link opens nothing any more.
    """
    store.call_watch.prove(work.db, opened_by(work.db, token), work.now)


def stop(work: Work, token: str) -> None:
    """The address is forgotten.

    Raises:
        Refusal: (410) the link opens nothing any more.
    """
    store.call_watch.delete(work.db, opened_by(work.db, token).id)


def take_back(work: Work, link: Link) -> None:
    """Its link never left."""
    store.call_watch.delete(work.db, link.watch.id)


@dataclass(frozen=True)
class ToTell:
    """An address that is told of a call, taken out: it is forgotten unless the letter stays."""

    watch: CallWatch
    call: Call
    digest: str = field(repr=False)


def take_due(work: Work) -> ToTell | None:
    """The next address to be told that a call opened since it asked. None when there is none."""
    store.call_watch.forget_unproved(work.db, work.now - PROVED_WITHIN)
    for call in store.call.every(work.db):
        if call.opened_at is None or call.state(work.now) != CallState.OPEN:
            continue
        for watch in store.call_watch.of_programme(work.db, call.programme, call.opened_at):
            digest = store.call_watch.digest_of(work.db, watch.id)
            if store.call_watch.delete(work.db, watch.id):
                return ToTell(watch, call, digest)
    return None


def give_back(work: Work, taken: ToTell) -> None:
    """The letter could not leave: it is tried again later."""
    store.call_watch.restore(work.db, taken.watch, taken.digest)
