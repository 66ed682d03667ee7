"""The pages of the service: what it holds, a call, its applications, one of them, a project."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.people.directory import names_of
from essaim.person import Role
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.web import (
    N_,
    Filter,
    Listing,
    export_csv,
    may,
    render,
    require,
    runtime_of,
    visitor,
)
from essaim.web.site import language_of
from fastapi import APIRouter, Request, Response

from candidatures import store, views
from candidatures.access import readable_application
from candidatures.applying import unknown_application, unknown_call
from candidatures.call import Call, CallState
from candidatures.drafts import visit
from candidatures.erasure import Answer, Confirmation, overdue
from candidatures.files import send_file
from candidatures.form import choice_label
from candidatures.steering import unknown_project
from candidatures.tables import project as project_table

router = APIRouter(include_in_schema=False)

STATE_LABELS = {
    CallState.TO_COME: (N_("À venir"), "info"),
    CallState.OPEN: (N_("Ouvert"), "success"),
    CallState.CLOSED: (N_("Fermé"), "neutral"),
}
KIND_LABELS = {
    "call": N_("Appel à candidatures"),
    "funder_call": N_("Appel à projets"),
    "expression_of_interest": N_("Appel à manifestation d'intérêt"),
    "territory_call": N_("Appel à territoires"),
}
DECISION_LABELS = dict(store.DECISIONS)
REASON_LABELS = {
    "meets_criteria": N_("Répond aux critères"),
    "places_filled": N_("Places pourvues"),
    "not_ess": N_("Hors de l'économie sociale et solidaire"),
    "not_mature": N_("Projet pas assez mûr"),
    "not_autonomous": N_("Équipe pas encore autonome"),
    "out_of_scope": N_("Hors du champ de l'appel"),
    "incomplete": N_("Dossier incomplet"),
    "other_track_fits": N_("Un autre parcours convient mieux"),
}
STATUS_LABELS = {
    "in_progress": N_("En cours"),
    "structure_created": N_("Structure créée"),
    "association_progressing": N_("Association en développement"),
    "scop_or_scic_in_creation": N_("Scop ou Scic en création"),
    "to_materialise_later": N_("Se concrétisera plus tard"),
    "halted": N_("En arrêt"),
    "abandoned": N_("Abandonné"),
}
ANSWER_LABELS = {
    Answer.CONFIRMED: (N_("Effacée"), "success"),
    Answer.AWAITED: (N_("Attendue"), "info"),
    Answer.OVERDUE: (N_("En retard"), "danger"),
}
READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)


@router.get("/", name="home")
def home(request: Request) -> Response:
    """What this service holds: calls for everybody, figures for those who work on a programme."""
    person = visitor(request)
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        programmes = [_programme_card(request, db, row) for row in store.all_programmes(db)]
        mine = store.applications_of_bearer(db, person.id) if person else []
        coordinates = may(request, Role.COORDINATOR)
        late = overdue(store.unconfirmed(db), now) if coordinates else []
    return render(
        request,
        "home.html",
        programmes=programmes,
        mine=mine,
        coordinates=coordinates,
        late=late,
        state_labels=STATE_LABELS,
        kind_labels=KIND_LABELS,
    )


def _programme_card(request: Request, db: sa.Connection, row: Any) -> dict[str, Any]:
    calls = [call for call in store.all_calls(db) if call.programme == row.slug]
    inside = may(request, *READERS, programme=row.slug)
    return {
        "name": row.name,
        "slug": row.slug,
        "invented": row.invented,
        "inside": inside,
        "calls": calls,
        "editions": len(store.editions_of(db, row.slug)),
        "organisations": len(store.organisations_of(db, row.slug)),
        "counts": {call.id: store.counts_of_call(db, call.id) for call in calls} if inside else {},
        "cohorts": [one for one in store.all_cohorts(db) if one.programme == row.slug],
    }


@router.get("/calls/{slug}", name="call")
def call_page(request: Request, slug: str) -> Response:
    """The public page of a call."""
    here = visit(request, slug)
    now = runtime_of(request).clock.now()
    return render(
        request,
        "call.html",
        call=here.call,
        draft=here.draft,
        state=here.call.state(now),
        state_label=STATE_LABELS[here.call.state(now)],
        kind_label=KIND_LABELS[here.call.kind.value],
    )


# --- persons who asked to be forgotten


@router.get("/erasures", name="erasures")
def erasures(request: Request) -> Response:
    """Who was erased, without her name, and which partners still have to confirm it."""
    require(request, Role.COORDINATOR)
    runtime = runtime_of(request)
    now, titles = runtime.clock.now(), runtime.consortium.titles
    listing = store.erasure_listing(titles)
    with runtime.read() as db:
        if request.query_params.get("format") == "csv":
            query = store.erasures()
            return export_csv(request, db, listing, query, filename="erasures.csv")
        page = listing.page(request, db, store.erasures())
        late = overdue(store.unconfirmed(db), now)
    return render(
        request,
        "erasures.html",
        page=page,
        late=late,
        answers={row: Confirmation(**row._mapping).answer(now) for row in page.rows},
        answer_labels=ANSWER_LABELS,
        partner_titles=titles,
    )


# --- for those who work on a call


@router.get("/calls/{slug}/applications", name="applications")
def applications(request: Request, slug: str) -> Response:
    """The applications received, to filter, sort and export; a funder sees no person."""
    with runtime_of(request).read() as db:
        call = store.find_call(db, slug)
        if call is None:
            raise unknown_call(slug)
        require(request, *READERS, programme=call.programme)
        named = may(request, *READERS[:2], programme=call.programme)
        listing = _listing(call, language_of(request), named=named)
        query = store.applications(call.id, named=named)
        if request.query_params.get("format") == "csv":
            return export_csv(request, db, listing, query, f"{slug}.csv")
        page = listing.page(request, db, query)
    return render(
        request,
        "applications.html",
        call=call,
        page=page,
        named=named,
        department_name=department_name,
        label_of=choice_label,
        decision_labels=DECISION_LABELS,
        state_labels=dict(store.STATES),
    )


def _listing(call: Call, language: str, *, named: bool) -> Listing:
    """The list of a call's applications, also filtered by what this call offers."""
    listing = store.APPLICATIONS if named else store.UNNAMED_APPLICATIONS
    sectors = tuple((one.code, one.label.say(language)) for one in call.sectors)
    departments = tuple(
        (code, f"{DEPARTMENTS[code]} ({code})") for code in call.departments or DEPARTMENTS
    )
    filters = [Filter("department", N_("Département"), project_table.c.department, departments)]
    if sectors:
        filters.insert(0, Filter("sector", N_("Secteur"), project_table.c.sector, sectors))
    return replace(listing, filters=(*listing.filters, *filters))


