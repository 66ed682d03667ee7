"""A cohort: the projects that go through one track of one edition together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
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
    number: int | None = None
    places: int | None = None
    """How many projects it takes; None without a limit."""


class LeaveReason(StrEnum):
    """Why a project left its cohort; it stays with the programme."""

    BEARER_CHOICE = "bearer_choice"
    OTHER_SUPPORT = "other_support"
    PROJECT_ENDED = "project_ended"
    NOT_FOLLOWED = "not_followed"
    OTHER = "other"


@dataclass(frozen=True)
class Left:
    """A project that left its cohort, from which day, and why where that was said."""

    project_id: UUID
    title: str
    left_on: date
    reason: LeaveReason | None


@dataclass(frozen=True)
class Asked:
    """The cohort that is asked for. `project_ids`: nobody named, all who wait for one."""

    label: str
    starts_on: date
    places: int | None = None
    project_ids: tuple[UUID, ...] = ()


def form_cohort(
    call: Call,
    cohort_id: UUID,
    asked: Asked,
    selected: Sequence[Project],
    formed: Sequence[Cohort],
) -> CohortFormed:
    """A cohort of projects selected in a call. `formed` are those the edition already has.

    Raises:
        Refusal: no project was selected, all have their cohort, or it takes fewer.
    """
    if not selected:
        raise nobody_selected(call)
    waiting = [one for one in selected if one.cohort_id is None]
    if not waiting:
        raise cohort_exists(call, formed)
    chosen = [one for one in selected if not asked.project_ids or one.id in asked.project_ids]
    inside = [one for one in chosen if one.cohort_id is not None]
    if asked.project_ids and inside:
        raise already_in_a_cohort(inside[0])
    chosen = [one for one in chosen if one.cohort_id is None]
    if not chosen or len(chosen) < len(set(asked.project_ids)):
        raise nobody_selected(call)
    if asked.places is not None and len(chosen) > asked.places:
        raise too_many_projects(len(chosen), asked.places)
    return CohortFormed(
        cohort_id=cohort_id,
        edition_id=call.edition_id,
        call_id=call.id,
        label=asked.label,
        number=len(formed) + 1,
        places=asked.places,
        track_code=call.track_code,
        starts_on=asked.starts_on,
        projects=tuple(project.in_cohort() for project in chosen),
    )


def change_cohort(
    cohort: Cohort, project: Project, change: CohortChange, effective_on: date, inside: int = 0
) -> CohortChanged:
    """One project joins a cohort of which `inside` are in, or leaves it.

    Raises:
        Refusal: it is there already, is not there, was not selected, it is full, or the day is too
            early.
    """
    if change == CohortChange.JOINED and cohort.places is not None and inside >= cohort.places:
        raise cohort_full(cohort, cohort.places)
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


def cohort_exists(call: Call, formed: Sequence[Cohort]) -> Refusal:
    return Refusal(
        "cohort_exists",
        "Tous les projets retenus de « {call} » ont déjà leur promotion : {label}. "
        "Pour y ajouter un projet, changez cette promotion.",
        call=call.title.fr,
        label=", ".join(one.label for one in formed),
    )


def nobody_selected(call: Call) -> Refusal:
    return Refusal(
        "nobody_selected",
        "Aucun projet n’est retenu dans « {call} ». Appliquez d’abord les décisions.",
        call=call.title.fr,
    )


def too_many_projects(count: int, places: int) -> Refusal:
    return Refusal(
        "too_many_projects",
        "{count} projets pour {places} places : cochez-en moins, ou donnez plus de places.",
        field="places",
        status=422,
        count=count,
        places=places,
    )


def cohort_full(cohort: Cohort, places: int) -> Refusal:
    return Refusal(
        "cohort_full",
        "« {label} » est complète : {places} places. Faites d’abord sortir un projet, ou formez "
        "une autre promotion.",
        label=cohort.label,
        places=places,
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
