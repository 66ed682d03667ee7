"""Prizes and trophies."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from essaim.text.bounded import Count, DayIn
from essaim.text.written import PublicLabel
from essaim_contracts.candidatures import PrizeKind
from essaim_contracts.fact import Slug
from pydantic import BaseModel, Field

from candidatures.ceremony import PreparedTrophy, PrizeState, StandingPrize, worth_of
from candidatures.schemas.body import Body
from candidatures.trophy import AwardedTrophy, PledgedPrize


class PrizeBody(Body):
    programme: Slug
    edition: Annotated[Count, Field(ge=1, le=10_000)]
    code: Slug
    contributor: Slug
    """The code of the organisation."""
    kind: PrizeKind
    title: PublicLabel
    value_eur: Annotated[Count, Field(ge=0, le=10_000_000)]


class TrophyBody(Body):
    project_id: UUID
    title: PublicLabel
    awarded_on: DayIn
    prizes: tuple[Slug, ...] = ()
    """Codes of prizes pledged for the project's edition."""
    jury_ids: tuple[UUID, ...] = ()


class PreparedBody(Body):
    """A trophy that is prepared for the ceremony of a cohort: nobody is told yet."""

    project_id: UUID
    title: PublicLabel
    awarded_on: DayIn
    prizes: tuple[Slug, ...] = ()
    """Codes of prizes pledged for the edition."""
    jury_ids: tuple[UUID, ...] = ()


class MoveBody(Body):
    by: Literal["up", "down"]
    """Earlier or later in the ceremony."""


class DeliveryBody(Body):
    delivered_on: DayIn
    delivered_by: Slug | None = None
    """The code of the organisation that handed it over; by default, who gives it."""


class PreparedAnswer(BaseModel):
    id: UUID
    position: int
    title: str
    project_id: UUID
    project: str
    awarded_on: date
    announced: bool
    prizes: list[UUID]


class StandingPrizeAnswer(BaseModel):
    id: UUID
    title: str
    kind: str
    value_eur: int
    donor: str | None
    project: str | None
    state: PrizeState
    delivered_on: date | None
    delivered_by: str | None


class CeremonyAnswer(BaseModel):
    trophies: list[PreparedAnswer]
    """In the running order."""
    prizes: list[StandingPrizeAnswer]
    pledged_eur: int
    awarded_eur: int
    delivered_eur: int


class AnnouncedAnswer(BaseModel):
    announced: int


class PrizeAnswer(BaseModel):
    id: UUID
    code: str
    contributor_id: UUID
    kind: str
    title: str
    value_eur: int
    given: bool


class TrophyAnswer(BaseModel):
    id: UUID
    project_id: UUID
    prizes_value_eur: int


def prize_answer(prize: PledgedPrize) -> PrizeAnswer:
    return PrizeAnswer(
        id=prize.id,
        code=prize.code,
        contributor_id=prize.contributor_id,
        kind=prize.kind.value,
        title=prize.title,
        value_eur=prize.value_eur,
        given=prize.given_with is not None,
    )


def trophy_item(trophy: AwardedTrophy) -> dict[str, object]:
    return asdict(trophy)


def ceremony_answer(
    trophies: Sequence[PreparedTrophy], prizes: Sequence[StandingPrize]
) -> CeremonyAnswer:
    worth = worth_of(prizes)
    return CeremonyAnswer(
        trophies=[_prepared(one, prizes) for one in trophies],
        prizes=[_standing(one) for one in prizes],
        pledged_eur=worth.pledged,
        awarded_eur=worth.awarded,
        delivered_eur=worth.delivered,
    )


def _prepared(trophy: PreparedTrophy, prizes: Sequence[StandingPrize]) -> PreparedAnswer:
    kept = {name: getattr(trophy, name) for name in PreparedAnswer.model_fields if name != "prizes"}
    return PreparedAnswer(**kept, prizes=[one.id for one in prizes if one.trophy_id == trophy.id])


def _standing(prize: StandingPrize) -> StandingPrizeAnswer:
    return StandingPrizeAnswer(
        **{name: getattr(prize, name) for name in StandingPrizeAnswer.model_fields}
    )
