"""Deliverables: handed in version after version, read, and reminded of where they are late."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from essaim import Work
from essaim_contracts.candidatures import DeliverableHandedIn, DeliverableKind
from essaim_contracts.cohort import DeliverableReviewed, FileVerdict

from candidatures import store
from candidatures.deliverable import Deliverable, unknown_deliverable
from candidatures.deliverable import hand_in as decide
from candidatures.deliverable_review import (
    FORGOTTEN_AFTER,
    OwedFile,
    Review,
    file_accepted,
    is_to_remind,
    is_to_remind_by_itself,
    nobody_late,
    remind,
    review_file,
    reviewed_meanwhile,
)
from candidatures.document import Document
from candidatures.project import Project


def hand_in(
    work: Work, project_id: UUID, kind: DeliverableKind, file: Document
) -> DeliverableHandedIn | None:
    """A version of what a project owes; None when it is the last version sent once more.

    The file is on the disk already.

    Raises:
        Refusal: (404) its edition expects none; the project is in no cohort, or it is accepted.
    """
    project, deliverable = _owed(work, project_id, kind)
    edition_id = deliverable.edition_id
    last = store.deliverable.last_handed_in(work.db, project_id, edition_id, kind)
    handed = decide(deliverable, project, last, file.sha256, work.now)
    if handed is None:
        return None
    review = store.deliverable_review.last_of(work.db, project_id, edition_id, kind)
    if last and review and review.version == last.version and review.is_acceptance:
        raise file_accepted(last)
    store.deliverable.add_handed_in(work.db, handed, file, work.actor)
    work.tell(handed, programme=deliverable.programme)
    return handed


def _owed(work: Work, project_id: UUID, kind: DeliverableKind) -> tuple[Project, Deliverable]:
    """The project, locked, and what it owes of this kind."""
    store.project.lock(work.db, project_id)
    project = store.project.get(work.db, project_id)
    edition_id = store.project.edition_of(work.db, project_id)
    deliverable = store.deliverable.find(work.db, edition_id, kind)
    if deliverable is None:
        raise unknown_deliverable(kind)
    return project, deliverable


def review(
    work: Work, project_id: UUID, kind: DeliverableKind, given: Review, seen: str | None = None
) -> DeliverableReviewed | None:
    """Say of the last version that it is accepted, or what to correct in it and until when.

    `seen` is when the review that was shown beside was made, empty for none; None does not ask.

    Raises:
        Refusal: nothing was handed in, a newer version came, or somebody read it meanwhile; a
            correction says neither what nor until when.
    """
    project, deliverable = _owed(work, project_id, kind)
    edition_id = deliverable.edition_id
    last = store.deliverable.last_handed_in(work.db, project_id, edition_id, kind)
    before = store.deliverable_review.last_of(work.db, project_id, edition_id, kind)
    if seen is not None and seen != (before.reviewed_at.isoformat() if before else ""):
        raise reviewed_meanwhile()
    reviewed = review_file(deliverable, project, last, before, given)
    if reviewed is None:
        return None
    store.deliverable_review.save(work.db, project_id, edition_id, kind, given, work.actor)
    work.tell(reviewed, programme=deliverable.programme)
    return reviewed


def a_review(
    work: Work,
    version: int,
    verdict: FileVerdict,
    sections: Iterable[str],
    comment: str,
    correct_by: date | None,
) -> Review:
    """What was said of a version, now; an acceptance has nothing to correct."""
    corrects = verdict == FileVerdict.TO_CORRECT
    return Review(
        version=version,
        verdict=verdict,
        sections=tuple(sections) if corrects else (),
        comment=comment,
        correct_by=correct_by if corrects else None,
        reviewed_at=work.now,
    )


def remind_late(work: Work, cohort_id: UUID) -> int:
    """Remind the late projects of a cohort, and no other. How many they are.

    Raises:
        Refusal: (404) there is no such cohort; nobody is late, or was not reminded today.
    """
    cohort = store.cohort.get(work.db, cohort_id)
    store.call.of_id(work.db, cohort.call_id, lock=True)
    files = store.owed.of_cohorts(work.db, [cohort.id], work.today)
    late = [one for one in files if is_to_remind(one, work.today)]
    if not late:
        raise nobody_late()
    for one in late:
        _remind(work, one)
    return len(late)


def remind_by_itself(work: Work) -> bool:
    """Remind who is late, once for each day missed. Leaves nothing for another round."""
    files = store.owed.late_since(work.db, work.today - FORGOTTEN_AFTER, work.today)
    for one in files:
        if is_to_remind_by_itself(one, work.today):
            _remind(work, one)
    return False


def _remind(work: Work, file: OwedFile) -> None:
    reminded = remind(file, work.now)
    store.deliverable_review.save_reminder(work.db, reminded, work.actor)
    work.tell(reminded, programme=file.deliverable.programme)