@router.get("/applications/{application_id}", name="application")
def application(request: Request, application_id: UUID) -> Response:
    """One application, for its bearer, its coordinators and its committee."""
    with runtime_of(request).read() as db:
        found, call, inside = readable_application(request, db, application_id, None)
        answer = views.application_answer(db, found, call, inside=inside)
        scores = store.scores_of(db, found.id) if inside else []
        names = names_of(db, [score.evaluator_id for score in scores])
    return render(
        request,
        "application.html",
        call=call,
        application=answer,
        inside=inside,
        scores=scores,
        most={criterion.code: criterion.max_score for criterion in call.criteria},
        names=names,
        departments=DEPARTMENTS,
        label_of=choice_label,
        decision_labels=DECISION_LABELS,
        reason_labels=REASON_LABELS,
        state_labels=dict(store.STATES),
    )


@router.get("/applications/{application_id}/documents/{code}", name="application-document")
def application_document(request: Request, application_id: UUID, code: str) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        readable_application(request, db, application_id, None)
        row = store.documents_of(db, application_id).get(code)
    if row is None:
        raise unknown_application()
    return send_file(runtime.documents, row.sha256, row.filename, row.media_type)


@router.get("/projects/{project_id}", name="project")
def project(request: Request, project_id: UUID) -> Response:
    """A project with what scheduling said of it, for its bearers and those on its programme."""
    with runtime_of(request).read() as db:
        found = store.find_project(db, project_id)
        if found is None:
            raise unknown_project()
        person = visitor(request)
        if person is None or person.id not in found.bearer_ids:
            require(request, *READERS, programme=store.programme_of_project(db, project_id))
        answer = views.project_answer(db, project_id)
        progress, sessions = store.project_life(db, project_id)
        cohort = store.find_cohort(db, found.cohort_id) if found.cohort_id else None
        bearers = names_of(db, found.bearer_ids)
    return render(
        request,
        "project.html",
        project=answer,
        cohort=cohort,
        bearers=sorted(bearers.values()),
        progress=progress,
        sessions=sessions,
        status_labels=STATUS_LABELS,
    )
