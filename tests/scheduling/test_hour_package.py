from dataclasses import replace
from datetime import date

import pytest
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts.scheduling import GrantReason, HourKind, HoursUsed
from hypothesis import given
from hypothesis import strategies as st
from scheduling.hour_package import HourPackage, TimeSpent, as_granted, use_hours

DAY = date(2020, 3, 12)


def a_package(minutes: int = 360, used: int = 0, over: int = 0) -> HourPackage:
    return HourPackage(
        id=new_id(),
        programme="premices",
        edition_id=new_id(),
        cohort_id=new_id(),
        project_id=new_id(),
        kind=HourKind.MENTORING,
        minutes=minutes,
        reason=GrantReason.TRACK,
        granted_on=date(2020, 2, 27),
        minutes_used=used,
        minutes_over=over,
    )


def spent(minutes: int) -> TimeSpent:
    return TimeSpent(session_id=new_id(), provider_id=new_id(), minutes=minutes, on=DAY)


def test_a_held_appointment_uses_its_minutes() -> None:
    package, time = a_package(360, used=120), spent(120)

    uses = use_hours([package], time)

    assert uses == [
        HoursUsed(
            package_id=package.id,
            edition_id=package.edition_id,
            project_id=package.project_id,
            session_id=time.session_id,
            provider_id=time.provider_id,
            kind=HourKind.MENTORING,
            minutes=120,
            minutes_left=120,
            used_on=DAY,
        )
    ]


def test_an_appointment_longer_than_the_package_is_refused_with_what_is_left() -> None:
    with pytest.raises(Refusal) as refused:
        use_hours([a_package(360, used=300)], spent(90))

    assert refused.value.code == "hours_exceeded"
    assert refused.value.values == {"left": 60, "minutes": 90, "over": 30}


def test_a_named_person_may_allow_time_beyond_the_package() -> None:
    coordinator = new_id()

    (use,) = use_hours([a_package(360, used=300)], spent(90), override_by=coordinator)

    assert (use.minutes, use.minutes_left, use.minutes_over) == (90, 0, 30)
    assert use.override_by == coordinator


def test_nobody_is_named_on_a_use_that_needed_no_override() -> None:
    (use,) = use_hours([a_package()], spent(60), override_by=new_id())

    assert use.override_by is None


def test_the_oldest_package_is_used_before_the_extra_one() -> None:
    first, extra = a_package(120, used=90), replace(a_package(60), reason=GrantReason.EXTRA)

    uses = use_hours([first, extra], spent(60))

    assert [(use.package_id, use.minutes, use.minutes_left) for use in uses] == [
        (first.id, 30, 0),
        (extra.id, 30, 30),
    ]


def test_a_project_without_a_package_cannot_use_hours() -> None:
    with pytest.raises(Refusal) as refused:
        use_hours([], spent(60), override_by=new_id())

    assert refused.value.code == "no_hour_package"


def test_a_granted_package_is_said_whole() -> None:
    package = a_package(360)

    assert as_granted(package).minutes == 360
    assert as_granted(package).package_id == package.id


@given(
    st.lists(st.integers(1, 600), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=12),
)
def test_used_and_left_always_make_granted_and_over(
    granted: list[int], series: list[tuple[int, bool]]
) -> None:
    packages = {package.id: package for package in map(a_package, granted)}

    for minutes, allowed in series:
        before = dict(packages)
        try:
            uses = use_hours(list(packages.values()), spent(minutes), new_id() if allowed else None)
        except Refusal:
            assert not allowed
            assert sum(package.minutes_left for package in packages.values()) < minutes
            continue
        for use in uses:
            packages[use.package_id] = packages[use.package_id].after(use)
            assert use.minutes_left == packages[use.package_id].minutes_left
        used = [packages[id].minutes_used - before[id].minutes_used for id in packages]
        assert sum(used) == minutes

    assert all(package.minutes_left >= 0 for package in packages.values())
    assert sum(package.minutes_used + package.minutes_left for package in packages.values()) == sum(
        granted
    ) + sum(package.minutes_over for package in packages.values())
