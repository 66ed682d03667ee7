"""The committee's decisions: prepared one by one, then applied together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from essaim import Refusal
from essaim.refusal import Refusals
from essaim.text.languages import N_
from essaim_contracts.candidatures import ApplicationDecided, Decision, DecisionReason

from candidatures.call import Call
from candidatures.form import choice_name, codes_of

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


@dataclass(frozen=True)
class Prepared:
    """What the committee prepared for an application, and what was applied of it.

    The note is for the coordination alone; the feedback is what its bearer may be told, which she
    reads on her page once it is applied.
    """

    verdict: Verdict
    applied: Verdict | None
    note: str | None
    feedback: str | None = None
    applied_feedback: str | None = None


@dataclass(frozen=True)
class Round:
    """Decisions applied together: nobody is told before `due_at`, and until then it can be undone.

    `changed` is how many were to be said.
    """

    call_id: UUID
    decided_on: date
    applied_at: datetime
    applied_by: UUID | None
    over_places: bool
    changed: int
    due_at: datetime


def check_verdict(verdict: Verdict) -> None:
    """Whether a verdict makes sense on its own.

    Raises:
        Refusals: (422) a reason that is not one of this decision, a rank or a track that is
            missing or out of place.
    """
    refusals = []
    if verdict.reason not in REASONS[verdict.decision]:
        refusals.append(reason_unfit(verdict))
    if (verdict.decision == Decision.WAITING_LIST) != (verdict.rank is not None):
        refusals.append(rank_unfit())
    if (verdict.decision == Decision.REORIENTED) != (verdict.track_code is not None):
        refusals.append(track_unfit())
    if refusals:
        raise Refusals(refusals)


def refuse_unknown_track(call: Call, verdict: Verdict) -> None:
    """
    Raises:
        Refusal: (422) the programme sends nobody to a track of this code.
    """
    code = verdict.track_code
    if code is not None and code not in codes_of(call.tracks):
        raise unknown_track(call, code)


def refuse_before_closing(call: Call, now: datetime) -> None:
    if now < call.closes_at:
        raise call_still_open(call)


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
    lacking = [one.number for one in considered if one.prepared is None]
    if lacking and not partial:
        raise decisions_missing(lacking)
    selected = sum(_is_selected(one) for one in considered)
    if call.places is not None and selected > call.places and not over_places:
        raise too_many_selected(selected, call.places)
    _refuse_same_rank(considered)
    return [
        _decided(call, one, one.prepared, decided_on)
        for one in considered
        if one.prepared is not None and one.prepared != one.applied
    ]


def apply_one(
    call: Call, considered: Considered, verdict: Verdict, decided_on: date
) -> ApplicationDecided:
    """What to say of one application alone, as when it leaves the waiting list."""
    return _decided(call, considered, verdict, decided_on)


def _is_selected(one: Considered) -> bool:
    return one.prepared is not None and one.prepared.decision == Decision.SELECTED


def _refuse_same_rank(considered: Iterable[Considered]) -> None:
    holders: dict[int, str] = {}
    for one in considered:
        rank = one.prepared.rank if one.prepared else None
        if rank is None:
            continue
        if rank in holders:
            raise rank_twice(rank, holders[rank], one.number)
        holders[rank] = one.number


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


@dataclass(frozen=True)
class Applied:
    """What came of applying: how many decisions were said, and how many applications have each."""

    changed: int
    decided: dict[str, int]
    undecided: int
    due_at: datetime
    """When their bearers are told: until then it can be undone."""


def applied(considered: Sequence[Considered], changed: int, due_at: datetime) -> Applied:
    prepared = [one.prepared.decision.value for one in considered if one.prepared]
    counts = {decision: prepared.count(decision) for decision in dict.fromkeys(prepared)}
    return Applied(changed, counts, len(considered) - len(prepared), due_at)


# --- refusals


def application_withdrawn(number: str | None) -> Refusal:
    return Refusal(
        "application_withdrawn",
        "La candidature {number} a été retirée : le comité ne l’examine plus.",
        number=number,
    )


def reason_unfit(verdict: Verdict) -> Refusal:
    return Refusal(
        "reason_unfit",
        "La raison « {reason} » ne va pas avec « {decision} ». Choisissez parmi : {fit}.",
        field="reason",
        status=422,
        reason=verdict.reason.value,
        decision=verdict.decision.value,
        fit=", ".join(REASONS[verdict.decision]),
    )


def rank_unfit() -> Refusal:
    return Refusal(
        "rank_unfit",
        "Un rang est donné pour la liste d’attente, et pour elle seule. "
        "Corrigez le rang ou la décision.",
        field="rank",
        status=422,
    )


def track_unfit() -> Refusal:
    return Refusal(
        "track_unfit",
        "Un parcours est nommé pour une réorientation, et pour elle seule. "
        "Corrigez le parcours ou la décision.",
        field="track_code",
        status=422,
    )


def unknown_track(call: Call, code: str) -> Refusal:
    return Refusal(
        "unknown_track",
        "« {programme} » n’oriente vers aucun parcours « {track} ». Choisissez parmi : {offered}.",
        field="track_code",
        status=422,
        programme=call.programme_name,
        track=code,
        offered=", ".join(codes_of(call.tracks)) or "–",
    )


def call_still_open(call: Call) -> Refusal:
    return Refusal(
        "call_still_open",
        "« {title} » ne ferme que le {closes_at} : des candidatures peuvent encore "
        "arriver. Appliquez les décisions après.",
        title=call.title.fr,
        closes_at=call.closes_at,
    )


def not_the_next_round(call: Call, nth: int) -> Refusal:
    return Refusal(
        "not_the_next_round",
        "Le comité est au tour {round} sur {rounds} de « {title} » : le tour {nth} n’est pas le "
        "suivant. Relisez où il en est.",
        round=call.round,
        rounds=len(call.rounds),
        title=call.title.fr,
        nth=nth,
    )


def nothing_kept(call: Call) -> Refusal:
    return Refusal(
        "nothing_kept",
        "Chaque candidature de « {title} » a une décision préparée : aucune n’irait au tour "
        "suivant. Retirez les décisions de celles que le comité garde.",
        title=call.title.fr,
    )


def decisions_leaving(waiting: Round) -> Refusal:
    return Refusal(
        "decisions_leaving",
        "Les décisions appliquées partent le {due_at} : rien ne s’y change d’ici là. Annulez "
        "d’abord leur envoi pour les reprendre.",
        due_at=waiting.due_at,
    )


def nothing_to_undo() -> Refusal:
    return Refusal(
        "nothing_to_undo",
        "Aucune décision n’attend de partir : elles sont parties, ou déjà reprises. Ce qui est "
        "parti se corrige en préparant une autre décision.",
    )


_ONE_LACKS = N_(
    "Une candidature n’a pas de décision : {numbers}. Décidez-la, ou appliquez en partie (partial)."
)
_MANY_LACK = N_(
    "{count} candidatures n’ont pas de décision : {numbers}. Décidez-les, ou appliquez en partie "
    "(partial)."
)


def decisions_missing(lacking: Sequence[str]) -> Refusal:
    return Refusal(
        "decisions_missing",
        _ONE_LACKS if len(lacking) == 1 else _MANY_LACK,
        count=len(lacking),
        numbers=", ".join(sorted(lacking)),
    )


def too_many_selected(selected: int, places: int) -> Refusal:
    return Refusal(
        "too_many_selected",
        "Trop de candidatures seraient retenues ({selected}, places : {places}). Revenez sur "
        "{over} d’entre elles, ou dépassez en votre nom (over_places).",
        selected=selected,
        places=places,
        over=selected - places,
    )


def rank_twice(rank: int, first: str, second: str) -> Refusal:
    return Refusal(
        "rank_twice",
        "Le rang {rank} de la liste d’attente est donné à {first} et à {second}. "
        "Changez l’un des deux.",
        rank=rank,
        first=first,
        second=second,
    )


def not_in_committee() -> Refusal:
    return Refusal(
        "not_in_committee",
        "Vous n’êtes pas membre du comité de sélection de ce programme : vous ne notez pas.",
        status=403,
    )
