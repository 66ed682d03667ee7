"""The JSON API of prizes and trophies."""

from typing import Any
from uuid import UUID

from essaim.person import Role
from essaim.web import SignedIn, command, require, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator
from candidatures.access.project import (
    cohort_of_jury,
    coordinated_cohort,
    coordinated_prize,
    coordinated_trophy,
)
from candidatures.schemas.trophy import (
    AnnouncedAnswer,
    CeremonyAnswer,
    DeliveryBody,
    MoveBody,
    PreparedBody,
    PrizeAnswer,
    PrizeBody,
    TrophyAnswer,
    TrophyBody,
    ceremony_answer,
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
        awarded = commands.trophy.award(work, _award_of(body))
        return TrophyAnswer(
            id=awarded.trophy_id,
            project_id=awarded.project_id,
            prizes_value_eur=sum(prize.value_eur for prize in awarded.prizes),
        )

    return command(request, award, status=201)


def _award_of(body: TrophyBody | PreparedBody) -> commands.trophy.Award:
    return commands.trophy.Award(
        body.project_id, body.title, body.awarded_on, body.prizes, body.jury_ids
    )


@router.get("/api/cohorts/{cohort_id}/ceremony", response_model=CeremonyAnswer, tags=["trophies"])
def ceremony(request: Request, cohort_id: UUID, _: SignedIn) -> Any:
    """The trophies of a cohort in their running order, and its edition's prizes; for the jury."""
    with runtime_of(request).read() as db:
        cohort = cohort_of_jury(request, db, cohort_id)
        trophies = store.trophy.of_cohort(db, cohort_id)
        return ceremony_answer(trophies, store.trophy.standing_of(db, cohort.edition_id))


@router.post(
    "/api/cohorts/{cohort_id}/trophies",
    status_code=201,
    response_model=TrophyAnswer,
    tags=["trophies"],
)
def prepare(request: Request, cohort_id: UUID, body: PreparedBody, _: Coordinator) -> Response:
    """Prepare a trophy: last in the running order, and nobody is told before it is announced."""

    def preparing(work: Work) -> TrophyAnswer:
        coordinated_cohort(request, work.db, cohort_id)
        awarded = commands.trophy.prepare(work, _award_of(body), cohort_id)
        value = sum(prize.value_eur for prize in awarded.prizes)
        return TrophyAnswer(
            id=awarded.trophy_id, project_id=awarded.project_id, prizes_value_eur=value
        )

    return command(request, preparing, status=201)


@router.post("/api/cohorts/{cohort_id}/ceremony", response_model=AnnouncedAnswer, tags=["trophies"])
def announce(request: Request, cohort_id: UUID, _: Coordinator) -> Response:
    """Announce every prepared trophy of a cohort: those who carry the projects are told."""

    def announcing(work: Work) -> AnnouncedAnswer:
        coordinated_cohort(request, work.db, cohort_id)
        return AnnouncedAnswer(announced=commands.trophy.announce(work, cohort_id))

    return command(request, announcing)


@router.post("/api/trophies/{trophy_id}/order", status_code=204, tags=["trophies"])
def move(request: Request, trophy_id: UUID, body: MoveBody, _: Coordinator) -> Response:
    """A trophy comes earlier or later in the ceremony."""

    def moving(work: Work) -> None:
        coordinated_trophy(request, work.db, trophy_id)
        commands.trophy.move(work, trophy_id, -1 if body.by == "up" else 1)

    return command(request, moving, status=204)


@router.delete("/api/trophies/{trophy_id}", status_code=204, tags=["trophies"])
def take_back(request: Request, trophy_id: UUID, _: Coordinator) -> Response:
    """A prepared trophy never was; its prizes wait for another."""

    def taking(work: Work) -> None:
        coordinated_trophy(request, work.db, trophy_id)
        commands.trophy.take_back(work, trophy_id)

    return command(request, taking, status=204)


@router.put("/api/prizes/{prize_id}/delivery", status_code=204, tags=["trophies"])
def deliver(request: Request, prize_id: UUID, body: DeliveryBody, _: Coordinator) -> Response:
    """A prize reached its project; said again, it corrects the day or who handed it over."""

    def delivering(work: Work) -> None:
        coordinated_prize(request, work.db, prize_id)
        commands.trophy.deliver(work, prize_id, body.delivered_on, body.delivered_by)

    return command(request, delivering, status=204)
