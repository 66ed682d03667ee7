"""The JSON API of scheduling; every act and every reading goes through it."""

from datetime import date
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.web import allowed, command, gettext_of, public_url, runtime_of
from essaim_contracts.scheduling import PairingKind, SessionKind
from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import AwareDatetime

from scheduling import access, following, granting, matching, planning, sheets, store, subscribing
from scheduling.assignment import load_solver
from scheduling.feed import token_of
from scheduling.pairing import PairingState
from scheduling.requests import (
    CancelSession,
    CloseSession,
    ConfirmPairings,
    EndPairing,
    FillRoster,
    GivePlace,
    GrantHours,
    MakePairing,
    MoveSession,
    NewFeed,
    PlanSession,
    PlanSessions,
    ProposePairings,
    ReportProgress,
    SetOffers,
    SetWishes,
)
from scheduling.session import SessionState
from scheduling.views import (
    Json,
    cohort_view,
    hours_view,
    listed,
    mark_view,
    pairing_view,
    progress_view,
    proposal_view,
    session_view,
    track_view,
    use_view,
)

router = APIRouter()

SignedIn = Annotated[Person, Depends(allowed())]
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=500)]


# --- tracks, cohorts and what is proposed


@router.post("/api/tracks", status_code=201, tags=["tracks"])
def import_track(
    request: Request,
    person: SignedIn,
    text: Annotated[bytes, Body(media_type="application/yaml")],
) -> Response:
    """Import a track file (YAML). The same file again changes nothing."""
    access.check_manages_any(person, _today(request))
    return command(
        request, lambda work: track_view(granting.import_track(work, _text(text))), status=201
    )


@router.get("/api/tracks", tags=["tracks"])
def tracks(request: Request, person: SignedIn) -> Json:
    """Every version of every track, by code, the latest first."""
    with runtime_of(request).read() as db:
        return listed(map(track_view, store.all_tracks(db)))


@router.get("/api/cohorts", tags=["cohorts"])
def cohorts(request: Request, person: SignedIn, edition: UUID | None = None) -> Json:
    """The cohorts of the programmes one reads; `track_version` is null until the track is known."""
    read = access.programmes_read(person, _today(request))
    with runtime_of(request).read() as db:
        found = store.cohorts(db, edition)
    mine = [one for one in found if read is None or one.programme in read]
    return listed(map(cohort_view, mine))


@router.get("/api/cohorts/{cohort_id}", tags=["cohorts"])
def cohort(request: Request, cohort_id: UUID, person: SignedIn) -> Json:
    """A cohort with its projects, those that left too."""
    with runtime_of(request).read() as db:
        found = store.cohort_of(db, cohort_id)
    access.check_reads(person, found.programme, _today(request))
    return cohort_view(found, with_projects=True)


@router.get("/api/cohorts/{cohort_id}/proposed-sessions", tags=["cohorts"])
def proposed_sessions(
    request: Request, cohort_id: UUID, person: SignedIn, project: UUID | None = None
) -> Json:
    """The sessions the track proposes that nothing on the calendar answers yet."""
    with runtime_of(request).read() as db:
        found = store.cohort_of(db, cohort_id)
        access.check_reads(person, found.programme, _today(request))
        return listed(map(proposal_view, store.open_proposals(db, cohort_id, project)))


# --- sessions


@router.get("/api/sessions", tags=["sessions"])
def sessions(
    request: Request,
    person: SignedIn,
    edition: UUID | None = None,
    cohort: UUID | None = None,
    project: UUID | None = None,
    kind: SessionKind | None = None,
    state: SessionState | None = None,
    starts_from: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    starts_until: Annotated[AwareDatetime | None, Query(alias="until")] = None,
    page: PageNumber = 1,
    size: PageSize = 100,
) -> Json:
    """Sessions by start: those of the programmes one reads, and those one is convened to."""
    wanted = store.Wanted(
        programmes=access.programmes_read(person, _today(request)),
        or_person_id=person.id,
        edition_id=edition,
        cohort_id=cohort,
        project_id=project,
        kind=kind,
        state=state,
        starts_from=starts_from,
        starts_until=starts_until,
    )
    with runtime_of(request).read() as db:
        found, total = store.wanted_sessions(db, wanted, size, (page - 1) * size)
    return listed(map(session_view, found), total)


@router.post("/api/sessions", status_code=201, tags=["sessions"])
def plan_session(request: Request, plan: PlanSession, person: SignedIn) -> Response:
    """Put a session on the calendar; with `proposed_id`, what is not said comes from there."""
    return command(
        request, lambda work: session_view(planning.plan_session(work, person, plan)), status=201
    )


@router.post("/api/sessions/batch", status_code=201, tags=["sessions"])
def plan_sessions(request: Request, plans: PlanSessions, person: SignedIn) -> Response:
    """Put several sessions on the calendar: all of them, or none."""
    return command(
        request,
        lambda work: listed(
            session_view(planning.plan_session(work, person, plan)) for plan in plans.sessions
        ),
        status=201,
    )


