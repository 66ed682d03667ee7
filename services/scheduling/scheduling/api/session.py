"""Sessions: the calendar, and the sheet of each."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from essaim import Work
from essaim.text.bounded import InstantIn
from essaim.web import PageIn, SignedIn, SizeIn, command, runtime_of, today_of
from essaim_contracts.scheduling import SessionKind
from fastapi import APIRouter, Query, Request, Response

from scheduling import access, commands, store
from scheduling.schemas.attendance_sheet import CloseSession, FillRoster, MarkAnswer, mark_answer
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.session import (
    CancelSession,
    GivePlace,
    MoveSession,
    PlanSession,
    PlanSessions,
    SessionAnswer,
    SessionDetail,
    session_answer,
    unnamed,
)
from scheduling.session import Session, SessionState

router = APIRouter()


@router.get("/api/sessions", tags=["sessions"])
def sessions(
    request: Request,
    person: SignedIn,
    edition: UUID | None = None,
    cohort: UUID | None = None,
    project: UUID | None = None,
    kind: SessionKind | None = None,
    state: SessionState | None = None,
    starts_from: Annotated[InstantIn | None, Query(alias="from")] = None,
    starts_until: Annotated[InstantIn | None, Query(alias="until")] = None,
    page: PageIn = 1,
    size: SizeIn = 100,
) -> Listed[SessionAnswer]:
    """Sessions by start: of one's programmes, convened to, or given by one's organisation.

    A funder sees no participant.
    """
    with runtime_of(request).read() as db:
        reach = store.reach.of(db, person, today_of(request))
    wanted = store.session.Wanted(
        within=store.reach.readable_sessions(reach),
        edition_id=edition,
        cohort_id=cohort,
        project_id=project,
        kind=kind,
        state=state,
        starts_from=starts_from,
        starts_until=starts_until,
    )
    with runtime_of(request).read() as db:
        found, total = store.session.find_wanted(db, wanted, size, (page - 1) * size)
    return listed((session_answer(one, person, reach) for one in found), total)


@router.post("/api/sessions", status_code=201, tags=["sessions"], response_model=SessionAnswer)
def plan_session(request: Request, plan: PlanSession, person: SignedIn) -> Response:
    """Put a session on the calendar; with `proposed_id`, what is not said comes from there."""
    return _answer(
        request, lambda work: commands.session.plan_session(work, person, plan), status=201
    )


@router.post(
    "/api/sessions/batch", status_code=201, tags=["sessions"], response_model=Listed[SessionAnswer]
)
def plan_sessions(request: Request, plans: PlanSessions, person: SignedIn) -> Response:
    """Put several sessions on the calendar: all of them, or none."""
    return command(
        request,
        lambda work: listed(
            map(
                SessionAnswer.model_validate,
                commands.session.plan_sessions(work, person, plans.sessions),
            )
        ),
        status=201,
    )


@router.get("/api/sessions/{session_id}", tags=["sessions"], response_model_exclude_unset=True)
def session(request: Request, session_id: UUID, person: SignedIn) -> SessionDetail:
    """A session, with its sheet for those who hold it."""
    today = today_of(request)
    with runtime_of(request).read() as db:
        found = store.session.load(db, session_id)
        organisations = store.organisation.of_programme(db, found.programme)
        reach = store.reach.of(db, person, today)
        named = access.check_reads_session(person, reach, found, organisations, today)
        answer = SessionDetail.model_validate(found if named else unnamed(found))
        if access.may_close(person, found, organisations, today):
            marks = store.attendance_sheet.load_marks(db, session_id)
            answer.marks = list(map(mark_answer, marks))
    return answer


@router.post("/api/sessions/{session_id}/move", tags=["sessions"], response_model=SessionAnswer)
def move_session(
    request: Request, session_id: UUID, move: MoveSession, person: SignedIn
) -> Response:
    """Change the times, mode or place of a session; what is absent stays."""
    return _answer(
        request, lambda work: commands.session.move_session(work, person, session_id, move)
    )


@router.post("/api/sessions/{session_id}/place", tags=["sessions"], response_model=SessionAnswer)
def give_place(request: Request, session_id: UUID, given: GivePlace, person: SignedIn) -> Response:
    """Say where a session takes place, once that is known."""
    return _answer(
        request,
        lambda work: commands.session.give_place(work, person, session_id, given.place),
    )


@router.post("/api/sessions/{session_id}/cancel", tags=["sessions"], response_model=SessionAnswer)
def cancel_session(
    request: Request, session_id: UUID, asked: CancelSession, person: SignedIn
) -> Response:
    """Take a session off the calendar."""
    return _answer(
        request,
        lambda work: commands.session.cancel_session(work, person, session_id, asked.reason),
    )


@router.put(
    "/api/sessions/{session_id}/roster", tags=["sessions"], response_model=Listed[MarkAnswer]
)
def fill_roster(
    request: Request, session_id: UUID, roster: FillRoster, person: SignedIn
) -> Response:
    """Write who was there; marks written before and not named stay."""
    fill = commands.attendance_sheet.fill_roster
    return command(
        request,
        lambda work: listed(map(mark_answer, fill(work, person, session_id, roster.marks))),
    )


@router.post("/api/sessions/{session_id}/close", tags=["sessions"], response_model=SessionAnswer)
def close_session(
    request: Request, session_id: UUID, close: CloseSession, person: SignedIn
) -> Response:
    """Close the sheet of a session that took place, and use its hours."""
    return _answer(
        request,
        lambda work: commands.attendance_sheet.close_session(work, person, session_id, close),
    )


def _answer(request: Request, act: Callable[[Work], Session], status: int = 200) -> Response:
    """Do something with a session, and answer with what it is then."""
    return command(request, lambda work: SessionAnswer.model_validate(act(work)), status)
