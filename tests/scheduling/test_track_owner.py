"""A track belongs to the programme that imported it first: others use it, and add no version."""

import pytest
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from scheduling import store
from scheduling.commands.track import import_track

from tests.scheduling.promotion_2020 import A_TRACK, Backbone, OpenWork, a_cohort

SMALL = """\
format: essaim-track/1
code: petit
version: {version}
name: Petit parcours
hour_packages: [{{kind: mentoring, hours: {hours}}}]
"""


def coordinator(*programmes: str) -> Person:
    roles = tuple(RoleHeld(Role.COORDINATOR, one) for one in programmes)
    return Person(new_id(), "Camille", "c@exemple.fr", roles=roles)


PREMICES, OTHER = coordinator("premices"), coordinator("autre")
OPERATOR = Person(new_id(), "Oriane", roles=(RoleHeld(Role.OPERATOR, "network"),))


def bring_in(
    work: OpenWork, text: str, importer: Person | None, programme: str | None = None
) -> str | None:
    """Import a file; gives the code of the refusal, if there is one."""
    try:
        with work() as one:
            import_track(one, text, importer, programme)
    except Refusal as refusal:
        return refusal.code
    return None


def small(version: int = 1, hours: int = 6) -> str:
    return SMALL.format(version=version, hours=hours)


def test_another_programmes_coordinator_adds_no_version(work: OpenWork) -> None:
    assert bring_in(work, small(), PREMICES) is None
    assert bring_in(work, small(99, 600), OTHER) == "track_of_another"
    assert bring_in(work, small(99, 600), OTHER, "autre") == "track_of_another"
    assert bring_in(work, small(99, 600), OTHER, "premices") == "not_a_coordinator"
    assert bring_in(work, small(2), PREMICES) is None
    assert bring_in(work, small(3), OPERATOR) is None

    with work() as one:
        assert [track.version for track in store.track.load_all(one.db)] == [3, 2, 1]
        assert store.track.owner_of(one.db, "petit") == "premices"


def test_a_track_of_the_network_is_its_operators(work: OpenWork) -> None:
    assert bring_in(work, small(), OPERATOR) is None
    assert bring_in(work, small(2), PREMICES) == "track_of_another"


def test_an_operator_gives_a_track_to_a_programme(work: OpenWork) -> None:
    bring_in(work, small(), OTHER)
    assert bring_in(work, small(2), OPERATOR, "premices") is None
    assert bring_in(work, small(3), PREMICES) is None
    assert bring_in(work, small(4), OTHER) == "track_of_another"


def test_nobody_imports_first_what_another_programmes_cohort_waits_for(
    work: OpenWork, backbone: Backbone
) -> None:
    backbone.hear(a_cohort())

    assert bring_in(work, A_TRACK, OTHER) == "track_of_another"
    assert bring_in(work, A_TRACK, PREMICES) is None


def test_other_programmes_use_it(work: OpenWork, backbone: Backbone) -> None:
    bring_in(work, A_TRACK, OTHER)
    backbone.hear(a_cohort())

    with work() as one:
        assert store.track.owner_of(one.db, "premices") == "autre"
        assert store.cohort.waiting_for_track(one.db) == []


def test_who_coordinates_two_programmes_says_for_which(work: OpenWork) -> None:
    both = coordinator("premices", "autre")

    assert bring_in(work, small(), both) == "which_programme"
    assert bring_in(work, small(), both, "autre") is None
    assert bring_in(work, small(2), both) is None
    assert bring_in(work, small(3), PREMICES) == "track_of_another"


@pytest.mark.parametrize("role", [Role.FUNDER, Role.BEARER, Role.MENTOR])
def test_only_a_coordination_imports(work: OpenWork, role: Role) -> None:
    person = Person(new_id(), "X", roles=(RoleHeld(role, "premices"),))

    assert bring_in(work, small(), person) == "coordinates_nothing"
