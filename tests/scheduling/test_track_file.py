import json
from pathlib import Path

import pytest
import yaml
from essaim.refusal import Refusals
from essaim_contracts.scheduling import HourKind
from hypothesis import given
from hypothesis import strategies as st
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


def test_an_unknown_key_is_refused_with_its_line() -> None:
    assert refused(SMALL + "colour: red\n") == [("unknown_key", 5)]


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
        ("missing_key", 1),
        ("bad_code", 2),
        ("not_offered", 5),
        ("track_two_lengths", 8),
        ("track_part_minutes", 13),
        ("not_a_number", 14),
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
        ("note: !!python/object:os.system x\n", "yaml_tag"),
        ("goal: [1, 2\n", "broken_yaml"),
        ("goal: &g x\nnote: *g\n", "yaml_alias"),
        ("goal: " + "[" * 30 + "]" * 30 + "\n", "too_deep"),
        ("goal: \"a\\0b\"\n", "unprintable"),
        ("goal: \"never closed\n", "broken_yaml"),
        ("duration: 3 mois\n", "not_a_group"),
        ("duration: {weeks: 99999999999}\n", "too_large"),
        ("cohort_size: 012\n", "not_a_number"),
        ("code: autre\n", "key_twice"),
    ],
)  # fmt: skip
def test_a_rule_of_the_track_file_is_refused_with_its_own_code(added: str, code: str) -> None:
    assert [found for found, line in refused(SMALL + added) if line >= 1] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_without_keys"),
        ("- a\n- b\n", "file_without_keys"),
        ("just words", "file_without_keys"),
        ("\x00", "broken_yaml"),
        ("{" * 3000, "too_deep"),
    ],
)
def test_what_is_no_track_at_all_is_refused(text: str, code: str) -> None:
    assert [found for found, _ in refused(text)] == [code]


def test_hours_without_a_package_are_named_with_their_own_line() -> None:
    sessions = "sessions:\n  - kind: mentoring\n    title: M\n    hours: legal\n"

    assert refused(SMALL + sessions) == [("track_hours_without_package", 8)]


def test_a_wrong_value_is_shown_as_it_was_written() -> None:
    with pytest.raises(Refusals) as refusals:
        read_track(SMALL + "cohort_size: 1:30\n")

    assert [one.values["why"].values["value"] for one in refusals.value.all] == ["1:30"]


def test_a_track_may_be_written_in_json_with_its_emojis() -> None:
    bee = {"format": "essaim-track/1", "code": "petit", "version": 1, "name": "Essaim 🐝"}

    assert read_track(json.dumps(bee)).name == "Essaim 🐝"


def test_a_file_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(Refusals) as refusals:
        read_track("#" * 200_001)

    assert [one.values["why"].values for one in refusals.value.all] == [
        {"count": 200_001, "most": 200_000}
    ]


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
