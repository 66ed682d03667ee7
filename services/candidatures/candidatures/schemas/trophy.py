"""Prizes and trophies."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count, DayIn
from essaim.text.written import PublicLabel
from essaim_contracts.candidatures import PrizeKind
from essaim_contracts.fact import Slug
from pydantic import BaseModel, Field

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
