"""What becomes of a file that was handed in: read, accepted, corrected; late ones reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from essaim import Refusal
from essaim.clock import PARIS
from essaim_contracts.candidatures import Coded
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed, FileVerdict

from candidatures.deliverable import Deliverable, HandedIn, deliverable_id
from candidatures.form import Choice
from candidatures.project import Project

FORGOTTEN_AFTER = timedelta(days=60)
"""A day that passed longer ago reminds nobody by itself: that edition is over."""


class FileState(StrEnum):
    """Where a file stands, and so who holds the pen."""

    AWAITED = "awaited"
    TO_REVIEW = "to_review"
    TO_CORRECT = "to_correct"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Review:
    """What the coordination said of a version. `sections` are the codes of those to correct."""

    version: int
    verdict: FileVerdict
    sections: tuple[str, ...]
    comment: str
    correct_by: date | None
    reviewed_at: datetime

    @property
    def is_acceptance(self) -> bool:
        return self.verdict == FileVerdict.ACCEPTED


@dataclass(frozen=True)
class Standing:
    """Where what a project owes stands. `due_on` is the last day for those who carry it to act."""

    state: FileState
    due_on: date | None
    is_late: bool = False

    @property
    def is_hers(self) -> bool:
        """Whether those who carry the project hold the pen."""
        return self.state in (FileState.AWAITED, FileState.TO_CORRECT)


@dataclass(frozen=True)
class OwedFile:
    """What a project of a cohort owes, the last version of it, and what was said of that.

    `reminded_for` is the last day that was missed for which it was reminded, `reminded_at` when.
    """

    project_id: UUID
    project: str
    cohort_id: UUID
    deliverable: Deliverable
    version: int | None
    handed_in_at: datetime | None
    standing: Standing
    reminded_for: date | None
    reminded_at: datetime | None


def review_file(
    deliverable: Deliverable,
    project: Project,
    last: HandedIn | None,
    before: Review | None,
    given: Review,
) -> DeliverableReviewed | None:
    """A review of the last version; None when it says what was said already.

    Raises:
        Refusal: nothing was handed in, a newer version came, the project is in no cohort, or a
            correction says neither what nor until a day to come.
    """
    if last is None or project.cohort_id is None:
        raise nothing_to_review(project)
    if given.version != last.version:
        raise newer_version(last)
    if given.verdict == FileVerdict.TO_CORRECT:
        _check_correction(deliverable, given)
    if before is not None and _same(before, given):
        return None
    named = [one for one in deliverable.sections if one.code in given.sections]
    return DeliverableReviewed(
        deliverable_id=deliverable_id(deliverable, project.id),
        edition_id=deliverable.edition_id,
        cohort_id=project.cohort_id,
        project_id=project.id,
        kind=deliverable.kind,
        version=given.version,
        verdict=given.verdict,
        sections=tuple(Coded(code=one.code, fr=one.label.fr, en=one.label.en) for one in named),
        correct_by=given.correct_by,
        reviewed_at=given.reviewed_at,
    )


def _check_correction(deliverable: Deliverable, given: Review) -> None:
    unknown = set(given.sections) - {one.code for one in deliverable.sections}
    if unknown:
        raise unknown_section(sorted(unknown), deliverable.sections)
    if not given.comment:
        raise what_to_correct()
    if given.correct_by is None or given.correct_by < given.reviewed_at.astimezone(PARIS).date():
        raise until_when()


def _same(before: Review, given: Review) -> bool:
    return (before.version, before.verdict, before.sections, before.comment, before.correct_by) == (
        given.version, given.verdict, given.sections, given.comment, given.correct_by,
    )  # fmt: skip


def is_to_remind(file: OwedFile, today: date) -> bool:
    """Whether a late project is reminded when somebody asks it: not twice on one day."""
    if not file.standing.is_late:
        return False
    return file.reminded_at is None or file.reminded_at.astimezone(PARIS).date() < today


def is_to_remind_by_itself(file: OwedFile, today: date) -> bool:
    """Whether the clock reminds a late project: once for each day it missed."""
    due_on = file.standing.due_on
    if not file.standing.is_late or due_on is None or due_on == file.reminded_for:
        return False
    return today - due_on <= FORGOTTEN_AFTER


def remind(file: OwedFile, now: datetime) -> DeliverableReminded:
    """The fact that a late project is reminded."""
    return DeliverableReminded(
        deliverable_id=deliverable_id(file.deliverable, file.project_id),
        edition_id=file.deliverable.edition_id,
        cohort_id=file.cohort_id,
        project_id=file.project_id,
        kind=file.deliverable.kind,
        due_on=file.standing.due_on or file.deliverable.due_on,
        to_correct=file.standing.state == FileState.TO_CORRECT,
        reminded_at=now,
    )


# --- refusals


def nothing_to_review(project: Project) -> Refusal:
    return Refusal(
        "nothing_to_review",
        "« {title} » n’a encore rien rendu : il n’y a rien à relire.",
        title=project.title,
    )


def newer_version(last: HandedIn) -> Refusal:
    return Refusal(
        "newer_version",
        "La version {version} est arrivée depuis que vous lisez : rien n’est enregistré, et ce que "
        "vous avez écrit est encore là. Lisez-la, puis enregistrez à nouveau.",
        version=last.version,
    )


def reviewed_meanwhile() -> Refusal:
    return Refusal(
        "reviewed_meanwhile",
        "Quelqu’un a relu cette version depuis que vous l’avez ouverte : rien n’est enregistré, et "
        "ce que vous avez écrit est encore là. Comparez, puis enregistrez à nouveau.",
    )


def unknown_section(unknown: Sequence[str], known: Sequence[Choice]) -> Refusal:
    return Refusal(
        "unknown_section",
        "Ce dossier n’a pas de partie {unknown}. Ses parties : {known}.",
        field="sections",
        status=422,
        unknown=", ".join(unknown),
        known=", ".join(one.code for one in known) or "–",
    )


def what_to_correct() -> Refusal:
    return Refusal(
        "what_to_correct",
        "Dites ce qui est à corriger : ceux qui portent le projet n’ont que cela pour le faire.",
        field="comment",
        status=422,
    )


def until_when() -> Refusal:
    return Refusal(
        "until_when",
        "Dites jusqu’à quel jour corriger : aujourd’hui ou plus tard.",
        field="correct_by",
        status=422,
    )


def file_accepted(last: HandedIn) -> Refusal:
    return Refusal(
        "file_accepted",
        "La version {version} est acceptée : il n’y a plus rien à rendre. Pour en rendre une "
        "autre, demandez à la coordination de rouvrir ce dossier.",
        version=last.version,
    )


def nobody_late() -> Refusal:
    return Refusal(
        "nobody_late",
        "Aucun projet n’est à relancer : aucun n’est en retard, ou ceux qui le sont ont déjà été "
        "relancés aujourd’hui.",
    )
