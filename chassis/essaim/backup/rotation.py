"""Which backups are kept, and which may go: so many days, weeks and months with one each."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

_PERIODS: dict[str, Callable[[datetime], str]] = {
    "d": lambda at: at.strftime("%Y-%m-%d"),
    "w": lambda at: at.strftime("%G-%V"),
    "m": lambda at: at.strftime("%Y-%m"),
    "y": lambda at: at.strftime("%Y"),
}
_RULE = re.compile(r"([1-9]\d{0,3})([dwmy])")


class NoRule(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no rule. Write how many days, weeks, months and years to keep a backup "
            "of, such as 7d,4w,12m."
        )


@dataclass(frozen=True)
class Backup:
    """A backup by its name, and when it was made."""

    name: str
    created_at: datetime


def read_rule(text: str) -> dict[str, int]:
    """How many periods of each kind are kept.

    Raises:
        NoRule
    """
    found = [_RULE.fullmatch(part.strip()) for part in text.split(",")]
    kept = {one[2]: int(one[1]) for one in found if one}
    if None in found or len(kept) < len(found):
        raise NoRule(text)
    return kept


def to_remove(backups: Iterable[Backup], rule: dict[str, int]) -> list[Backup]:
    """Those that the rule does not keep, oldest first. The newest is always kept.

    Of each period the newest backup counts; periods without any are not counted.
    """
    newest_first = sorted(backups, key=lambda one: (one.created_at, one.name), reverse=True)
    kept = {one.name for one in newest_first[:1]}
    for kind, most in rule.items():
        of_period: dict[str, str] = {}
        for one in newest_first:
            of_period.setdefault(_PERIODS[kind](one.created_at), one.name)
        kept |= set(list(of_period.values())[:most])
    return [one for one in reversed(newest_first) if one.name not in kept]