@router.get("/api/sessions/{session_id}", tags=["sessions"])
def session(request: Request, session_id: UUID, person: SignedIn) -> Json:
    """A session, with its sheet for those who hold it."""
    today = _today(request)
    with runtime_of(request).read() as db:
        found = store.session_of(db, session_id)
        organisations = store.organisations_of(db, found.programme)
        access.check_reads_session(person, found, organisations, today)
        view = session_view(found)
        if access.may_close(person, found, organisations, today):
            view["marks"] = [mark_view(mark) for mark in store.marks_of(db, session_id)]
    return view


@router.post("/api/sessions/{session_id}/move", tags=["sessions"])
def move_session(
    request: Request, session_id: UUID, move: MoveSession, person: SignedIn
) -> Response:
    """Change the times, mode or place of a session; what is absent stays."""
    return command(
        request,
        lambda work: session_view(planning.move_session(work, person, session_id, move)),
    )


@router.post("/api/sessions/{session_id}/place", tags=["sessions"])
def give_place(request: Request, session_id: UUID, given: GivePlace, person: SignedIn) -> Response:
    """Say where a session takes place, once that is known."""
    return command(
        request,
        lambda work: session_view(planning.give_place(work, person, session_id, given.place)),
    )


@router.post("/api/sessions/{session_id}/cancel", tags=["sessions"])
def cancel_session(
    request: Request, session_id: UUID, asked: CancelSession, person: SignedIn
) -> Response:
    """Take a session off the calendar."""
    return command(
        request,
        lambda work: session_view(planning.cancel_session(work, person, session_id, asked.reason)),
    )


@router.put("/api/sessions/{session_id}/roster", tags=["sessions"])
def fill_roster(
    request: Request, session_id: UUID, roster: FillRoster, person: SignedIn
) -> Response:
    """Write who was there; marks written before and not named stay."""
    return command(
        request,
        lambda work: listed(
            map(mark_view, sheets.fill_roster(work, person, session_id, roster.marks))
        ),
    )


@router.post("/api/sessions/{session_id}/close", tags=["sessions"])
def close_session(
    request: Request, session_id: UUID, close: CloseSession, person: SignedIn
) -> Response:
    """Close the sheet of a session that took place, and use its hours."""
    return command(
        request,
        lambda work: session_view(sheets.close_session(work, person, session_id, close)),
    )


# --- hours and progress of a project


@router.get("/api/projects/{project_id}/hours", tags=["projects"])
def hours(request: Request, project_id: UUID, person: SignedIn) -> Json:
    """The hour packages of a project, what used them and what is planned."""
    with runtime_of(request).read() as db:
        _check_reads_project(db, request, project_id, person)
        packages = store.packages_of(db, project_id)
        planned = store.minutes_planned(db, project_id)
        uses = store.uses_of(db, [package.id for package in packages])
    return listed(
        hours_view(
            package, planned, [use_view(use) for use in uses if use.package_id == package.id]
        )
        for package in packages
    )


@router.post("/api/projects/{project_id}/hours", status_code=201, tags=["projects"])
def grant_hours(
    request: Request, project_id: UUID, grant: GrantHours, person: SignedIn
) -> Response:
    """Grant a project more hours than its track does."""
    return command(
        request,
        lambda work: hours_view(
            following.grant_hours(work, person, project_id, grant),
            store.minutes_planned(work.db, project_id),
            [],
        ),
        status=201,
    )


@router.get("/api/projects/{project_id}/progress", tags=["projects"])
def progress(request: Request, project_id: UUID, person: SignedIn) -> Json:
    """Every report on a project, the latest first."""
    with runtime_of(request).read() as db:
        _check_reads_project(db, request, project_id, person)
        reports = store.progress_of(db, project_id)
    return listed(progress_view(project_id, report) for report in reports)


@router.post("/api/projects/{project_id}/progress", status_code=201, tags=["projects"])
def report_progress(
    request: Request, project_id: UUID, report: ReportProgress, person: SignedIn
) -> Response:
    """Report where a project stands; any status may follow any other."""
    return command(
        request,
        lambda work: progress_view(
            project_id, following.tell_progress(work, person, project_id, report)
        ),
        status=201,
    )


@router.put("/api/wishes", tags=["pairings"])
def set_wishes(request: Request, wishes: SetWishes, person: SignedIn) -> Response:
    """Keep the topics projects want help with."""
    return command(request, lambda work: {"saved": following.set_wishes(work, person, wishes)})


# --- pairings


