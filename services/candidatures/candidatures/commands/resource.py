"""Resources: added, described anew, replaced by another version, withdrawn and brought back."""

from dataclasses import replace
from uuid import UUID

from essaim import Work
from essaim.ids import new_id

from candidatures import store
from candidatures.document import Document
from candidatures.resource import (
    AUDIENCES,
    Described,
    Resource,
    check_room,
    checked_link,
    resource_changed,
    unknown_audience,
    unknown_edition_of,
)

Content = str | Document
"""A link, or a file that is on the disk already."""


def add(
    work: Work, programme: str, described: Described, content: Content | None = None
) -> Resource:
    """Add a resource to the library of a programme; its content may come after.

    Raises:
        Refusal: (404) there is no such programme; the library is full, or what is said of it is
            wrong.
    """
    store.programme.get(work.db, programme)
    store.programme.lock(work.db, programme)
    _check(work, programme, described)
    kept = Resource(new_id(), programme, described, work.now, withdrawn=False)
    store.resource.save(work.db, kept, work.actor, work.now)
    _keep_content(work, kept, content)
    return store.resource.get(work.db, kept.id)


def change(
    work: Work,
    resource_id: UUID,
    described: Described,
    content: Content | None = None,
    seen: str | None = None,
) -> Resource:
    """Say something else of a resource, and replace what it holds where `content` is given.

    `seen` is when what was shown had changed last; None does not ask.

    Raises:
        Refusal: (404) there is none; (409) somebody changed it since; the library is full, or
            what is said of it is wrong.
    """
    kept = store.resource.get(work.db, resource_id, lock=True)
    if seen is not None and seen != kept.changed_at.isoformat():
        raise resource_changed()
    _check(work, kept.programme, described)
    store.resource.save(work.db, replace(kept, described=described), work.actor, work.now)
    _keep_content(work, kept, content)
    return store.resource.get(work.db, resource_id)


def replace_content(work: Work, resource_id: UUID, content: Content) -> Resource:
    """Another version of a resource; the same file once more is none.

    Raises:
        Refusal: (404) there is none; the library is full.
    """
    kept = store.resource.get(work.db, resource_id, lock=True)
    _keep_content(work, kept, content)
    return store.resource.get(work.db, resource_id)


def withdraw(work: Work, resource_id: UUID, *, withdrawn: bool = True) -> Resource:
    """Only the coordination sees it any more; or bring it back.

    Raises:
        Refusal: (404) there is none.
    """
    kept = store.resource.get(work.db, resource_id, lock=True)
    if kept.withdrawn != withdrawn:
        store.resource.save(work.db, replace(kept, withdrawn=withdrawn), work.actor, work.now)
    return store.resource.get(work.db, resource_id)


def _check(work: Work, programme: str, described: Described) -> None:
    unknown = [role.value for role in described.audience if role not in AUDIENCES]
    if unknown:
        raise unknown_audience(unknown)
    editions = {one.id for one in store.programme.editions_of(work.db, programme)}
    if described.edition_id is not None and described.edition_id not in editions:
        raise unknown_edition_of()


def _keep_content(work: Work, kept: Resource, content: Content | None) -> None:
    if isinstance(content, str):
        checked_link(content)
    adding = content.size if isinstance(content, Document) else 0
    count, held = store.resource.held_by(work.db, kept.programme)
    check_room(count, held, adding)
    if content is None or _is_same(kept, content):
        return
    version = kept.version + 1
    store.resource.add_version(work.db, kept.id, version, content, work.actor, work.now)


def _is_same(kept: Resource, content: Content) -> bool:
    if isinstance(content, str):
        return content == kept.link
    return kept.file is not None and kept.file.sha256 == content.sha256
