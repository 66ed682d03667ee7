"""Forgetting a person: here at once, and at each partner, who confirms it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

OVERDUE_AFTER = timedelta(days=3)
"""A partner whose service runs answers within seconds; the law leaves us one month in all."""


class Answer(StrEnum):
    """Where a partner is with an erasure."""

    CONFIRMED = "confirmed"
    AWAITED = "awaited"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Confirmation:
    """What one partner has to answer to one erasure; `confirmed_at` is None until it did."""

    person_id: UUID
    service: str
    erased_at: datetime
    confirmed_at: datetime | None = None

    def answer(self, now: datetime) -> Answer:
        if self.confirmed_at is not None:
            return Answer.CONFIRMED
        return Answer.OVERDUE if now - self.erased_at > OVERDUE_AFTER else Answer.AWAITED


def expected(person_id: UUID, erased_at: datetime, services: Iterable[str]) -> list[Confirmation]:
    """What these services have to answer once a person was erased."""
    return [Confirmation(person_id, service, erased_at) for service in services]


def overdue(confirmations: Iterable[Confirmation], now: datetime) -> list[Confirmation]:
    return [one for one in confirmations if one.answer(now) == Answer.OVERDUE]
