"""Cohorts: hers in a list, one at a glance, formed, and changed one project at a time."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role, Work
from essaim.people.directory import names_of
from essaim.web import (
    SignedIn,
    act,
    gettext_of,
    may,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from essaim_contracts.candidatures import CohortChange
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, PROJECT_STATUSES
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from candidatures import commands, store
from candidatures.access import OVERSEERS, READERS, coordinated_call
from candidatures.access.project import (
    accompanied_projects,
    coordinated_cohort,
    readable_cohort,
    sees_bearers,
)
from candidatures.call import Call
from candidatures.cohort import Cohort
from candidatures.deliverable_review import FileState, OwedFile
from candidatures.labels import FILE_STATES
from candidatures.project import Project
from candidatures.schemas.cohort import CohortBody, CohortChangeBody

router = APIRouter(include_in_schema=False)

UNPROCESSABLE = 422
"""What is wrong is in the form."""


@router.get("/cohorts", name="cohorts")
def cohorts(request: Request, person: SignedIn) -> Response:
    """The projects near to her, the cohorts she reads, and those that may be formed."""
    with runtime_of(request).read() as db:
        found = [
            one
            for one in store.cohort.every(db)
            if sees_bearers(request, db, person, one) is not None
        ]
        return render(
            request,
            "cohorts.html",
            cohorts=found,
            counts=store.cohort.count_projects(db),
            mine=store.project.borne_by(db, person.id),
            accompanied=accompanied_projects(request, db, person),
            to_form=_to_form(request, db),
            follows=may(request, *OVERSEERS),
        )


def _to_form(request: Request, db: sa.Connection) -> list[Call]:
    """The calls in which projects were selected, and that have no cohort yet."""
    calls = [
        call
        for call in store.call.every(db)
        if call.closed_at and may(request, Role.COORDINATOR, programme=call.programme)
    ]
    left = store.outstanding.of_calls(db, [call.id for call in calls])
    ready = {id for id, one in left.items() if one.selected and not one.formed}
    return [call for call in calls if call.id in ready]


@router.get("/cohorts/{cohort_id}", name="cohort")
def cohort(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """A cohort at a glance, for those who run, follow or are in it."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        found, named = readable_cohort(request, db, cohort_id)
        projects = store.project.of_cohort(db, cohort_id)
        known = store.at_a_glance.of(db, [one.id for one in projects], now)
        people = _people(db, projects) if named else {}
        owed = store.owed.of_cohorts(db, [cohort_id], today_of(request))
        call = store.call.of_id(db, found.call_id)
    return render(
        request,
        "cohort.html",
        cohort=found,
        call=call,
        projects=projects,
        known=known,
        named=named,
        people=people,
        files=_by_project(owed),
        to_read=sum(one.standing.state == FileState.TO_REVIEW for one in owed),
        late=sum(one.standing.is_late for one in owed),
        file_states=FILE_STATES,
        changes=may(request, Role.COORDINATOR, programme=found.programme),
        reads=may(request, *READERS, programme=found.programme),
        hour_kinds=HOUR_KINDS,
        pairing_kinds=PAIRING_KINDS,
        status_labels=PROJECT_STATUSES,
    )


def _by_project(owed: Sequence[OwedFile]) -> dict[UUID, list[OwedFile]]:
    found: dict[UUID, list[OwedFile]] = {}
    for one in owed:
        found.setdefault(one.project_id, []).append(one)
    return found


def _people(db: sa.Connection, projects: Sequence[Project]) -> dict[UUID, str]:
    return names_of(db, [id for project in projects for id in project.bearer_ids])


# --- formed


@router.get("/calls/{slug}/cohort", name="form-cohort")
def ask_to_form(request: Request, slug: str, person: SignedIn) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)
        formed = store.cohort.of_call(db, call.id)
    if formed is not None:
        return redirect(request, "cohort", cohort_id=formed.id)
    _ = gettext_of(request)
    label = _("Promotion {year}", year=str(call.edition_year))
    return _form_page(request, call, {"label": label, "starts_on": today_of(request).isoformat()})


def _form_page(
    request: Request, call: Call, values: Any, refusal: Refusal | None = None
) -> Response:
    with runtime_of(request).read() as db:
        selected = store.project.selected_in(db, call.id)
    return render(
        request,
        "cohort_form.html",
        refusal=refusal,
        call=call,
        selected=selected,
        values=values,
    )


@router.post("/calls/{slug}/cohort")
def form_cohort(
    request: Request, slug: str, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)

    def decide(work: Work) -> str:
        asked = read_form(form, CohortBody)
        return str(commands.cohort.form(work, slug, asked.label, asked.starts_on).cohort_id)

    try:
        cohort_id = act(request, form, decide)
    except Refusal as refusal:
        return _form_page(request, call, form, refusal)
    _ = gettext_of(request)
    said = _("La promotion est formée : les partenaires l’apprennent.")
    return redirect(request, "cohort", cohort_id=cohort_id, flash=said)


# --- changed


@router.get("/cohorts/{cohort_id}/changes", name="change-cohort")
def ask_to_change(request: Request, cohort_id: UUID, person: SignedIn) -> Response:
    """Who may join, who may leave, and what that brings about."""
    found = _coordinated(request, cohort_id)
    asked = request.query_params
    values = {"effective_on": today_of(request).isoformat(), **asked}
    return _change_page(request, found, values)


def _coordinated(request: Request, cohort_id: UUID) -> Cohort:
    with runtime_of(request).read() as db:
        return coordinated_cohort(request, db, cohort_id)


def _change_page(
    request: Request, cohort: Cohort, values: Any, refusal: Refusal | None = None
) -> Response:
    with runtime_of(request).read() as db:
        inside = store.project.of_cohort(db, cohort.id)
        selected = store.project.selected_in(db, cohort.call_id)
    return render(
        request,
        "cohort_change.html",
        refusal=refusal,
        cohort=cohort,
        inside=inside,
        outside=[one for one in selected if one.cohort_id is None],
        values=values,
    )


@router.post("/cohorts/{cohort_id}/changes")
def change_cohort(
    request: Request, cohort_id: UUID, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    found = _coordinated(request, cohort_id)
    try:
        title = act(request, form, _changing(cohort_id, form))
    except Refusal as refusal:
        return _change_page(request, found, form, refusal)
    _ = gettext_of(request)
    if form.get("change") == CohortChange.JOINED:
        said = _("« {project} » est entré dans la promotion.", project=title)
    else:
        said = _("« {project} » est sorti de la promotion.", project=title)
    return redirect(request, "cohort", cohort_id=cohort_id, flash=said)


def _changing(cohort_id: UUID, form: FormData) -> Callable[[Work], str]:
    def decide(work: Work) -> str:
        asked = read_form(form, CohortChangeBody)
        change = commands.cohort.change
        done = change(work, cohort_id, asked.project_id, asked.change, asked.effective_on)
        return done.project.title

    return decide
