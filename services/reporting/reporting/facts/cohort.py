"""A cohort is formed, and changes: projects enter and leave it."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import CohortChange, CohortChanged, CohortFormed, CohortProject

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.facts.project import bearer_row, title_row
from reporting.names import Names
from reporting.store.cohort import cohort_project


def _formed(fact: CohortFormed, _: Tongue, names: Names) -> str:
    return _(
        "« {label} » formée, {count} projets, à partir du {day}.",
        label=fact.label,
        count=len(fact.projects),
        day=fact.starts_on,
    )


def _rows_of_formed(fact: CohortFormed, said: Values, programme: str) -> Iterator[Row]:
    for entering in fact.projects:
        yield from _rows_of_project(entering, fact.cohort_id, said, joined=True)


def _projects_of_formed(fact: CohortFormed) -> Iterable[UUID]:
    return dict.fromkeys(entering.project_id for entering in fact.projects)


def _changed(fact: CohortChanged, _: Tongue, names: Names) -> str:
    title, day = fact.project.title, fact.effective_on
    if fact.change is CohortChange.JOINED:
        return _("« {title} » entre dans la promotion le {day}.", title=title, day=day)
    return _("« {title} » quitte la promotion le {day}.", title=title, day=day)


def _rows_of_changed(fact: CohortChanged, said: Values, programme: str) -> Iterator[Row]:
    joined = fact.change is CohortChange.JOINED
    return _rows_of_project(fact.project, fact.cohort_id, said, joined=joined)


def _projects_of_changed(fact: CohortChanged) -> Iterable[UUID]:
    return (fact.project.project_id,)


def _rows_of_project(
    entering: CohortProject, cohort_id: UUID, said: Values, *, joined: bool
) -> Iterator[Row]:
    values = {
        "project_id": entering.project_id,
        "cohort_id": cohort_id,
        "joined": joined,
        "sector": entering.sector,
        "department": entering.department,
        "jobs_min": entering.jobs_min,
        "jobs_max": entering.jobs_max,
    }
    yield Row(cohort_project, said | values)
    yield title_row(entering.project_id, said, entering.title)
    for bearer_id in entering.bearer_ids:
        yield bearer_row(entering.project_id, bearer_id)


KINDS: Kinds = (
    FactKind(CohortFormed, _formed, _rows_of_formed, _projects_of_formed),
    FactKind(CohortChanged, _changed, _rows_of_changed, _projects_of_changed),
)
