"""The ceremony: trophies prepared in their running order, announced together, prizes delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from essaim import Refusal
from essaim_contracts.cohort import PrizeDelivered


class PrizeState(StrEnum):
    """How far a prize has come: promised, set beside a trophy, announced with it, handed over."""

    PROMISED = "promised"
    PREPARED = "prepared"
    AWARDED = "awarded"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class StandingPrize:
    """A prize, who gives it and to whom. `project_id` is None until it is set beside a trophy."""

    id: UUID
    edition_id: UUID
    title: str
    kind: str
    value_eur: int
    contributor_id: UUID
    donor: str | None
    trophy_id: UUID | None
    project_id: UUID | None
    project: str | None
    awarded_on: date | None
    state: PrizeState
    delivered_on: date | None
    delivered_by_id: UUID | None
    delivered_by: str | None


@dataclass(frozen=True)
class PreparedTrophy:
    """A trophy as the jury prepared it: nobody is told before it is announced."""

    id: UUID
    cohort_id: UUID
    position: int
    title: str
    project_id: UUID
    project: str
    bearer_ids: tuple[UUID, ...]
    awarded_on: date
    announced: bool
    jury_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Worth:
    """What the prizes of an edition are worth, in whole euros: all, announced, handed over."""

    pledged: int
    awarded: int
    delivered: int


def worth_of(prizes: Sequence[StandingPrize]) -> Worth:
    given = (PrizeState.AWARDED, PrizeState.DELIVERED)
    return Worth(
        pledged=sum(one.value_eur for one in prizes),
        awarded=sum(one.value_eur for one in prizes if one.state in given),
        delivered=sum(one.value_eur for one in prizes if one.state == PrizeState.DELIVERED),
    )


def moved(order: Sequence[UUID], trophy_id: UUID, by: int) -> list[UUID]:
    """The running order in which a trophy comes `by` places later; -1 is earlier."""
    others = [one for one in order if one != trophy_id]
    at = list(order).index(trophy_id) + by
    others.insert(min(max(at, 0), len(others)), trophy_id)
    return others


def refuse_announced(trophy: PreparedTrophy) -> None:
    """
    Raises:
        Refusal: it was announced: what people were told is not taken back.
    """
    if trophy.announced:
        raise already_announced(trophy)


def deliver(
    prize: StandingPrize, delivered_by_id: UUID, delivered_on: date, today: date
) -> PrizeDelivered:
    """A prize reached its project; said again, with another day, it corrects the first.

    Raises:
        Refusal: it was awarded to nobody yet, or the day is before that or has not come.
    """
    if prize.project_id is None or prize.awarded_on is None or not _is_awarded(prize):
        raise not_awarded(prize)
    if not prize.awarded_on <= delivered_on <= today:
        raise wrong_day(prize.awarded_on, today)
    return PrizeDelivered(
        prize_id=prize.id,
        edition_id=prize.edition_id,
        project_id=prize.project_id,
        contributor_id=prize.contributor_id,
        delivered_by_id=delivered_by_id,
        delivered_on=delivered_on,
    )


def _is_awarded(prize: StandingPrize) -> bool:
    return prize.state in (PrizeState.AWARDED, PrizeState.DELIVERED)


# --- refusals


def unknown_trophy() -> Refusal:
    return Refusal(
        "unknown_trophy",
        "Ce trophée n’est pas, ou plus, dans cette cérémonie. Revenez à la liste.",
        status=404,
    )


def unknown_prize_id() -> Refusal:
    return Refusal("unknown_prize", "Cette dotation n’existe pas. Revenez à la liste.", status=404)


def already_announced(trophy: PreparedTrophy) -> Refusal:
    return Refusal(
        "already_announced",
        "« {title} » est annoncé : ceux qui portent le projet le savent, il ne se reprend plus.",
        title=trophy.title,
    )


def not_of_cohort(project: str) -> Refusal:
    return Refusal(
        "not_in_cohort",
        "« {title} » n’est pas de cette promotion : choisissez un de ses projets.",
        field="project_id",
        status=422,
        title=project,
    )


def nothing_prepared() -> Refusal:
    return Refusal(
        "nothing_prepared",
        "Aucun trophée n’attend d’être annoncé. Préparez-en d’abord.",
    )


def not_awarded(prize: StandingPrize) -> Refusal:
    return Refusal(
        "not_awarded",
        "« {title} » n’est encore annoncée pour aucun projet : elle ne peut pas être remise.",
        title=prize.title,
    )


def wrong_day(awarded_on: date, today: date) -> Refusal:
    return Refusal(
        "wrong_delivery_day",
        "Une dotation se remet entre le jour du trophée, le {first}, et aujourd’hui, le {last}.",
        field="delivered_on",
        status=422,
        first=awarded_on,
        last=today,
    )
