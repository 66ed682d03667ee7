"""A project reports its progress; other facts say its title and who carries it."""

from collections.abc import Iterator
from uuid import UUID

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.scheduling import ProjectProgressed
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.project import project_bearer, project_progressed, project_title


def title_row(project_id: UUID, said: Values, title: str) -> Row:
    return Row(project_title, {"project_id": project_id, "seq": said["seq"], "title": title})


def bearer_row(project_id: UUID, person_id: UUID) -> Row:
    return Row(project_bearer, {"project_id": project_id, "person_id": person_id})


def _progressed(fact: ProjectProgressed, _: Tongue, names: Names) -> str:
    text = _("Au {day} : {status}.", day=fact.reported_on, status=_(words_of(fact.status)))
    if fact.jobs_min is None or fact.jobs_max is None:
        return text
    return f"{text} " + _(
        "Emplois attendus : {low} à {high}.", low=fact.jobs_min, high=fact.jobs_max
    )


def _rows_of_progressed(fact: ProjectProgressed, said: Values, programme: str) -> Iterator[Row]:
    values = {
        "project_id": fact.project_id,
        "status": fact.status.value,
        "jobs_min": fact.jobs_min,
        "jobs_max": fact.jobs_max,
        "reported_on": fact.reported_on,
    }
    yield Row(project_progressed, said | values)


KINDS: Kinds = (FactKind(ProjectProgressed, _progressed, _rows_of_progressed),)
