"""Which backups stay: so many days, weeks and months with one each."""

from datetime import UTC, datetime, timedelta

import pytest
from essaim.backup.rotation import Backup, NoRule, read_rule, to_remove
from hypothesis import given
from hypothesis import strategies as st

FRIDAY = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)


def made(*days_ago: float) -> list[Backup]:
    """Backups made so many days before a Friday."""
    instants = [FRIDAY - timedelta(days=days) for days in days_ago]
    return [Backup(f"{at:%Y%m%dT%H%M%SZ}", at) for at in instants]


def kept(backups: list[Backup], rule: str) -> list[Backup]:
    gone = to_remove(backups, read_rule(rule))
    return [one for one in backups if one not in gone]


def test_of_each_of_the_last_days_the_newest_stays() -> None:
    assert kept(made(0, 0.1, 1, 1.1, 2, 3), "3d") == made(0, 1, 2)


def test_weeks_and_months_keep_what_days_let_go() -> None:
    nights = made(*range(100))
    assert kept(nights, "7d,4w,3m") == made(0, 1, 2, 3, 4, 5, 6, 12, 19, 27, 58)


def test_days_without_a_backup_are_not_counted() -> None:
    """Somebody whose machine was off for a month keeps what she has."""
    assert kept(made(0, 40, 41, 42), "3d") == made(0, 40, 41)


@pytest.mark.parametrize("text", ["", "7", "7d,", "0d", "7d 4w", "7d,8d", "d", "-1d", "7x"])
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NoRule, match="such as 7d,4w,12m"):
        read_rule(text)


@given(st.sets(st.integers(0, 500)), st.sampled_from(["1d", "2w", "1m", "7d,4w,12m,2y"]))
def test_the_newest_always_stays_and_removing_twice_removes_no_more(
    days: set[int], rule: str
) -> None:
    once = kept(made(*sorted(days)), rule)
    assert once[:1] == made(*sorted(days))[:1]
    assert kept(once, rule) == once
