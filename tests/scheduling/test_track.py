import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from essaim.ids import new_id
from essaim.refusal import Refusals
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode
from hypothesis import given
from hypothesis import strategies as st
from scheduling.proposed_session import ProposedSession, proposed_for_cohort, proposed_for_project
from scheduling.track import Duration
from scheduling.track_file import read_track

TRACKS = Path(__file__).parents[2] / "demo" / "tracks"

SMALL = """\
format: essaim-track/1
code: petit
version: 1
name: Petit parcours
"""


def refused(text: str) -> list[tuple[str, int]]:
    """The codes of what is refused, each with its line."""
    with pytest.raises(Refusals) as refusals:
        read_track(text)
    return [(one.code, one.values["line"]) for one in refusals.value.all]


def test_the_example_of_the_documentation_is_a_track() -> None:
    page = TRACKS.parents[1] / "docs" / "track-file.md"
    example = page.read_text().split("```yaml\n")[1].split("```")[0]

    assert read_track(example).unknown == ["duration"]


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


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("mpess-creation", [(HourKind.LEGAL, 120)]),
        ("mpess-developpement", [(HourKind.REFERENT, 1200), (HourKind.MENTORING, 540)]),
        ("starter", None),
        ("couveuse", None),
        ("peps", None),
    ],
)
def test_the_five_tracks_of_mpess_are_data(
    name: str, packages: list[tuple[HourKind, int]] | None
) -> None:
    track = read_track((TRACKS / f"{name}.yaml").read_text())

    assert track.code == name
    granted = track.hour_packages
    assert (granted and [(one.kind, one.minutes) for one in granted]) == packages


def test_what_the_source_does_not_say_is_said_to_be_unknown() -> None:
    track = read_track(
        SMALL + "duration: null\nsessions:\n  - {kind: pitch, title: P, mode: null}\n"
    )

    assert track.unknown == ["duration", "sessions.0.mode"]


def test_an_unknown_key_is_refused_with_its_line() -> None:
    assert refused(SMALL + "colour: red\n") == [("track_unknown_key", 5)]


def test_every_mistake_is_named_with_its_own_line() -> None:
    text = """\
format: essaim-track/1
code: Petit Parcours
name: Petit
sessions:
  - kind: pique-nique
    title: P
    half_days: 1
  - kind: pitch
    title: P
    half_days: 1
    minutes: 60
hour_packages:
  - {kind: legal, hours: 0.33}
  - {kind: legal, hours: trois}
"""

    assert refused(text) == [
        ("track_missing_key", 1),
        ("track_wrong_value", 2),
        ("track_wrong_value", 5),
        ("track_two_lengths", 8),
        ("track_part_minutes", 13),
        ("track_wrong_value", 14),
    ]


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ("duration: {weeks: 6, months: 1}\n", "track_duration_units"),
        ("sessions: [{kind: appointment, title: R, minutes: {min: 90, max: 60}}]\n",
         "track_length_order"),
        ("hour_packages: [{kind: legal, hours: 1}, {kind: legal, hours: 2}]\n",
         "track_package_twice"),
        ("sessions: [{kind: mentoring, title: M, hours: mentoring}]\n",
         "track_hours_without_package"),
        ("note: !!python/object:os.system x\n", "track_unreadable_value"),
        ("goal: [1, 2\n", "track_file_not_yaml"),
        ("goal: &g x\nnote: *g\n", "track_alias"),
        ("goal: " + "[" * 30 + "]" * 30 + "\n", "track_too_deep"),
        ("goal: \"a\\0b\"\n", "track_unreadable_value"),
        ("goal: \"never closed\n", "track_file_not_yaml"),
        ("duration: 3 mois\n", "track_wrong_value"),
        ("duration: {weeks: 99999999999}\n", "track_wrong_value"),
        ("code: autre\n", "track_key_twice"),
    ],
)  # fmt: skip
def test_a_rule_of_the_track_file_is_refused_with_its_own_code(added: str, code: str) -> None:
    assert [found for found, line in refused(SMALL + added) if line >= 1] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "track_file_without_keys"),
        ("- a\n- b\n", "track_file_without_keys"),
        ("just words", "track_file_without_keys"),
        ("\x00", "track_file_not_yaml"),
        ("{" * 3000, "track_too_deep"),
    ],
)
def test_what_is_no_track_at_all_is_refused(text: str, code: str) -> None:
    assert [found for found, _ in refused(text)] == [code]


def test_hours_without_a_package_are_named_with_their_own_line() -> None:
    sessions = "sessions:\n  - kind: mentoring\n    title: M\n    hours: legal\n"

    assert refused(SMALL + sessions) == [("track_hours_without_package", 8)]


def test_a_wrong_value_is_shown_as_it_was_written() -> None:
    with pytest.raises(Refusals) as refusals:
        read_track(SMALL + "sessions: [{kind: pitch, title: 2020-01-15}]\n")

    assert [one.values["value"] for one in refusals.value.all] == ["2020-01-15"]


def test_a_track_may_be_written_in_json_with_its_emojis() -> None:
    bee = {"format": "essaim-track/1", "code": "petit", "version": 1, "name": "Essaim 🐝"}

    assert read_track(json.dumps(bee)).name == "Essaim 🐝"


def test_a_file_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(Refusals) as refusals:
        read_track("#" * 200_001)

    assert refusals.value.values == {"length": 200_001, "largest": 200_000}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
        ),
        max_leaves=10,
    )
)
def test_any_document_is_a_track_or_is_refused_with_lines(document: object) -> None:
    text = yaml.safe_dump(document, allow_unicode=True)

    with pytest.raises(Refusals) as refusals:
        read_track(text)

    assert all(1 <= one.values["line"] <= text.count("\n") + 1 for one in refusals.value.all)


def test_six_weeks_end_on_the_day_before_the_seventh() -> None:
    assert Duration(weeks=6).after(date(2023, 1, 9)) == date(2023, 2, 19)


def test_a_month_that_has_no_such_day_ends_with_the_month() -> None:
    assert Duration(months=1).after(date(2023, 1, 31)) == date(2023, 2, 27)
    assert Duration(years=3).after(date(2020, 2, 29)) == date(2023, 2, 27)


def test_a_track_that_may_overrun_has_no_last_day() -> None:
    closed = read_track(SMALL + "duration: {months: 12}\n")
    open_ended = read_track(SMALL + "duration: {months: 12}\nmay_overrun: true\n")

    assert closed.last_day(date(2023, 1, 9)) == date(2024, 1, 8)
    assert open_ended.last_day(date(2023, 1, 9)) is None
