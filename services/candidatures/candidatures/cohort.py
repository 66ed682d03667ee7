"""A cohort: the projects that go through one track of one edition together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim import Refusal
from essaim_contracts.candidatures import CohortChange, CohortChanged, CohortFormed

from candidatures.call import Call
from candidatures.project import Project


@dataclass(frozen=True)
class Cohort:
    id: UUID
    call_id: UUID
    edition_id: UUID
    programme: str
    label: str
    track_code: str
    starts_on: date


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
        raise cohort_exists(call, formed)
    if not selected:
        raise nobody_selected(call)
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
    if change == CohortChange.JOINED and project.cohort_id is not None:
        raise already_in_a_cohort(project)
    if change == CohortChange.JOINED and not project.selected:
        raise not_selected(project)
    if change == CohortChange.LEFT and project.cohort_id != cohort.id:
        raise not_in_cohort(cohort, project)
    if effective_on < cohort.starts_on:
        raise before_the_start(cohort, effective_on)
    return CohortChanged(
        cohort_id=cohort.id,
        edition_id=cohort.edition_id,
        track_code=cohort.track_code,
        change=change,
        project=project.in_cohort(),
        effective_on=effective_on,
    )


# --- refusals


def unknown_cohort() -> Refusal:
    return Refusal(
        "unknown_cohort", "Cette promotion n’existe pas. Vérifiez l’adresse.", status=404
    )


def cohort_exists(call: Call, formed: Cohort) -> Refusal:
    return Refusal(
        "cohort_exists",
        "« {call} » a déjà sa promotion, « {label} ». "
        "Pour y ajouter un projet, changez cette promotion.",
        call=call.title.fr,
        label=formed.label,
    )


def nobody_selected(call: Call) -> Refusal:
    return Refusal(
        "nobody_selected",
        "Aucun projet n’est retenu dans « {call} ». Appliquez d’abord les décisions.",
        call=call.title.fr,
    )


def already_in_a_cohort(project: Project) -> Refusal:
    return Refusal(
        "already_in_a_cohort",
        "« {title} » fait déjà partie d’une promotion. Faites-le d’abord sortir de celle-ci.",
        title=project.title,
    )


def not_selected(project: Project) -> Refusal:
    return Refusal(
        "not_selected",
        "« {title} » n’est pas retenu. Préparez et appliquez d’abord cette décision.",
        title=project.title,
    )


def not_in_cohort(cohort: Cohort, project: Project) -> Refusal:
    return Refusal(
        "not_in_cohort",
        "« {title} » ne fait pas partie de « {label} ».",
        title=project.title,
        label=cohort.label,
    )


def before_the_start(cohort: Cohort, day: date) -> Refusal:
    return Refusal(
        "before_the_start",
        "Le {day} est avant le début de « {label} », le {starts_on}. Choisissez un jour après.",
        field="effective_on",
        status=422,
        day=day,
        label=cohort.label,
        starts_on=cohort.starts_on,
    )
