"""Deliverables: what a project owes by a day, and the versions it handed in."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from essaim import Refusal
from essaim.clock import PARIS
from essaim.ids import stable_id
from essaim_contracts.candidatures import DeliverableHandedIn, DeliverableKind

from candidatures.form import Choice, DocumentAsked, Text
from candidatures.project import Project

# A final file has no list of types of its own: any document we can recognise, of the usual size.
FILE_ASKED = DocumentAsked(code="deliverable", label=Text(fr="Fichier"))


@dataclass(frozen=True)
class Deliverable:
    """What every project of an edition owes. `sections` are what it must hold, in order."""

    edition_id: UUID
    programme: str
    kind: DeliverableKind
    label: Text
    due_on: date
    sections: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class HandedIn:
    """A version of a deliverable that a project handed in. `size` is in bytes.

    Once its bearer is erased there is no file any more: its name and hash are empty.
    """

    kind: str
    version: int
    filename: str
    media_type: str
    size: int
    sha256: str
    due_on: date
    handed_in_at: datetime

    @property
    def late(self) -> bool:
        return is_late(self.due_on, self.handed_in_at)


def deliverable_id(deliverable: Deliverable, project_id: UUID) -> UUID:
    """The thing owed has the same id whichever version is handed in."""
    return stable_id(
        deliverable.programme,
        "deliverable",
        f"{deliverable.edition_id}/{deliverable.kind}/{project_id}",
    )


def is_late(due_on: date, handed_in_at: datetime) -> bool:
    """Late from the first moment, in Paris, of the day after `due_on`."""
    return handed_in_at.astimezone(PARIS).date() > due_on


def hand_in(
    deliverable: Deliverable, project: Project, last: HandedIn | None, sha256: str, now: datetime
) -> DeliverableHandedIn | None:
    """A new version; None when the file is the last version itself, sent once more.

    Late is said, never refused: a late file is worth more than none.

    Raises:
        Refusal: the project is in no cohort.
    """
    if project.cohort_id is None:
        raise owes_nothing(project)
    if last is not None and last.sha256 == sha256:
        return None
    return DeliverableHandedIn(
        deliverable_id=deliverable_id(deliverable, project.id),
        edition_id=deliverable.edition_id,
        cohort_id=project.cohort_id,
        project_id=project.id,
        kind=deliverable.kind,
        version=last.version + 1 if last else 1,
        due_on=deliverable.due_on,
        handed_in_at=now,
        document_sha256=sha256,
    )


# --- refusals


def owes_nothing(project: Project) -> Refusal:
    return Refusal(
        "not_in_cohort",
        "« {title} » n’est dans aucune promotion : ce projet n’a rien à rendre.",
        title=project.title,
    )


def nothing_chosen() -> Refusal:
    return Refusal(
        "nothing_chosen",
        "Choisissez d’abord le fichier à rendre, puis pressez le bouton.",
        field="file",
        status=422,
    )


def unknown_deliverable(kind: DeliverableKind) -> Refusal:
    return Refusal(
        "unknown_deliverable",
        "Cette édition n’attend pas de « {kind} ». Ajoutez-le au fichier du programme.",
        status=404,
        kind=kind.value,
    )
