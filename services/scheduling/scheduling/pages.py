"""The pages of scheduling: what it holds, for the coordination and for each person."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from essaim.people.directory import find_person, names_of
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.text.collation import order_key
from essaim.web import (
    Listing,
    SignedIn,
    act,
    export_csv,
    gettext_of,
    public_url,
    read_form,
    redirect,
    render,
    runtime_of,
    submitted,
    today_of,
)
from essaim.work import Work
from essaim_contracts import words
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.scheduling import SessionKind
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from scheduling import access, commands, labels, store
from scheduling.api.feed import feed_address
from scheduling.feed import feed_id_of, feed_of, no_such_feed
from scheduling.lists import (
    HOURS,
    hours_query,
    pairing_of,
    pairings_list,
    pairings_query,
    sessions_list,
    sessions_query,
)
from scheduling.reach import Reach
from scheduling.schemas.exchange import NoteExchange
from scheduling.session import Session
from scheduling.store.trophy import Trophy

router = APIRouter()

_HOURS = dict.fromkeys(
    ("minutes", "minutes_used", "minutes_left", "minutes_over"), lambda minutes: minutes / 60
)
"""Spreadsheets add hours up, not texts such as 2 h 30."""
COMING = 10
"""How many coming sessions a page shows."""
UNPROCESSABLE = 422
"""What is wrong is in the form."""


@router.get("/", name="home")
def home(request: Request, person: SignedIn) -> Response:
    """What is to come, what waits for somebody, and the way to the lists."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    with runtime.read() as db:
        reach = store.reach.of(db, person, today_of(request))
        wanted = store.session.Wanted(store.reach.readable_sessions(reach), starts_from=now)
        coming, total = store.session.find_wanted(db, wanted, limit=COMING)
        to_close = store.session.to_close(db, store.reach.sessions_to_hold(reach), now)
        waiting = store.cohort.waiting_for_track(db)
    return render(
        request,
        "home.html",
        coming=coming,
        total=total,
        to_close=to_close,
        waiting=[one for one in waiting if reach.manages(one.programme)],
        labels=labels,
        words=words,
    )


@router.get("/sessions", name="sessions")
def sessions(request: Request, person: SignedIn) -> Response:
    """The sessions one reads: filtered, sorted, exported."""
    listing = sessions_list(runtime_of(request).clock.now())
    return _list_page(request, listing, sessions_query(_reach(request, person)), "sessions")


@router.get("/hours", name="hours")
def hours(request: Request, person: SignedIn) -> Response:
    """The balance of every hour package one reads."""
    return _list_page(request, HOURS, hours_query(_reach(request, person)), "hours")


@router.get("/pairings", name="pairings")
def pairings(request: Request, person: SignedIn) -> Response:
    """Who accompanies whom, and what is proposed."""
    reach = _reach(request, person)
    return _list_page(request, pairings_list(reach), pairings_query(reach), "pairings")


@router.get("/tracks", name="tracks")
def tracks(request: Request, person: SignedIn) -> Response:
    """Every track and what it gives, its unknowns said."""
    with runtime_of(request).read() as db:
        found = store.track.load_all(db)
    return render(request, "tracks.html", tracks=found, labels=labels, words=words)


@router.get("/sessions/{session_id}", name="session")
def session(request: Request, session_id: UUID, person: SignedIn) -> Response:
    """One session; its participants and its sheet for those who hold it."""
    runtime = runtime_of(request)
    today = today_of(request)
    with runtime.read() as db:
        found = store.session.load(db, session_id)
        organisations = store.organisation.of_programme(db, found.programme)
        reach = store.reach.of(db, person, today)
        named = access.check_reads_session(person, reach, found, organisations, today)
        holds = access.may_close(person, found, organisations, today)
        marks = store.attendance_sheet.load_marks(db, session_id) if holds else []
        people = {mark.person_id for mark in marks}
        people |= set(found.participant_ids) if holds else set()
        names = names_of(db, people)
        partners = _organisation_names(db, found, named=named)
        projects = _project_titles(db, found)
        trophies = _trophies(db, found)
    return render(
        request,
        "session.html",
        one=found,
        holds=holds,
        marks=marks,
        convened=sorted((names.get(id, "") for id in found.participant_ids), key=order_key),
        names=names,
        organisations=partners,
        projects=projects,
        trophies=trophies,
        labels=labels,
        words=words,
    )


