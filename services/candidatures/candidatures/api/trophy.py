"""The JSON API of prizes and trophies."""

from essaim.person import Role
from essaim.web import command, require
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator
from candidatures.schemas.trophy import (
    PrizeAnswer,
    PrizeBody,
    TrophyAnswer,
    TrophyBody,
    prize_answer,
)

router = APIRouter()


@router.post("/api/prizes", status_code=201, response_model=PrizeAnswer, tags=["trophies"])
def post_prize(request: Request, body: PrizeBody, _: Coordinator) -> Response:
    """A contributor pledges a prize for an edition."""

    def pledge(work: Work) -> PrizeAnswer:
        require(request, Role.COORDINATOR, programme=body.programme)
        prize = commands.trophy.pledge(
            work,
            body.programme,
            body.edition,
            body.code,
            body.contributor,
            kind=body.kind,
            title=body.title,
            value_eur=body.value_eur,
        )
        return prize_answer(prize)

    return command(request, pledge, status=201)


@router.post("/api/trophies", status_code=201, response_model=TrophyAnswer, tags=["trophies"])
def post_trophy(request: Request, body: TrophyBody, _: Coordinator) -> Response:
    """Award a trophy to a project of a cohort, with prizes; each prize is given once."""

    def award(work: Work) -> TrophyAnswer:
        programme = store.project.programme_of(work.db, body.project_id)
        require(request, Role.COORDINATOR, programme=programme)
        awarded = commands.trophy.award(
            work, body.project_id, body.title, body.awarded_on, body.prizes, body.jury_ids
        )
        return TrophyAnswer(
            id=awarded.trophy_id,
            project_id=awarded.project_id,
            prizes_value_eur=sum(prize.value_eur for prize in awarded.prizes),
        )

    return command(request, award, status=201)
