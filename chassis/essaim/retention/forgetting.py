"""Forgetting what is not to be kept any more; and announcing it before, where nobody is asked."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import partial
from uuid import UUID

import sqlalchemy as sa
import structlog

from essaim.keeping.database import insert, note_erasure
from essaim.keeping.tables import retention_notice as table
from essaim.retention.plan import Durations, Lot, plan, things
from essaim.retention.rule import NOTICE, Rule
from essaim.retention.saying import Says, say_announced, say_applied
from essaim.work import Work

log = structlog.get_logger()

AT_ONCE = 100
"""Things in one transaction: a service that dies between two goes on with the rest."""


def forget_due(
    work: Work,
    rules: Collection[Rule],
    durations: Durations,
    *,
    only_announced: bool,
    says: Says | None = None,
) -> Counter[str]:
    """Forget some of what is due, and tell it; how many by the code of their rule. None: it is all.

    With `only_announced`, what was announced long enough ago. One that cannot be forgotten is left.
    What goes may end the reason for which something else was kept: hence until nothing goes.
    """
    known, announced_by = announced(work.db), work.today - NOTICE
    due = [
        (id, lot)
        for id, lot in things(work.db, rules, durations)
        if lot.is_due(work.today)
        and (not only_announced or known.get(_key(lot), date.max) <= announced_by)
    ]
    gone: Counter[Lot] = Counter()
    note_erasure(work.db)
    work.each_alone("things to forget", due[:AT_ONCE], partial(_forget, work, gone))
    if says is not None:
        say_applied(work, says, gone)
    return _by_rule(gone)


def _forget(work: Work, gone: Counter[Lot], one: tuple[UUID, Lot]) -> None:
    id, lot = one
    if lot.rule.forget is not None:
        lot.rule.forget(work, id)
        gone[lot] += 1


def _by_rule(gone: Counter[Lot]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for lot, number in gone.items():
        counted[lot.rule.code] += number
        log.info("forgotten", rule=lot.rule.code, of=lot.of, number=number)
    return counted


def announce(
    work: Work,
    rules: Collection[Rule],
    durations: Durations,
    *,
    says: Says | None = None,
    by_itself: bool = False,
) -> list[Lot]:
    """Note what is near its end and was not announced yet, and tell it; answers what was noted.

    With it goes what of the same matter ends soon after, so that what ends day after day is told
    once a month. What is suspended is announced anew once it no longer is.
    """
    counted = plan(work.db, rules, durations)
    known, there = announced(work.db), {_key(lot) for lot in counted if not lot.is_suspended}
    for gone in known.keys() - there:
        work.db.execute(sa.delete(table).where(_row_of(*gone)))
    unknown = [lot for lot in counted if lot.is_due(work.today + 2 * NOTICE)]
    unknown = [lot for lot in unknown if _key(lot) not in known]
    near = {(lot.rule, lot.of) for lot in unknown if lot.is_near(work.today)}
    new = [lot for lot in unknown if (lot.rule, lot.of) in near]
    for lot in new:
        rule, of, ends_on = _key(lot)
        row = {"rule": rule, "of": of, "ends_on": ends_on, "announced_on": work.today}
        work.db.execute(insert(work.db, table).values(row).on_conflict_do_nothing())
    if says is not None:
        say_announced(work, says, {lot: counted[lot] for lot in new}, by_itself=by_itself)
    return new


def announced(db: sa.Connection) -> dict[tuple[str, str, date | None], date]:
    """When each lot was announced."""
    return {
        (row.rule, row.of, row.ends_on): row.announced_on for row in db.execute(sa.select(table))
    }


def count_due(db: sa.Connection, today: date) -> int:
    """How many lots that were announced are past their time, as the timer saw it last."""
    due = sa.select(sa.func.count()).select_from(table).where(table.c.ends_on <= today)
    return db.execute(due).scalar_one()


def _row_of(rule: str, of: str, ends_on: date | None) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.rule == rule, table.c.of == of, table.c.ends_on == ends_on)


def _key(lot: Lot) -> tuple[str, str, date | None]:
    return lot.rule.code, lot.of, lot.ends_on
