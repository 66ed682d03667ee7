"""The page of a project, the same for all beside it, and what it hands in there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role, Work
from essaim.people.directory import names_of
from essaim.text.collation import order_key
from essaim.web import (
    SignedIn,
    act,
    gettext_of,
    may,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
    visitor,
)
from essaim_contracts.candidatures import DeliverableKind
from essaim_contracts.scheduling import SessionPlanned
from essaim_contracts.words import HOUR_KINDS, PAIRING_KINDS, PROJECT_STATUSES, SESSION_KINDS
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from candidatures import commands, store
from candidatures.deliverable import FILE_ASKED, HandedIn, nothing_chosen
from candidatures.document import Document
from candidatures.files import keep_upload, send_file, unnamed_if_refused
from candidatures.project import ProjectLife, unknown_project
from candidatures.project_access import project_to_hand_in_for, project_with_files, readable_project

router = APIRouter(include_in_schema=False)

COMING = 3
"""Sessions shown; the others are in the calendar."""


@router.get("/projects/{project_id}", name="project")
def project(request: Request, project_id: UUID) -> Response:
    """A project with what its partners said of it.

    For its bearers, those who accompany it and those on its programme; unnamed for a funder.
    """
    return _page(request, project_id)


def _page(request: Request, project_id: UUID, refusal: Refusal | None = None) -> Response:
    now, today = runtime_of(request).clock.now(), today_of(request)
    with runtime_of(request).read() as db:
        found, named = readable_project(request, db, project_id)
        programme = store.project.programme_of(db, project_id)
        cohort = store.cohort.find(db, found.cohort_id) if found.cohort_id else None
        known = store.at_a_glance.of(db, [project_id], now)
        life = store.project.life_of(db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
        beside = known.beside.get(project_id, [])
        named_ids = (*found.bearer_ids, *(one.person_id for one in beside if one.person_id))
        people = names_of(db, named_ids if named else ())
        due = store.deliverable.of_edition(db, cohort.edition_id) if cohort else []
    person, partner = visitor(request), runtime_of(request).consortium.find(SessionPlanned.owner)
    coordinates = may(request, Role.COORDINATOR, programme=programme)
    return render(
        request,
        "project.html",
        refusal=refusal,
        project=found,
        named=named,
        cohort=cohort,
        people=people,
        bearers=sorted((people[id] for id in found.bearer_ids if id in people), key=order_key),
        beside=beside,
        packages=known.packages.get(project_id, []),
        coming=known.coming.get(project_id, [])[:COMING],
        trophies=known.trophies.get(project_id, []),
        life=life,
        versions=versions,
        due=due,
        hands_in=coordinates or (person is not None and person.id in found.bearer_ids),
        events=_events(life, versions),
        support=partner.root if partner else None,
        today=today,
        hour_kinds=HOUR_KINDS,
        pairing_kinds=PAIRING_KINDS,
        status_labels=PROJECT_STATUSES,
        session_kinds=SESSION_KINDS,
    )


@dataclass(frozen=True)
class _Event:
    """A line of the project's history: a held session (`kind`), or a `version` handed in."""

    day: date
    kind: str = ""
    minutes: int = 0
    version: HandedIn | None = None


def _events(life: ProjectLife, versions: Sequence[HandedIn]) -> list[_Event]:
    held = [_Event(one.held_on, one.kind, one.minutes) for one in life.sessions]
    files = [_Event(one.handed_in_at.date(), version=one) for one in versions]
    return sorted((*held, *files), key=lambda event: event.day, reverse=True)


@router.post("/projects/{project_id}/deliverables/{kind}", name="hand-in")
def hand_in(
    request: Request,
    project_id: UUID,
    kind: DeliverableKind,
    person: SignedIn,
    form: FormData = Depends(submitted),
) -> Response:
    """Hand in a version of what the project owes: its bearers, or a coordinator for them."""
    runtime = runtime_of(request)
    with runtime.read() as db:
        project_to_hand_in_for(request, db, project_id)
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise nothing_chosen()
        kept = keep_upload(runtime.documents, FILE_ASKED, file, "file")
        with unnamed_if_refused(runtime, kept):
            act(request, form, lambda work: _handed(work, project_id, kind, kept))
    except Refusal as refusal:
        return _page(request, project_id, refusal)
    _ = gettext_of(request)
    said = _("Le fichier est rendu. Vous pouvez le remplacer quand vous voulez.")
    return redirect(request, "project", project_id=project_id, flash=said)


def _handed(work: Work, project_id: UUID, kind: DeliverableKind, kept: Document) -> None:
    commands.deliverable.hand_in(work, project_id, kind, kept)


@router.get("/projects/{project_id}/deliverables/{kind}", name="deliverable")
def deliverable(request: Request, project_id: UUID, kind: DeliverableKind, _: SignedIn) -> Response:
    """The last version handed in: the file itself."""
    with runtime_of(request).read() as db:
        project_with_files(request, db, project_id)
        last = _last(db, project_id, kind)
    if last is None or not last.sha256:
        raise unknown_project()
    return send_file(runtime_of(request).documents, last)


def _last(db: sa.Connection, project_id: UUID, kind: DeliverableKind) -> HandedIn | None:
    versions = store.deliverable.versions_of(db, project_id)
    return next((one for one in versions if one.kind == kind), None)