@router.get("/api/pairings", tags=["pairings"])
def pairings(
    request: Request,
    person: SignedIn,
    cohort: UUID | None = None,
    project: UUID | None = None,
    kind: PairingKind | None = None,
    state: PairingState | None = None,
) -> Json:
    """The pairings of the programmes one reads, in every state."""
    with runtime_of(request).read() as db:
        found = store.pairings(
            db,
            programmes=access.programmes_read(person, _today(request)),
            cohort_id=cohort,
            project_ids=None if project is None else [project],
            kind=kind,
            state=state,
        )
    _ = gettext_of(request)
    return listed(pairing_view(pairing, _) for pairing in found)


@router.post("/api/pairings", status_code=201, tags=["pairings"])
def make_pairing(request: Request, asked: MakePairing, person: SignedIn) -> Response:
    """Pair an organisation with a project by hand; with `replaces`, hand over in one act."""
    _ = gettext_of(request)
    return command(
        request, lambda work: pairing_view(matching.pair(work, person, asked), _), status=201
    )


@router.post("/api/pairings/proposals", status_code=201, tags=["pairings"])
def propose_pairings(request: Request, asked: ProposePairings, person: SignedIn) -> Response:
    """Propose who could accompany the projects that have nobody; nothing is said before a human."""
    load_solver()
    _ = gettext_of(request)
    return command(
        request,
        lambda work: listed(
            pairing_view(pairing, _)
            for pairing in matching.propose_pairings(work, person, asked.cohort_id, asked.kind)
        ),
        status=201,
    )


@router.post("/api/pairings/confirm", tags=["pairings"])
def confirm_pairings(request: Request, asked: ConfirmPairings, person: SignedIn) -> Response:
    """Confirm proposals, all or none."""
    _ = gettext_of(request)
    return command(
        request,
        lambda work: listed(
            pairing_view(pairing, _)
            for pairing in matching.confirm_pairings(work, person, asked.pairing_ids)
        ),
    )


@router.post("/api/pairings/{pairing_id}/refuse", tags=["pairings"])
def refuse_pairing(request: Request, pairing_id: UUID, person: SignedIn) -> Response:
    """Refuse a proposal; this pair is not proposed again."""
    _ = gettext_of(request)
    return command(
        request, lambda work: pairing_view(matching.refuse_proposal(work, person, pairing_id), _)
    )


@router.post("/api/pairings/{pairing_id}/end", tags=["pairings"])
def end_pairing(
    request: Request, pairing_id: UUID, asked: EndPairing, person: SignedIn
) -> Response:
    """End a bond between an organisation and a project."""
    _ = gettext_of(request)
    return command(
        request,
        lambda work: pairing_view(
            matching.end_pairing_of(work, person, pairing_id, asked.reason), _
        ),
    )


@router.put("/api/offers", tags=["pairings"])
def set_offers(request: Request, offers: SetOffers, person: SignedIn) -> Response:
    """Keep what organisations offer: sector, department, topics, how many projects at once."""
    return command(request, lambda work: {"saved": matching.set_offers(work, person, offers)})


# --- calendar feeds


@router.get("/api/feeds", tags=["feeds"])
def feeds(request: Request, person: SignedIn) -> Json:
    """One's own feeds with their secret addresses."""
    with runtime_of(request).read() as db:
        found = store.feeds_of(db, person.id)
    return listed(
        {
            "feed_id": feed.id,
            "cohort_id": feed.cohort_id,
            "created_at": feed.created_at,
            "address": feed_address(request, feed.id),
        }
        for feed in found
    )


@router.post("/api/feeds", status_code=201, tags=["feeds"])
def open_feed(request: Request, feed: NewFeed, person: SignedIn) -> Response:
    """Open a feed. The list of feeds shows its address, which is kept nowhere."""
    return command(
        request,
        lambda work: {"feed_id": subscribing.open_feed(work, person, feed.cohort_id)},
        status=201,
    )


@router.delete("/api/feeds/{feed_id}", status_code=204, tags=["feeds"])
def revoke_feed(request: Request, feed_id: UUID, person: SignedIn) -> Response:
    """Revoke a feed: its address opens nothing any more."""
    return command(request, lambda work: subscribing.close_feed(work, person, feed_id))


def feed_address(request: Request, feed_id: UUID) -> str:
    secret = runtime_of(request).settings.secret.get_secret_value()
    return public_url(request, "feed", token=token_of(secret, feed_id))


# --- what these have in common


def _today(request: Request) -> date:
    return runtime_of(request).clock.now().astimezone(PARIS).date()


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Refusal(
            "track_file_not_utf8",
            "Le fichier n’est pas en UTF-8 (octet {position}). Enregistrez-le en UTF-8.",
            status=422,
            position=error.start,
        ) from error


def _check_reads_project(
    db: sa.Connection, request: Request, project_id: UUID, person: Person
) -> None:
    project = store.project_of(db, project_id)
    programme = store.cohort_of(db, project.cohort_id).programme
    beside = store.pairings(db, project_ids=[project_id], state=PairingState.ACTIVE)
    near = {*project.bearer_ids, *(pairing.person_id for pairing in beside)}
    access.check_reads_project(person, programme, near, _today(request))
