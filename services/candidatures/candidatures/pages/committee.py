"""The pages of those who work on a call: its applications, and one of them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Refusal, Role
from essaim.people.directory import names_of, people_with_role
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.web import Listing, export_csv, may, render, require, runtime_of, today_of
from essaim.web.site import language_of
from essaim_contracts.candidatures import Decision
from essaim_contracts.words import APPLICANT_KINDS, DECISION_REASONS, DECISIONS
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from candidatures import lists, store
from candidatures.access import (
    OVERSEERS,
    READERS,
    is_applicant,
    is_claimable,
    kept_away,
    knows_names,
    mean_in_list,
    readable_application,
    readable_document,
    reading_of,
    share_of,
)
from candidatures.application import Application, ApplicationState
from candidatures.assignment import MemberState
from candidatures.call import Call
from candidatures.cohort import Cohort
from candidatures.committee import Prepared
from candidatures.files import send_document
from candidatures.form import choice_label
from candidatures.labels import APPLICATION_STATES, CONFLICT_NAMES, CONFLICTS
from candidatures.pages.beside import words_beside
from candidatures.pages.exported_answers import with_answers
from candidatures.pages.grid import NOT_JUDGED, shown_grid
from candidatures.pages.whereabouts import Step, steps_of
from candidatures.ranking import read_verdict, verdicts_offered, written_verdict
from candidatures.schemas.application import (
    ApplicationAnswer,
    DecisionAnswer,
    application_answer,
)
from candidatures.scoring import Score, weigh
from candidatures.sight import Reading
from candidatures.validity import validity_of
from candidatures.waiting_list import Offer

router = APIRouter(include_in_schema=False)

FEW = 60
"""How many of her applications a member sees before the list of all."""


@router.get("/calls/{slug}/applications", name="applications")
def applications(request: Request, slug: str) -> Response:
    """The applications received, to filter, sort and export; a funder sees no person."""
    with runtime_of(request).read() as db:
        call = store.call.get(db, slug)
        require(request, *OVERSEERS, programme=call.programme)
        reads = may(request, *READERS, programme=call.programme)
        named = knows_names(request, call)
        mean = mean_in_list(request, db, call)
        listing = lists.listing_of(call, language_of(request), mean, named=named)
        away = kept_away(request, db, call)
        query = lists.applications(call.id, mean, named=named, away=away)
        if request.query_params.get("format") == "csv":
            return _exported(request, call, listing, query, away)
        page = listing.page(request, db, query, unfiltered=call.received - len(away))
        numbers = store.ranking.titled(db, list(away))
        share = share_of(request, db, call)
        mine = store.share.first_of(db, call, share, FEW) if share and share.is_given else []
    return render(
        request,
        "applications.html",
        mine=mine,
        away=numbers,
        call=call,
        share=share,
        decides=may(request, Role.COORDINATOR, programme=call.programme),
        page=page,
        named=named,
        reads=reads,
        department_name=department_name,
        label_of=choice_label,
        decision_labels=DECISIONS,
        state_labels=APPLICATION_STATES,
    )


def _exported(
    request: Request,
    call: Call,
    listing: Listing,
    query: sa.Select[Any],
    away: Collection[UUID],
) -> Response:
    """The list as a file; with every answer, for who coordinates the call."""
    if not may(request, Role.COORDINATOR, programme=call.programme):
        return export_csv(request, listing, query, f"{call.slug}.csv")
    listing, query, words = with_answers(listing, query, call, away, language_of(request))
    return export_csv(request, listing, query, f"{call.slug}.csv", words)


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


def show_application(
    request: Request,
    application_id: UUID,
    refusal: Refusal | None = None,
    written: FormData | None = None,
    note_text: str = "",
) -> Response:
    """Its page; `written` and `note_text` are what somebody gave, where a `refusal` came of it."""
    with runtime_of(request).read() as db:
        found, call, inside = readable_application(request, db, application_id, None)
        reading = reading_of(request, db, found, call)
        answer = application_answer(db, found, call, reading)
        mine = is_applicant(request, db, found)
        beside = words_beside(request, db, found, call, reading, mine)
        spoke = [*_who_spoke(answer), *(one.author_id for one in beside["notes"] if one.author_id)]
        names = names_of(db, spoke)
        words = {
            "claimable": is_claimable(request, db, found),
            "names": names,
            "place": _offered(db, found, answer) if mine else None,
            **_seat_words(request, db, found, call, answer, reading),
        }
        cohort = store.cohort.of_project(db, found.project_id) if mine else None
    steps = _steps(request, found, call, answer.decision, cohort)
    return render(
        request,
        "application.html",
        steps=[*beside["steps_before"], *steps, *beside["steps_after"]] if mine else [],
        refusal=refusal,
        call=call,
        application=answer,
        inside=inside,
        mine=mine,
        reading=reading,
        note_text=note_text,
        **words,
        **_grid_words(call, reading, refusal, written),
        **_marks_words(call, answer),
        **_file_words(request, call, answer, names),
        **decision_words(call),
        **beside,
    )


def _seat_words(
    request: Request,
    db: sa.Connection,
    found: Application,
    call: Call,
    answer: ApplicationAnswer,
    reading: Reading,
) -> dict[str, Any]:
    """What its committee does with it: what she scores, who else reads it, what is prepared."""
    prepared = store.committee.prepared_for(db, found.id) if reading.sight.note else None
    nth = store.round.of_application(db, found.id)
    is_open = _is_before_committee(found, answer) and nth == call.round
    share = share_of(request, db, call) if is_open and reading.scores else None
    sent = len(store.document.of_application(db, found.id)) if reading.file else 0
    return {
        "share": share,
        "place_in_share": store.share.place_of(db, call, share, found.id) if share else None,
        "criteria": call.criteria_of(nth),
        "members": (
            _members(request, db, found, call, nth) if reading.sight.note and is_open else ()
        ),
        "kept_back": sent - len(answer.documents) if reading.file else 0,
        **_prepared_words(found, reading, prepared),
    }


def _file_words(
    request: Request, call: Call, answer: ApplicationAnswer, names: Mapping[UUID, str]
) -> dict[str, Any]:
    """How its file reads: until when each document holds, who accepted the charter."""
    today = today_of(request)
    return {
        "departments": DEPARTMENTS,
        "applicant_kinds": APPLICANT_KINDS,
        "state_labels": APPLICATION_STATES,
        "conflict_labels": CONFLICTS,
        "conflict_names": CONFLICT_NAMES,
        "charter_by": _accepted_by(answer, names),
        "validity": {one.code: validity_of(one, answer.content, today) for one in call.documents},
    }


def _prepared_words(
    found: Application, reading: Reading, prepared: Prepared | None
) -> dict[str, Any]:
    """What is prepared of the decision, for who prepares it."""
    return {
        "decides": found.state == ApplicationState.RECEIVED and reading.sight.note,
        "verdict_now": prepared.verdict if prepared else None,
    }


def _members(
    request: Request, db: sa.Connection, found: Application, call: Call, nth: int
) -> list[MemberState]:
    role, day = Role.COMMITTEE_MEMBER, today_of(request)
    members = people_with_role(db, role, day, call.programme)
    return store.assignment.before(db, found.id, call, nth, members)


def _offered(db: sa.Connection, found: Application, answer: ApplicationAnswer) -> Offer | None:
    """The place that is offered to its bearer, who has not answered."""
    waits = answer.decision is not None and answer.decision.decision == Decision.WAITING_LIST
    if found.state != ApplicationState.RECEIVED or not waits:
        return None
    offer = store.waiting_list.find(db, found.id)
    return offer if offer and offer.accepted is None else None


def _is_before_committee(found: Application, answer: ApplicationAnswer) -> bool:
    return found.state == ApplicationState.RECEIVED and answer.decision is None


def _who_spoke(answer: ApplicationAnswer) -> list[UUID]:
    """Those whose names stand beside what they gave, wrote or accepted."""
    scores = [one.evaluator_id for one in (*answer.scores, *answer.changed_scores)]
    charter = answer.charter.programme_accepted_by if answer.charter else None
    return [
        *scores,
        *(one.evaluator_id for one in answer.shared_comments),
        *([charter] if charter else []),
    ]


def _accepted_by(answer: ApplicationAnswer, names: Mapping[UUID, str]) -> str | None:
    """Who accepted the charter for the programme."""
    by = answer.charter.programme_accepted_by if answer.charter else None
    return names.get(by) if by else None


def _grid_words(
    call: Call, reading: Reading, refusal: Refusal | None, written: FormData | None
) -> dict[str, Any]:
    """What stands in her grid."""
    is_stale = refusal is not None and refusal.status == 409
    grid = shown_grid(call, reading.points, reading.own, written, is_stale=is_stale)
    return {**vars(grid), "not_judged": NOT_JUDGED}


def _marks_words(call: Call, answer: ApplicationAnswer) -> dict[str, Any]:
    """What the committee gave, as its matrix shows it."""
    return {
        "weighing": weigh(call.criteria, [Score(**vars(one)) for one in answer.scores]),
        "given": {(one.evaluator_id, one.criterion): one.points for one in answer.scores},
        "most": {criterion.code: criterion.max_score for criterion in call.criteria},
    }


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


@router.get("/applications/{application_id}/documents/{code}", name="application-document")
def application_document(request: Request, application_id: UUID, code: str) -> Response:
    runtime = runtime_of(request)
    with runtime.read() as db:
        document, named = readable_document(request, db, application_id, code, None)
    return send_document(runtime.documents, document, named=named)
