"""When the time of what is kept ends, and what stands in its way."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from essaim.ids import new_id
from essaim.retention.plan import Lot, matters
from essaim.retention.rule import Basis, Clocks, EditionClock, Kept, Rule, end_of, is_suspended
from hypothesis import given
from hypothesis import strategies as st

FIRST, SECOND = UUID(int=1), UUID(int=2)


def a_rule(*, from_last_payment: bool = False) -> Rule:
    return Rule(
        code="things",
        what="Des choses",
        basis=Basis.DUTY,
        starts="un jour",
        end="Effacées.",
        months=60,
        from_last_payment=from_last_payment,
    )


def paid(**days: date) -> Clocks:
    """The last payments of the editions `first` and `second`."""
    ids = {"first": FIRST, "second": SECOND}
    return {ids[name]: EditionClock(ids[name], "premices", day) for name, day in days.items()}


@pytest.mark.parametrize(
    ("since", "months", "ends"),
    [
        (date(2020, 2, 4), 24, date(2022, 2, 4)),
        (date(2020, 8, 31), 6, date(2021, 2, 28)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 12, 31), 2, date(2021, 2, 28)),
        (date(2020, 11, 30), 1, date(2020, 12, 30)),
    ],
)
def test_a_time_ends_on_the_same_day_of_its_month_or_on_the_last_one_there_is(
    since: date, months: int, ends: date
) -> None:
    assert end_of(a_rule(), months, Kept(new_id(), "x", "p", since=since), {}) == ends


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(1, 1200))
def test_a_longer_time_never_ends_sooner(since: date, months: int) -> None:
    one = Kept(FIRST, "x", "p", since=since)
    shorter, longer = (end_of(a_rule(), n, one, {}) for n in (months, months + 1))
    assert shorter is not None
    assert longer is not None
    assert since < shorter < longer <= shorter + timedelta(days=34)


def test_evidence_counts_from_the_end_of_the_year_of_the_last_of_its_editions_payments() -> None:
    rule = a_rule(from_last_payment=True)
    both = Kept(new_id(), "x", "premices", (FIRST, SECOND), since=date(2020, 6, 1))
    assert end_of(rule, 60, both, paid(first=date(2021, 3, 1))) is None
    clocks = paid(first=date(2021, 3, 1), second=date(2022, 1, 2))
    assert end_of(rule, 60, both, clocks) == date(2027, 12, 31)
    later = Kept(new_id(), "x", "premices", (FIRST,), since=date(2023, 6, 1))
    assert end_of(rule, 60, later, clocks) == date(2028, 6, 1)
    assert end_of(rule, 60, Kept(new_id(), "x", "premices"), clocks) is None


def test_what_belongs_to_no_edition_waits_while_one_of_its_programme_is_suspended() -> None:
    clocks = {FIRST: EditionClock(FIRST, "premices", suspended_for="audit")}
    assert is_suspended(Kept(new_id(), "x", "premices"), clocks)
    assert not is_suspended(Kept(new_id(), "x", "alpages"), clocks)
    assert is_suspended(Kept(new_id(), "x", "alpages", (SECOND, FIRST)), clocks)
    assert not is_suspended(Kept(new_id(), "x", "premices", (SECOND,)), clocks)


def test_a_list_says_of_each_matter_how_much_is_due_near_and_suspended() -> None:
    rule, today = a_rule(), date(2026, 1, 1)

    def lot(ends_on: date | None, *, suspended: bool = False) -> Lot:
        return Lot(rule, "Prémices 2020", "premices", ends_on, suspended)

    counted = {
        lot(today): 3,
        lot(today + timedelta(days=30)): 4,
        lot(today + timedelta(days=31)): 5,
        lot(today, suspended=True): 6,
        lot(None): 7,
    }
    (one,) = matters(counted, today)
    assert (one.kept, one.due, one.near, one.suspended) == (25, 3, 7, 6)
    assert one.ends_first_on == today
