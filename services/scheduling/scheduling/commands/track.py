"""Tracks come in, and cohorts receive what their track grants and proposes."""

from essaim.person import Person, Role
from essaim.work import Work
from essaim_contracts.envelope import NETWORK
from essaim_contracts.scheduling import GrantReason

from scheduling import store
from scheduling.access import check_manages_any, importing_programme
from scheduling.cohort import Cohort, Project
from scheduling.commands.hour_package import grant_hours
from scheduling.proposed_session import proposed_for_cohort, proposed_for_project
from scheduling.track import Track, version_taken
from scheduling.track_file import read_track


def import_track(
    work: Work,
    written: str | bytes,
    importer: Person | None = None,
    programme: str | None = None,
) -> Track:
    """Keep a version of a track, and give it to the cohorts that wait for it.

    The same file twice changes nothing. A cohort that has a version keeps it. A track belongs to
    the programme that imports it first, or to `programme` once an operator says so; without an
    `importer` it is one who asks.

    Raises:
        Refusal: the file is wrong, or this version is known with another content; (403) the track
            is not the importer's.
    """
    if importer is not None:
        check_manages_any(importer, work.today)
    track = read_track(written)
    owner = store.track.owner_of(work.db, track.code)
    users = store.cohort.programmes_with_track(work.db, track.code)
    if importer is None or importer.holds({Role.OPERATOR}, work.today):
        owner = programme or owner or NETWORK
    else:
        owner = importing_programme(importer, track.code, owner, users, programme, work.today)
    known = store.track.find(work.db, track.code, track.version)
    if known is None:
        store.track.save(work.db, track, owner, work.now)
    elif known != track:
        raise version_taken(track)
    store.track.give_to(work.db, track.code, owner)
    for cohort in store.cohort.waiting_for_track(work.db, track.code, lock=True):
        give_track(work, cohort, track)
    return track


def give_track(work: Work, cohort: Cohort, track: Track) -> None:
    """Bind a cohort to this version of its track: packages granted, sessions proposed."""
    store.cohort.bind_track(work.db, cohort.id, track.version, track.last_day(cohort.starts_on))
    store.proposed_session.save(work.db, proposed_for_cohort(track, cohort.id))
    for project in cohort.active:
        give_track_to_project(work, cohort, track, project)


def give_track_to_project(work: Work, cohort: Cohort, track: Track, project: Project) -> None:
    """The packages and proposed sessions of one project; packages it had before are kept."""
    proposed = proposed_for_project(track, cohort.id, project.id)
    store.proposed_session.save(work.db, proposed)
    had = store.hour_package.of_project(work.db, project.id, cohort.id)
    kinds = {package.kind for package in had if package.reason == GrantReason.TRACK}
    for line in track.hour_packages or ():
        if line.kind not in kinds:
            grant_hours(work, cohort, project.id, line.kind, line.minutes, GrantReason.TRACK)


def give_tracks_to_waiting_cohorts(work: Work) -> bool:
    """Give a track that arrived since to the cohorts that wait for it. Nothing is ever left over.

    A track and a cohort that arrive in the same instant do not see each other: this does.
    """
    waiting = store.cohort.waiting_for_track(work.db, lock=True)
    work.each_alone("cohorts", waiting, lambda cohort: _give_track_if_known(work, cohort))
    return False


def _give_track_if_known(work: Work, cohort: Cohort) -> None:
    track = store.track.find(work.db, cohort.track_code)
    if track is not None:
        give_track(work, cohort, track)
