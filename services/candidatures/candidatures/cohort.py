"""A cohort: the projects that go through one track of one edition together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.candidatures import CohortChange, CohortChanged, CohortFormed, CohortProject

from candidatures.call import Call


@dataclass(frozen=True)
class Cohort:
    id: UUID
    call_id: UUID
    edition_id: UUID
    programme: str
    label: str
    track_code: str
    starts_on: date


@dataclass(frozen=True)
class Project:
    """A project keeps its id from the call to the trophy, whatever its title becomes.

    `application_id` and `selected` speak of its last application, `cohort_id` of the cohort it is
    in now.
    """

    id: UUID
    title: str
    bearer_ids: tuple[UUID, ...]
    application_id: UUID | None = None
    selected: bool = False
    sector: str | None = None
    department: str | None = None
    jobs_min: int | None = None
    jobs_max: int | None = None
    cohort_id: UUID | None = None

    def in_cohort(self) -> CohortProject:
        return CohortProject(
            project_id=self.id,
            application_id=self.application_id,
            bearer_ids=self.bearer_ids,
            title=self.title,
            sector=self.sector,
            department=self.department,
            jobs_min=self.jobs_min,
            jobs_max=self.jobs_max,
        )


def form_cohort(
    call: Call,
    cohort_id: UUID,
    label: str,
    starts_on: date,
    selected: Sequence[Project],
    formed: Cohort | None,
) -> CohortFormed:
    """The cohort of the projects selected in a call. `formed` is the one the call already has.

    Raises:
        Refusal: it has one already, or no project was selected.
    """
    if formed is not None:
        raise Refusal(
            "cohort_exists",
            "L'appel « {call} » a déjà sa promotion, « {label} ». "
            "Pour y ajouter un projet, changez cette promotion.",
            call=call.title.fr,
            label=formed.label,
        )
    if not selected:
        raise Refusal(
            "nobody_selected",
            "Aucun projet n'est retenu dans l'appel « {call} ». Appliquez d'abord les décisions.",
            call=call.title.fr,
        )
    return CohortFormed(
        cohort_id=cohort_id,
        edition_id=call.edition_id,
        call_id=call.id,
        label=label,
        track_code=call.track_code,
        starts_on=starts_on,
        projects=tuple(project.in_cohort() for project in selected),
    )


def change_cohort(
    cohort: Cohort, project: Project, change: CohortChange, effective_on: date
) -> CohortChanged:
    """One project joins a cohort, or leaves it.

    Raises:
        Refusal: it is there already, is not there, was not selected, or the day is too early.
    """
    inside = project.cohort_id == cohort.id
    if change == CohortChange.JOINED and project.cohort_id is not None:
        raise Refusal(
            "already_in_a_cohort",
            "Le projet « {title} » fait déjà partie d'une promotion. "
            "Faites-le d'abord sortir de celle-ci.",
            title=project.title,
        )
    if change == CohortChange.JOINED and not project.selected:
        raise Refusal(
            "not_selected",
            "Le projet « {title} » n'est pas retenu. Préparez et appliquez d'abord cette décision.",
            title=project.title,
        )
    if change == CohortChange.LEFT and not inside:
        raise Refusal(
            "not_in_cohort",
            "Le projet « {title} » ne fait pas partie de « {label} ».",
            title=project.title,
            label=cohort.label,
        )
    if effective_on < cohort.starts_on:
        raise Refusal(
            "before_the_start",
            "Le {day} est avant le début de « {label} », le {starts_on}. Choisissez un jour après.",
            field="effective_on",
            status=422,
            day=effective_on,
            label=cohort.label,
            starts_on=cohort.starts_on,
        )
    return CohortChanged(
        cohort_id=cohort.id,
        edition_id=cohort.edition_id,
        track_code=cohort.track_code,
        change=change,
        project=project.in_cohort(),
        effective_on=effective_on,
    )
