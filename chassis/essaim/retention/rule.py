"""A rule of retention: one kind of personal data, why it is kept, from when, and for how long."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from essaim.text.languages import N_

if TYPE_CHECKING:
    from essaim.work import Work

NOTICE = timedelta(days=30)
"""What goes by itself was announced this long before."""


class Basis(Enum):
    """The ground in law on which a kind of data is kept, as a reader is told it."""

    STEPS = N_("Mesures que la personne demande avant un accord (RGPD, article 6.1.b)")
    DUTY = N_("Obligation légale de justifier des fonds publics (RGPD, article 6.1.c)")
    INTEREST = N_("Intérêt légitime à faire vivre le programme (RGPD, article 6.1.f)")


@dataclass(frozen=True)
class Kept:
    """One thing that is still kept.

    `of` says to whoever decides what it belongs to, and names nobody. It is about these editions;
    about all of its programme where there are none. `since` is when its time began, None before.
    """

    id: UUID
    of: str
    programme: str
    editions: tuple[UUID, ...] = ()
    since: date | None = None


@dataclass(frozen=True)
class EditionClock:
    """What the time of an edition's data counts from, and what stands in its way."""

    edition_id: UUID
    programme: str
    last_payment_on: date | None = None
    suspended_for: str | None = None


Clocks = Mapping[UUID, EditionClock]
"""By edition; one of which nothing was said has none."""


@dataclass(frozen=True)
class Rule:
    """How long a service keeps one kind of personal data, and what becomes of it then.

    Texts are French msgids. `months` is by default, `at_least` what no setting goes below.
    With `from_last_payment` time begins on 31 December of the year of the edition's last payment,
    or when `since` says if that is later. `kept(db)` gives what is still kept, `forget(work, id)`
    does what `end` says to one of those, and the same twice changes nothing. Both are None for
    what goes by other means, which `starts` and `end` then say.
    """

    code: str
    what: str
    basis: Basis
    starts: str
    end: str
    months: int | None = None
    at_least: int = 0
    from_last_payment: bool = False
    kept: Callable[[sa.Connection], Iterable[Kept]] | None = None
    forget: Callable[["Work", UUID], None] | None = None

    def lasts(self, durations: Mapping[str, int]) -> int | None:
        """Months, as the consortium file says by the rule's code, else by default."""
        return durations.get(self.code, self.months)


_PAYMENT = N_("le 31 décembre de l’année du dernier paiement du financeur")


def of_public_money(
    code: str,
    what: str,
    end: str,
    kept: Callable[[sa.Connection], Iterable[Kept]],
    forget: Callable[["Work", UUID], None],
    *,
    starts: str = _PAYMENT,
) -> Rule:
    """What shows where public money went: five years from the last payment, or longer."""
    return Rule(
        code=code,
        what=what,
        basis=Basis.DUTY,
        starts=starts,
        end=end,
        months=60,
        at_least=60,
        from_last_payment=True,
        kept=kept,
        forget=forget,
    )


def end_of(rule: Rule, months: int, one: Kept, clocks: Clocks) -> date | None:
    """The day from which it is not to be kept any more; None while its time has not begun."""
    starts = _starts_from_payment(one, clocks) if rule.from_last_payment else one.since
    return None if starts is None else _later(starts, months)


def _starts_from_payment(one: Kept, clocks: Clocks) -> date | None:
    paid = [clocks[id].last_payment_on if id in clocks else None for id in one.editions]
    days = [date(day.year, 12, 31) for day in paid if day is not None]
    if not days or len(days) < len(paid):
        return None
    return max(*days, one.since or days[0])


def _later(day: date, months: int) -> date:
    """The same day of the month so much later; the last one of it where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def is_suspended(one: Kept, clocks: Clocks) -> bool:
    """Whether something stands in the way: in one of its editions, else in all its programme."""
    held = [clock for clock in clocks.values() if clock.suspended_for is not None]
    if one.editions:
        return any(clock.edition_id in one.editions for clock in held)
    return any(clock.programme == one.programme for clock in held)
