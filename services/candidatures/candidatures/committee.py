"""The committee's decisions: prepared one by one, then applied together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal, Refusals
from essaim_contracts.candidatures import ApplicationDecided, Decision, DecisionReason

from candidatures.call import Call
from candidatures.form import choice_name

REFUSAL_REASONS = (
    DecisionReason.NOT_ESS,
    DecisionReason.NOT_MATURE,
    DecisionReason.NOT_AUTONOMOUS,
    DecisionReason.OUT_OF_SCOPE,
    DecisionReason.INCOMPLETE,
    DecisionReason.PLACES_FILLED,
)
REASONS = {
    Decision.SELECTED: (DecisionReason.MEETS_CRITERIA,),
    Decision.WAITING_LIST: (DecisionReason.PLACES_FILLED, DecisionReason.MEETS_CRITERIA),
    Decision.REFUSED: REFUSAL_REASONS,
    Decision.REORIENTED: (
        DecisionReason.OTHER_TRACK_FITS, DecisionReason.NOT_MATURE, DecisionReason.OUT_OF_SCOPE,
    ),
}  # fmt: skip
"""The reasons each decision may have; the first is the usual one."""


@dataclass(frozen=True)
class Verdict:
    """A decision as the bearer will hear it. `rank` is for a waiting list, `track_code` for a
    re-orientation."""

    decision: Decision
    reason: DecisionReason
    rank: int | None = None
    track_code: str | None = None


@dataclass(frozen=True)
class Considered:
    """A received application before the committee: what is prepared, and what was applied."""

    application_id: UUID
    project_id: UUID
    bearer_id: UUID
    number: str
    score: float | None
    prepared: Verdict | None
    applied: Verdict | None


def check_verdict(verdict: Verdict) -> None:
    """Whether a verdict makes sense on its own.

    Raises:
        Refusals: (422) a reason that is not one of this decision, a rank or a track that is
            missing or out of place.
    """
    refusals = []
    if verdict.reason not in REASONS[verdict.decision]:
        refusals.append(
            _wrong(
                Refusal(
                    "reason_unfit",
                    "La raison « {reason} » ne va pas avec « {decision} ». Choisissez "
                    "parmi : {fit}.",
                    field="reason",
                    reason=verdict.reason.value,
                    decision=verdict.decision.value,
                    fit=", ".join(REASONS[verdict.decision]),
                )
            )
        )
    if (verdict.decision == Decision.WAITING_LIST) != (verdict.rank is not None):
        refusals.append(
            _wrong(
                Refusal(
                    "rank_unfit",
                    "Un rang est donné pour la liste d'attente, et pour elle seule. "
                    "Corrigez le rang ou la décision.",
                    field="rank",
                )
            )
        )
    if (verdict.decision == Decision.REORIENTED) != (verdict.track_code is not None):
        refusals.append(
            _wrong(
                Refusal(
                    "track_unfit",
                    "Un parcours est nommé pour une réorientation, et pour elle seule. "
                    "Corrigez le parcours ou la décision.",
                    field="track_code",
                )
            )
        )
    if refusals:
        raise Refusals(refusals)


def apply_decisions(
    call: Call,
    considered: Sequence[Considered],
    decided_on: date,
    *,
    partial: bool = False,
    over_places: bool = False,
) -> list[ApplicationDecided]:
    """What to say now that the committee's decisions are applied: one fact for each changed one.

    `considered` are all received applications of the call; withdrawn ones are not among them.
    `partial` leaves those without a decision for later; `over_places` is somebody's named
    permission to select more projects than the call has places.

    Raises:
        Refusal: some lack a decision, there are more selected than places, or a rank is twice.
    """
    if not partial:
        _refuse_undecided(considered)
    _refuse_too_many(call, considered, over_places)
    _refuse_same_rank(considered)
    return [
        _decided(call, one, one.prepared, decided_on)
        for one in considered
        if one.prepared is not None and one.prepared != one.applied
    ]


def _decided(call: Call, one: Considered, verdict: Verdict, decided_on: date) -> ApplicationDecided:
    return ApplicationDecided(
        application_id=one.application_id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=one.project_id,
        bearer_id=one.bearer_id,
        decision=verdict.decision,
        reason=verdict.reason,
        score=one.score,
        rank=verdict.rank,
        track_code=verdict.track_code,
        track_name=choice_name(call.tracks, verdict.track_code),
        decided_on=decided_on,
    )


def _refuse_undecided(considered: Iterable[Considered]) -> None:
    lacking = [one.number for one in considered if one.prepared is None]
    if lacking:
        raise Refusal(
            "decisions_missing",
            "{count} candidature(s) n'ont pas de décision : {numbers}. "
            "Décidez-les, ou appliquez en partie (partial).",
            count=len(lacking),
            numbers=", ".join(sorted(lacking)),
        )


def _refuse_too_many(call: Call, considered: Iterable[Considered], over_places: bool) -> None:
    selected = sum(
        one.prepared is not None and one.prepared.decision == Decision.SELECTED
        for one in considered
    )
    if call.places is not None and selected > call.places and not over_places:
        raise Refusal(
            "too_many_selected",
            "{selected} candidatures seraient retenues pour {places} places. Changez "
            "{over} décision(s), ou dépassez en votre nom (over_places).",
            selected=selected,
            places=call.places,
            over=selected - call.places,
        )


def _refuse_same_rank(considered: Iterable[Considered]) -> None:
    holders: dict[int, str] = {}
    for one in considered:
        rank = one.prepared.rank if one.prepared else None
        if rank is None:
            continue
        if rank in holders:
            raise Refusal(
                "rank_twice",
                "Le rang {rank} de la liste d'attente est donné à {first} et à {second}. "
                "Changez l'un des deux.",
                rank=rank,
                first=holders[rank],
                second=one.number,
            )
        holders[rank] = one.number


def _wrong(refusal: Refusal) -> Refusal:
    refusal.status = 422
    return refusal
