"""Finds what a request names, or refuses it."""

from datetime import date
from uuid import UUID

from essaim.clock import PARIS
from essaim.people.directory import find_person
from essaim.refusal import Refusal
from essaim.work import Work

from scheduling import access, store
from scheduling.cohort import Cohort, Project


def today(work: Work) -> date:
    """The day it is in Paris."""
    return work.now.astimezone(PARIS).date()


def project_and_cohort(work: Work, project_id: UUID) -> tuple[Project, Cohort]:
    """A project and its present cohort; others who change something for that cohort wait.

    Raises:
        Refusal: the project is in no cohort.
    """
    project = store.project_of(work.db, project_id)
    return project, store.cohort_of(work.db, project.cohort_id, lock=True)


def check_override(work: Work, programme: str, override_by: UUID | None) -> None:
    """Whether the person named to allow an exception, if any, may allow it.

    Raises:
        Refusal: she does not coordinate the programme.
    """
    if override_by is None:
        return
    person = find_person(work.db, override_by)
    if person is None or not access.manages(person, programme, today(work)):
        raise Refusal(
            "override_by_whom",
            "La personne {person} ne coordonne pas le programme : elle ne peut pas l’autoriser. "
            "Nommez quelqu’un de la coordination.",
            field="override_by",
            status=422,
            person=override_by,
        )


def unknown_person(person_id: UUID, field: str) -> Refusal:
    return Refusal(
        "unknown_person",
        "La personne {person} n’est pas dans l’annuaire. Vérifiez l’identifiant.",
        field=field,
        status=422,
        person=person_id,
    )


def unknown_organisation(organisation_id: UUID) -> Refusal:
    return Refusal(
        "unknown_organisation",
        "L’organisation {organisation} n’est pas un partenaire du programme. "
        "Vérifiez l’identifiant, ou attendez qu’elle l’ait rejoint.",
        field="organisation_id",
        status=422,
        organisation=organisation_id,
    )
