"""The page of a project."""

from uuid import UUID

from essaim.people.directory import names_of
from essaim.text.collation import order_key
from essaim.web import render, runtime_of
from essaim_contracts.words import PROJECT_STATUSES
from fastapi import APIRouter, Request, Response

from candidatures import store
from candidatures.access import readable_project
from candidatures.schemas.cohort import project_answer

router = APIRouter(include_in_schema=False)


@router.get("/projects/{project_id}", name="project")
def project(request: Request, project_id: UUID) -> Response:
    """A project with what scheduling said of it.

    For its bearers, those who accompany it and those on its programme; unnamed for a funder.
    """
    with runtime_of(request).read() as db:
        found, named = readable_project(request, db, project_id)
        life = store.project.life_of(db, project_id)
        versions = store.deliverable.versions_of(db, project_id)
        cohort = store.cohort.find(db, found.cohort_id) if found.cohort_id else None
        bearers = names_of(db, found.bearer_ids if named else ())
    return render(
        request,
        "project.html",
        project=project_answer(found, life, versions, named=named),
        named=named,
        cohort=cohort,
        bearers=sorted(bearers.values(), key=order_key),
        progress=life.progress,
        status_labels=PROJECT_STATUSES,
    )
