"""What scheduling keeps of a cohort: its projects and its track."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal


@dataclass(frozen=True)
class Project:
    """A project of a cohort, from `joined_on` until it left (None while it is in)."""

    id: UUID
    cohort_id: UUID
    title: str
    sector: str | None
    department: str | None
    bearer_ids: tuple[UUID, ...]
    joined_on: date
    left_on: date | None = None


@dataclass(frozen=True)
class Cohort:
    """A cohort as it was formed. `track_version` is None until its track is known here."""

    id: UUID
    programme: str
    edition_id: UUID
    label: str
    track_code: str
    track_version: int | None
    starts_on: date
    last_day: date | None
    projects: tuple[Project, ...]

    @property
    def active(self) -> tuple[Project, ...]:
        """The projects that have not left."""
        return tuple(project for project in self.projects if project.left_on is None)

    def others(self, project_id: UUID) -> tuple[Project, ...]:
        """Its active projects but this one."""
        return tuple(project for project in self.active if project.id != project_id)


def unknown_cohort(cohort_id: UUID) -> Refusal:
    return Refusal(
        "unknown_cohort",
        "La promotion {cohort} est inconnue ici. Vérifiez l’identifiant, ou attendez qu’elle "
        "ait été formée.",
        field="cohort_id",
        status=404,
        cohort=cohort_id,
    )


def unknown_edition(edition_id: UUID) -> Refusal:
    return Refusal(
        "unknown_edition",
        "L’édition {edition} n’a pas de promotion ici. Vérifiez l’identifiant.",
        field="edition_id",
        status=404,
        edition=edition_id,
    )


def unknown_project(project_id: UUID) -> Refusal:
    return Refusal(
        "unknown_project",
        "Le projet {project} n’est dans aucune promotion. Vérifiez l’identifiant.",
        field="project_id",
        status=404,
        project=project_id,
    )


def project_not_in_cohort(project_ids: Iterable[UUID]) -> Refusal:
    return Refusal(
        "project_not_in_cohort",
        "Projet absent de la promotion, ou qui l’a quittée : {projects}. Retirez-le.",
        field="project_ids",
        status=422,
        projects=", ".join(sorted(map(str, project_ids))),
    )
