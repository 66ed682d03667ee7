"""The pages of those who work on a call: its applications, and one of them."""

from typing import Any
from uuid import UUID

from essaim import Refusal, Role
from essaim.people.directory import names_of
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.web import export_csv, may, render, require, runtime_of
from essaim.web.site import language_of
from essaim_contracts.words import APPLICANT_KINDS, DECISION_REASONS, DECISIONS
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from candidatures import lists, store
from candidatures.access import (
    OVERSEERS,
    READERS,
    is_applicant,
    is_claimable,
    mean_in_list,
    readable_application,
    reading_of,
    share_of,
)
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.call import Call
from candidatures.cohort import Cohort
from candidatures.files import send_file
from candidatures.form import choice_label
from candidatures.labels import APPLICATION_STATES, CONFLICTS
from candidatures.pages.whereabouts import Step, steps_of
from candidatures.ranking import read_verdict, verdicts_offered, written_verdict
from candidatures.schemas.application import DecisionAnswer, application_answer
from candidatures.scoring import Score, weigh
from candidatures.sight import Reading

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
        share = share_of(request, db, call)
    return render(
        request,
        "applications.html",
        call=call,
        share=share,
        decides=may(request, Role.COORDINATOR, programme=call.programme),
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
    return show_application(request, application_id)


def _steps(
    request: Request,
    found: Application,
    call: Call,
    decided: DecisionAnswer | None,
    cohort: Cohort | None,
) -> list[Step]:
    return steps_of(request, found, call, decided.decision if decided else None, cohort)


NOT_JUDGED = "none"
"""What a form says of a criterion that cannot be judged."""


def show_application(
    request: Request,
    application_id: UUID,
    refusal: Refusal | None = None,
    written: FormData | None = None,
) -> Response:
    """Its page; `written` is what somebody gave, to be corrected, where a `refusal` came of it."""
    with runtime_of(request).read() as db:
        found, call, inside = readable_application(request, db, application_id, None)
        reading = reading_of(request, db, found, call)
        claimable = is_claimable(request, db, found)
        answer = application_answer(db, found, call, reading)
        mine = is_applicant(request, db, found)
        names = names_of(db, [one.evaluator_id for one in (*answer.scores, *answer.changed_scores)])
        prepared = store.committee.prepared_for(db, found.id) if reading.sight.note else None
        cohort = store.cohort.of_call(db, call.id) if mine else None
        is_open = found.state == ApplicationState.RECEIVED and answer.decision is None
        share = share_of(request, db, call) if is_open and reading.scores else None
    return render(
        request,
        "application.html",
        steps=_steps(request, found, call, answer.decision, cohort) if mine else [],
        refusal=refusal,
        call=call,
        application=answer,
        inside=inside,
        mine=mine,
        claimable=claimable,
        reading=reading,
        share=share,
        chosen=_chosen(call, reading, written),
        not_judged=NOT_JUDGED,
        weighing=weigh(call.criteria, [Score(**vars(one)) for one in answer.scores]),
        given={(one.evaluator_id, one.criterion): one.points for one in answer.scores},
        conflict_labels=CONFLICTS,
        most={criterion.code: criterion.max_score for criterion in call.criteria},
        names=names,
        departments=DEPARTMENTS,
        applicant_kinds=APPLICANT_KINDS,
        state_labels=APPLICATION_STATES,
        decides=found.state == ApplicationState.RECEIVED and reading.sight.note,
        verdict_now=prepared.verdict if prepared else None,
        **decision_words(call),
    )


def decision_words(call: Call) -> dict[str, Any]:
    """How a page says decisions, and offers them."""
    return {
        "written": written_verdict,
        "read": read_verdict,
        "offered": verdicts_offered(call.tracks),
        "decision_labels": DECISIONS,
        "reason_labels": DECISION_REASONS,
        "label_of": choice_label,
    }


def _chosen(call: Call, reading: Reading, written: FormData | None) -> dict[str, str]:
    """What is chosen in the grid, by criterion: what was just written, or else saved."""
    if written is not None:
        return {one.code: str(written.get(f"points-{one.code}", "")) for one in call.criteria}
    return {
        code: NOT_JUDGED if points is None else str(points)
        for code, points in reading.points.items()
    }


@router.get("/applications/{application_id}/documents/{code}", name="application-document")
def application_document(request: Request, application_id: UUID, code: str) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        readable_application(request, db, application_id, None)
        document = store.document.of_application(db, application_id).get(code)
    if document is None:
        raise unknown_application()
    return send_file(runtime.documents, document)
