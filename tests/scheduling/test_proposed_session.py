from pathlib import Path

from essaim.ids import new_id
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode
from scheduling.proposed_session import ProposedSession, proposed_for_cohort, proposed_for_project
from scheduling.track_file import read_track

TRACKS = Path(__file__).parents[2] / "demo" / "tracks"


def test_each_project_of_premices_is_proposed_three_appointments_of_two_hours() -> None:
    track = read_track((TRACKS / "premices.yaml").read_text())
    cohort_id, project_id = new_id(), new_id()

    proposed = proposed_for_project(track, cohort_id, project_id)

    assert proposed == [
        ProposedSession(
            cohort_id=cohort_id,
            project_id=project_id,
            kind=SessionKind.MENTORING,
            title="Rendez-vous de mentorat",
            number=number,
            half_days=None,
            minutes_min=120,
            minutes_max=120,
            mode=None,
            hour_kind=HourKind.MENTORING,
            topics=(),
        )
        for number in (1, 2, 3)
    ]
    assert [package.minutes for package in track.hour_packages or ()] == [360]


def test_the_cohort_of_premices_is_proposed_a_launch_four_days_and_a_ceremony() -> None:
    track = read_track((TRACKS / "premices.yaml").read_text())

    proposed = proposed_for_cohort(track, new_id())

    assert [one.kind for one in proposed] == [
        SessionKind.LAUNCH_DAY,
        *[SessionKind.COLLECTIVE_DAY] * 4,
        SessionKind.CEREMONY,
    ]
    assert proposed[-1].mode == SessionMode.HYBRID
