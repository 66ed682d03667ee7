"""The pages of those who work on a call: its applications, and one of them."""

from uuid import UUID

from essaim.people.directory import names_of
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.web import export_csv, may, render, require, runtime_of
from essaim.web.site import language_of
from essaim_contracts.words import APPLICANT_KINDS, DECISION_REASONS, DECISIONS
from fastapi import APIRouter, Request, Response

from candidatures import lists, store
from candidatures.access import (
    OVERSEERS,
    READERS,
    is_applicant,
    is_claimable,
    mean_in_list,
    readable_application,
    reading_of,
)
from candidatures.application import unknown_application
from candidatures.files import send_file
from candidatures.form import choice_label
from candidatures.labels import APPLICATION_STATES, CONFLICTS
from candidatures.schemas.application import application_answer

router = APIRouter(include_in_schema=False)


@router.get("/calls/{slug}/applications", name="applications")
def applications(request: Request, slug: str) -> Response:
    """The applications received, to filter, sort and export; a funder sees no person."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *OVERSEERS, programme=call.programme)
        named = may(request, *READERS, programme=call.programme)
        mean = mean_in_list(request, db, call)
        listing = lists.listing_of(call, language_of(request), mean, named=named)
        query = lists.applications(call.id, mean, named=named)
        if request.query_params.get("format") == "csv":
            return export_csv(request, listing, query, f"{slug}.csv")
        page = listing.page(request, db, query, unfiltered=call.received)
    return render(
        request,
        "applications.html",
        call=call,
        page=page,
        named=named,
        department_name=department_name,
        label_of=choice_label,
        decision_labels=DECISIONS,
        state_labels=APPLICATION_STATES,
    )


@router.get("/applications/{application_id}", name="application")
def application(request: Request, application_id: UUID) -> Response:
    """One application, for its bearer, its coordinators and its committee."""
    # Its bearer comes here by a letter, without a sign-in: whether it exists is not said before.
    require(request)
    with runtime_of(request).read() as db:
        found, call, inside = readable_application(request, db, application_id, None)
        reading = reading_of(request, db, found, call)
        claimable = is_claimable(request, db, found)
        answer = application_answer(db, found, call, reading)
        mine = is_applicant(request, db, found)
        names = names_of(db, [one.evaluator_id for one in (*answer.scores, *answer.changed_scores)])
    return render(
        request,
        "application.html",
        call=call,
        application=answer,
        inside=inside,
        mine=mine,
        claimable=claimable,
        reading=reading,
        conflict_labels=CONFLICTS,
        most={criterion.code: criterion.max_score for criterion in call.criteria},
        names=names,
        departments=DEPARTMENTS,
        applicant_kinds=APPLICANT_KINDS,
        label_of=choice_label,
        decision_labels=DECISIONS,
        reason_labels=DECISION_REASONS,
        state_labels=APPLICATION_STATES,
    )


@router.get("/applications/{application_id}/documents/{code}", name="application-document")
def application_document(request: Request, application_id: UUID, code: str) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        readable_application(request, db, application_id, None)
        document = store.document.of_application(db, application_id).get(code)
    if document is None:
        raise unknown_application()
    return send_file(runtime.documents, document)
