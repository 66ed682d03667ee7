"""Tracks come in, and cohorts receive what their track grants and proposes."""

from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.scheduling import GrantReason

from scheduling import store
from scheduling.cohort import Cohort, Project, proposed_for_cohort, proposed_for_project
from scheduling.hour_package import HourPackage, as_granted
from scheduling.lookups import today
from scheduling.track import Track
from scheduling.track_file import read_track


def import_track(work: Work, text: str) -> Track:
    """Keep a version of a track, and give it to the cohorts that wait for it.

    The same file twice changes nothing. A cohort that has a version keeps it.

    Raises:
        Refusal: the file is wrong, or this version is known with another content.
    """
    track = read_track(text)
    known = store.find_track(work.db, track.code, track.version)
    if known is None:
        store.save_track(work.db, track, work.now)
    elif known != track:
        raise Refusal(
            "track_version_taken",
            "La version {version} du parcours « {track} » existe avec un autre contenu. "
            "Donnez au fichier une nouvelle version.",
            field="version",
            version=track.version,
            track=track.code,
        )
    for cohort in store.cohorts_waiting_for_track(work.db, track.code, lock=True):
        give_track(work, cohort, track)
    return track


def give_track(work: Work, cohort: Cohort, track: Track) -> None:
    """Bind a cohort to this version of its track: packages granted, sessions proposed."""
    store.bind_track(work.db, cohort.id, track.version, track.last_day(cohort.starts_on))
    store.save_proposed(work.db, proposed_for_cohort(track, cohort.id))
    for project in cohort.active:
        give_track_to_project(work, cohort, track, project)


def give_track_to_project(work: Work, cohort: Cohort, track: Track, project: Project) -> None:
    """The packages and proposed sessions of one project; packages it had before are kept."""
    proposed = proposed_for_project(track, cohort.id, project.id)
    store.save_proposed(work.db, proposed)
    had = store.packages_of(work.db, project.id, cohort.id)
    kinds = {package.kind for package in had if package.reason == GrantReason.TRACK}
    for line in track.hour_packages or ():
        if line.kind in kinds:
            continue
        package = HourPackage(
            id=new_id(),
            programme=cohort.programme,
            edition_id=cohort.edition_id,
            cohort_id=cohort.id,
            project_id=project.id,
            kind=line.kind,
            minutes=line.minutes,
            reason=GrantReason.TRACK,
            granted_on=today(work),
        )
        store.save_packages(work.db, [package])
        work.tell(as_granted(package), programme=cohort.programme)


def give_tracks_to_waiting_cohorts(work: Work) -> bool:
    """Give a track that arrived since to the cohorts that wait for it. Nothing is ever left over.

    A track and a cohort that arrive in the same instant do not see each other: this does.
    """
    for cohort in store.cohorts_waiting_for_track(work.db, lock=True):
        track = store.find_track(work.db, cohort.track_code)
        if track is not None:
            give_track(work, cohort, track)
    return False
