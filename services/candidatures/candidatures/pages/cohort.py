"""Cohorts: hers in a list, one at a glance, formed, and changed one project at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role, Work
from essaim.people.directory import names_of
from essaim.text.spreadsheet import csv_pieces
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
from essaim.web.exports import CSV
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
from candidatures.labels import FILE_STATES, LEAVE_REASONS
from candidatures.project import Project
from candidatures.schemas.cohort import CohortChangeBody, CohortForm
from candidatures.store.at_a_glance import Known

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
    ready = {id for id, one in left.items() if one.selected}
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
        left = store.project.left(db, cohort_id)
        call = store.call.of_id(db, found.call_id)
    if request.query_params.get("format") == "csv":
        rows = _rows(request, projects, known, _by_project(owed), people)
        return _csv(request, f"{cohort_id}.csv", rows, named=named)
    return render(
        request,
        "cohort.html",
        cohort=found,
        call=call,
        left=left,
        leave_reasons=LEAVE_REASONS,
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


def _rows(
    request: Request,
    projects: Sequence[Project],
    known: Known,
    files: Mapping[UUID, Sequence[OwedFile]],
    people: Mapping[UUID, str],
) -> list[list[Any]]:
    """A line for each project: who, where, how far, its hours used and granted, its files."""
    _ = gettext_of(request)
    found = []
    for one in projects:
        packages, status = known.packages.get(one.id, []), known.status.get(one.id)
        states = [FILE_STATES[file.standing.state][0] for file in files.get(one.id, [])]
        found.append(
            [
                one.title,
                ", ".join(people[id] for id in one.bearer_ids if id in people),
                one.department or "",
                _(PROJECT_STATUSES[status]) if status else "",
                sum(each.used for each in packages) / 60,
                sum(each.minutes for each in packages) / 60,
                known.held.get(one.id, 0),
                ", ".join(_(state) for state in states),
                ", ".join(title for title, _day in known.trophies.get(one.id, [])),
            ]
        )
    return found


def _csv(request: Request, filename: str, rows: list[list[Any]], *, named: bool) -> Response:
    _ = gettext_of(request)
    heads = [
        _("Projet"), _("Porté par"), _("Département"), _("Où il en est"), _("Heures utilisées"),
        _("Heures accordées"), _("Séances tenues"), _("Dossiers"), _("Trophées"),
    ]  # fmt: skip
    kept = [place for place in range(len(heads)) if named or place != 1]
    lines = [[row[place] for place in kept] for row in rows]
    body = "".join(csv_pieces([heads[place] for place in kept], lines, _.language))
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(body, media_type=CSV, headers=headers)


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
        formed = store.cohort.of_edition(db, call.edition_id)
        waiting = _waiting(db, call)
    if formed and not waiting:
        return redirect(request, "cohort", cohort_id=formed[-1].id)
    _ = gettext_of(request)
    label = _("Promotion {year}", year=str(call.edition_year))
    if formed:
        label = _("Promotion {year}, {nth}", year=str(call.edition_year), nth=len(formed) + 1)
    return _form_page(request, call, {"label": label, "starts_on": today_of(request).isoformat()})


def _form_page(
    request: Request, call: Call, values: Any, refusal: Refusal | None = None
) -> Response:
    with runtime_of(request).read() as db:
        waiting = _waiting(db, call)
        formed = store.cohort.of_edition(db, call.edition_id)
    ticked = values.getlist("project_ids") if isinstance(values, FormData) else None
    return render(
        request,
        "cohort_form.html",
        refusal=refusal,
        call=call,
        waiting=waiting,
        formed=formed,
        ticked=[str(one.id) for one in waiting] if ticked is None else ticked,
        values=values,
    )


def _waiting(db: sa.Connection, call: Call) -> list[Project]:
    """Those selected that are in no cohort."""
    return [one for one in store.project.selected_in(db, call.id) if one.cohort_id is None]


@router.post("/calls/{slug}/cohort")
def form_cohort(
    request: Request, slug: str, person: SignedIn, form: FormData = Depends(submitted)
) -> Response:
    with runtime_of(request).read() as db:
        call = coordinated_call(request, db, slug)

    def decide(work: Work) -> str:
        asked = read_form(form, CohortForm)
        return str(commands.cohort.form(work, slug, asked.asked).cohort_id)

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
        now = runtime_of(request).clock.now()
        coming = store.support.coming_of(db, [one.id for one in inside], now)
    return render(
        request,
        "cohort_change.html",
        refusal=refusal,
        cohort=cohort,
        inside=inside,
        outside=[one for one in selected if one.cohort_id is None],
        coming={id: len(sessions) for id, sessions in coming.items()},
        leave_reasons=LEAVE_REASONS,
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
        done = change(
            work, cohort_id, asked.project_id, asked.change, asked.effective_on, asked.reason
        )
        return done.project.title

    return decide