@router.get("/projects/{project_id}", name="project")
def project(request: Request, project_id: UUID, person: SignedIn) -> Response:
    """A project for those beside it: its hours, who accompanies it, what was said with it."""
    return _project(request, project_id, person)


@router.post("/projects/{project_id}/exchanges", name="note-exchange")
def note_exchange(
    request: Request,
    project_id: UUID,
    person: SignedIn,
    form: Annotated[FormData, Depends(submitted)],
) -> Response:
    """Note an exchange, in one's own name; a form that is not right comes back with its words."""
    note = commands.exchange.note_exchange

    def keep(work: Work) -> None:
        said = read_form(form, NoteExchange)
        note(work, person, project_id, said.happened_on, said.note)

    try:
        act(request, form, keep)
    except Refusal as refusal:
        if refusal.status != UNPROCESSABLE:
            raise
        return _project(request, project_id, person, form, refusal)
    _ = gettext_of(request)
    flash = _("Votre échange est noté.")
    return redirect(request, "project", project_id=project_id, flash=flash)


def _project(
    request: Request,
    project_id: UUID,
    person: Person,
    form: FormData | None = None,
    refusal: Refusal | None = None,
) -> Response:
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        reach = store.reach.of(db, person, today_of(request))
        shown = _shown_of(db, project_id, reach, now)
    return render(
        request,
        "project.html",
        refusal=refusal,
        values=form or {},
        sheet=_sheet(request, project_id),
        labels=labels,
        words=words,
        **shown,
    )


def _sheet(request: Request, project_id: UUID) -> str | None:
    """The project's own page, where cohorts are formed."""
    partner = runtime_of(request).consortium.find(CohortFormed.owner)
    return f"{partner.root}/projects/{project_id}" if partner and partner.pages else None


def _shown_of(db: sa.Connection, project_id: UUID, reach: Reach, now: datetime) -> dict[str, Any]:
    """What the page of a project shows to who reaches it."""
    found = store.cohort.load_project(db, project_id)
    cohort = store.cohort.load(db, found.cohort_id)
    is_near = store.reach.is_near(db, reach, project_id)
    named = access.check_reads_project(reach, cohort.programme, is_near=is_near)
    exchanges = store.exchange.of_project(db, project_id) if named else []
    within = store.reach.readable_sessions(reach)
    wanted = store.session.Wanted(within, project_id=project_id, starts_from=now)
    accompanies = store.reach.accompanies(db, reach, project_id)
    return {
        "project": found,
        "cohort": cohort,
        "packages": store.hour_package.of_project(db, project_id),
        "beside": db.execute(pairings_query(reach).where(pairing_of(project_id))).all(),
        "coming": store.session.find_wanted(db, wanted, COMING)[0],
        "named": named,
        "exchanges": exchanges,
        "names": names_of(db, [one.noted_by for one in exchanges if one.noted_by]),
        "notes": accompanies or reach.manages(cohort.programme),
    }


@router.get("/feeds", name="feeds")
def feeds(request: Request, person: SignedIn) -> Response:
    """One's own calendar feeds, with their secret addresses."""
    with runtime_of(request).read() as db:
        found = store.feed.of_owner(db, person.id)
        labels_of = {one.id: one.label for one in store.cohort.load_all(db)}
    shown = [
        {
            "id": feed.id,
            "cohort": labels_of.get(feed.cohort_id) if feed.cohort_id else None,
            "created_at": feed.created_at,
            "address": (address := feed_address(request, feed.id)),
            "subscribe": f"webcal:{address.partition(':')[2]}",
        }
        for feed in found
    ]
    return render(request, "feeds.html", feeds=shown)


