"""Deliverables: handed in, version after version."""

from uuid import UUID

from essaim import Work
from essaim_contracts.candidatures import DeliverableHandedIn, DeliverableKind

from candidatures import store
from candidatures.deliverable import hand_in as decide
from candidatures.deliverable import unknown_deliverable
from candidatures.document import Document


def hand_in(
    work: Work, project_id: UUID, kind: DeliverableKind, file: Document
) -> DeliverableHandedIn | None:
    """A version of what a project owes; None when it is the last version sent once more.

    The file is on the disk already.

    Raises:
        Refusal: (404) its edition expects none; the project is in no cohort.
    """
    store.project.lock(work.db, project_id)
    project = store.project.get(work.db, project_id)
    edition_id = store.project.edition_of(work.db, project_id)
    deliverable = store.deliverable.find(work.db, edition_id, kind)
    if deliverable is None:
        raise unknown_deliverable(kind)
    last = store.deliverable.last_handed_in(work.db, project_id, edition_id, kind)
    handed = decide(deliverable, project, last, file.sha256, work.now)
    if handed is None:
        return None
    store.deliverable.add_handed_in(work.db, handed, file, work.actor)
    work.tell(handed, programme=deliverable.programme)
    return handed
