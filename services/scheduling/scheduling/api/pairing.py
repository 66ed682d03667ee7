"""Pairings: made, proposed, confirmed, ended; and what they are proposed from."""

from collections.abc import Callable
from uuid import UUID

from essaim import Work
from essaim.web import SignedIn, command, gettext_of, runtime_of, today_of
from essaim_contracts.scheduling import PairingKind
from fastapi import APIRouter, Request, Response

from scheduling import commands, store
from scheduling.assignment import load_solver
from scheduling.pairing import Pairing, PairingState
from scheduling.schemas.assignment import ProposePairings, SavedAnswer, SetOffers, SetWishes
from scheduling.schemas.body import Listed, listed
from scheduling.schemas.pairing import (
    ConfirmPairings,
    EndPairing,
    MakePairing,
    PairingAnswer,
    pairing_answer,
    unnamed,
)

router = APIRouter()


@router.get("/api/pairings", tags=["pairings"])
def pairings(
    request: Request,
    person: SignedIn,
    cohort: UUID | None = None,
    project: UUID | None = None,
    kind: PairingKind | None = None,
    state: PairingState | None = None,
) -> Listed[PairingAnswer]:
    """The pairings of one's programmes, in every state, and those said beside one's projects."""
    with runtime_of(request).read() as db:
        reach = store.reach.of(db, person, today_of(request))
        found = store.pairing.find_all(
            db,
            within=store.reach.readable_pairings(reach),
            cohort_id=cohort,
            project_ids=None if project is None else [project],
            kind=kind,
            state=state,
        )
    _ = gettext_of(request)
    shown = (unnamed(one) if reach.reads_unnamed(one.programme) else one for one in found)
    return listed(pairing_answer(pairing, _) for pairing in shown)


@router.post("/api/pairings", status_code=201, tags=["pairings"], response_model=PairingAnswer)
def make_pairing(request: Request, asked: MakePairing, person: SignedIn) -> Response:
    """Pair an organisation with a project by hand; with `replaces`, hand over in one act."""
    return _answer(request, lambda work: commands.pairing.pair(work, person, asked), status=201)


@router.post(
    "/api/pairings/proposals",
    status_code=201,
    tags=["pairings"],
    response_model=Listed[PairingAnswer],
)
def propose_pairings(request: Request, asked: ProposePairings, person: SignedIn) -> Response:
    """Propose who could accompany the projects that have nobody; nothing is said before a human."""
    load_solver()
    propose = commands.assignment.propose_pairings
    return _answer_all(
        request, lambda work: propose(work, person, asked.cohort_id, asked.kind), status=201
    )


@router.post("/api/pairings/confirm", tags=["pairings"], response_model=Listed[PairingAnswer])
def confirm_pairings(request: Request, asked: ConfirmPairings, person: SignedIn) -> Response:
    """Confirm proposals, all or none."""
    confirm = commands.pairing.confirm_pairings
    return _answer_all(request, lambda work: confirm(work, person, asked.pairing_ids))


@router.post("/api/pairings/{pairing_id}/refuse", tags=["pairings"], response_model=PairingAnswer)
def refuse_pairing(request: Request, pairing_id: UUID, person: SignedIn) -> Response:
    """Refuse a proposal; this pair is not proposed again."""
    refuse = commands.pairing.refuse_proposal
    return _answer(request, lambda work: refuse(work, person, pairing_id))


@router.post("/api/pairings/{pairing_id}/end", tags=["pairings"], response_model=PairingAnswer)
def end_pairing(
    request: Request, pairing_id: UUID, asked: EndPairing, person: SignedIn
) -> Response:
    """End a bond between an organisation and a project."""
    end = commands.pairing.end_pairing_by_hand
    return _answer(request, lambda work: end(work, person, pairing_id, asked.reason))


@router.put("/api/offers", tags=["pairings"], response_model=SavedAnswer)
def set_offers(request: Request, offers: SetOffers, person: SignedIn) -> Response:
    """Keep what organisations offer: sector, department, topics, how many projects at once."""
    return command(
        request,
        lambda work: SavedAnswer(saved=commands.assignment.set_offers(work, person, offers)),
    )


@router.put("/api/wishes", tags=["pairings"], response_model=SavedAnswer)
def set_wishes(request: Request, wishes: SetWishes, person: SignedIn) -> Response:
    """Keep the topics projects want help with."""
    return command(
        request,
        lambda work: SavedAnswer(saved=commands.assignment.set_wishes(work, person, wishes)),
    )


def _answer(request: Request, act: Callable[[Work], Pairing], status: int = 200) -> Response:
    """Do something with a pairing, and answer with what it is then."""
    _ = gettext_of(request)
    return command(request, lambda work: pairing_answer(act(work), _), status)


def _answer_all(
    request: Request, act: Callable[[Work], list[Pairing]], status: int = 200
) -> Response:
    _ = gettext_of(request)
    return command(
        request, lambda work: listed(pairing_answer(one, _) for one in act(work)), status
    )