@router.post("/feeds", name="open-feed")
def open_feed(
    request: Request, person: SignedIn, form: Annotated[FormData, Depends(submitted)]
) -> Response:
    """Open a feed of one's own sessions."""
    _ = gettext_of(request)
    act(request, form, lambda work: commands.feed.open_feed(work, person, None))
    return redirect(request, "feeds", flash=_("Votre agenda a une nouvelle adresse."))


@router.post("/feeds/{feed_id}/revoke", name="revoke-feed")
def revoke_feed(
    request: Request,
    feed_id: UUID,
    person: SignedIn,
    form: Annotated[FormData, Depends(submitted)],
) -> Response:
    """Revoke a feed: its address opens nothing any more."""
    _ = gettext_of(request)
    act(request, form, lambda work: commands.feed.close_feed(work, person, feed_id))
    return redirect(request, "feeds", flash=_("Cette adresse n’ouvre plus rien."))


@router.get("/feeds/{token}.ics", name="feed")
def feed(request: Request, token: str) -> Response:
    """A calendar feed, for whoever holds its address."""
    _ = gettext_of(request)
    runtime = runtime_of(request)
    feed_id = feed_id_of(runtime.settings.secret.get_secret_value(), token)
    with runtime.read() as db:
        opened = store.feed.find(db, feed_id) if feed_id else None
        owner = find_person(db, opened.owner_id) if opened else None
        if opened is None or owner is None:
            raise no_such_feed()
        cohort = store.cohort.load(db, opened.cohort_id) if opened.cohort_id else None
        reach = store.reach.of(db, owner, today_of(request))
        access.check_still_follows(owner, reach, cohort, today_of(request))
        if cohort:
            name = cohort.label
            found = store.session.shared_in_cohort(db, cohort.id)
        else:
            name = f"{_('Mes séances')} – {runtime.consortium.name}"
            found = store.session.of_person(db, opened.owner_id)
        ids = (one.project_ids[0] for one in found if len(one.project_ids) == 1)
        titles = store.cohort.project_titles(db, ids)
    page_of = public_url(request, "session", session_id="{id}")
    return Response(
        feed_of(found, name, page_of, owner.language, titles),
        media_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, max-age=900"},
    )


def _list_page(request: Request, listing: Listing, query: sa.Select[Any], name: str) -> Response:
    if request.query_params.get("format") == "csv":
        return export_csv(request, listing, query, f"{name}.csv", _HOURS)
    with runtime_of(request).read() as db:
        page = listing.page(request, db, query)
    return render(request, f"{name}.html", page=page, labels=labels, words=words)


def _reach(request: Request, person: Person) -> Reach:
    with runtime_of(request).read() as db:
        return store.reach.of(db, person, today_of(request))


def _organisation_names(db: sa.Connection, session: Session, *, named: bool) -> dict[UUID, str]:
    """The names of its organisations; a person who acts alone gives hers, where it is seen."""
    known = {one.id: one for one in store.organisation.of_programme(db, session.programme)}
    alone = names_of(db, [one.person_id for one in known.values() if named and one.person_id])
    return {
        id: known[id].name or alone.get(known[id].person_id or id, "–")
        for id in session.organisation_ids
        if id in known
    }


def _project_titles(db: sa.Connection, session: Session) -> list[str]:
    cohorts = (
        [store.cohort.load(db, session.cohort_id)]
        if session.cohort_id
        else store.cohort.load_all(db, session.edition_id)
    )
    titles = (
        project.title
        for cohort in cohorts
        for project in cohort.projects
        if project.id in session.project_ids
    )
    return sorted(titles, key=order_key)


def _trophies(db: sa.Connection, session: Session) -> list[Trophy]:
    if session.kind != SessionKind.CEREMONY or session.cohort_id is None:
        return []
    return store.trophy.of_cohort(db, session.cohort_id)
