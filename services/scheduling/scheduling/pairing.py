"""Who accompanies a project: a godparent, a mentor or its referent, for a dated period."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.candidatures import Commitment
from essaim_contracts.scheduling import (
    PairingEnded,
    PairingEndReason,
    PairingKind,
    PairingMade,
    PairingMethod,
)

from scheduling.assignment import Reason

COMMITMENTS = {
    PairingKind.GODPARENT: frozenset({Commitment.GODPARENT}),
    PairingKind.MENTOR: frozenset({Commitment.MENTOR, Commitment.COACH}),
    PairingKind.REFERENT: frozenset({Commitment.STEWARD, Commitment.COACH}),
}
"""What an organisation must have committed to, one of these, to accompany a project so."""


class PairingState(StrEnum):
    """A proposal is confirmed (active) or refused by a human; only an active one is said."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True)
class Organisation:
    """A partner of a programme. `person_id` is set for a person who acts alone."""

    id: UUID
    programme: str
    name: str | None
    person_id: UUID | None
    commitments: frozenset[Commitment]


@dataclass(frozen=True)
class Pairing:
    """An organisation beside a project. `score` is from 0 to 100, for those proposed."""

    id: UUID
    programme: str
    edition_id: UUID
    cohort_id: UUID
    project_id: UUID
    kind: PairingKind
    organisation_id: UUID
    state: PairingState
    method: PairingMethod
    person_id: UUID | None = None
    score: float | None = None
    reasons: tuple[Reason, ...] = ()
    made_on: date | None = None
    ended_on: date | None = None
    end_reason: PairingEndReason | None = None


def make_pairing(
    pairing: Pairing,
    organisation: Organisation,
    active: Iterable[Pairing],
    capacity: int,
    today: date,
) -> tuple[Pairing, PairingMade]:
    """A pairing that begins today, and the fact that says so.

    `active` are the active pairings of this kind, of the project and of the organisation;
    `capacity` is how many projects the organisation can accompany so at once.

    Raises:
        Refusal: the organisation did not commit to it, is full, or is beside this project
            already; or the project has a referent.
    """
    _check_commitment(pairing.kind, organisation)
    beside = [other for other in active if other.project_id == pairing.project_id]
    load = [other for other in active if other.organisation_id == pairing.organisation_id]
    _check_project_free(pairing, organisation, beside)
    _check_capacity(organisation, len(load), capacity)
    made = replace(pairing, state=PairingState.ACTIVE, made_on=today)
    return made, _as_made(made, today)


def refuse_pairing(pairing: Pairing) -> Pairing:
    """A proposal that a human refused; it is not proposed again.

    Raises:
        Refusal: it is not a proposal any more.
    """
    check_proposed(pairing)
    return replace(pairing, state=PairingState.REFUSED)


def check_proposed(pairing: Pairing) -> None:
    """Whether a pairing still waits for a human.

    Raises:
        Refusal: it was confirmed, refused or ended.
    """
    if pairing.state != PairingState.PROPOSED:
        raise Refusal(
            "not_a_proposal",
            "Ce lien n’est plus une proposition (état : {state}). Demandez-en de nouvelles.",
            state=pairing.state.value,
        )


def end_pairing(
    pairing: Pairing, reason: PairingEndReason, today: date
) -> tuple[Pairing, PairingEnded]:
    """A pairing that ends today, and the fact that says so.

    Raises:
        Refusal: it is not active.
    """
    if pairing.state != PairingState.ACTIVE:
        raise Refusal(
            "pairing_not_active",
            "Ce lien n’est pas en cours (état : {state}), il ne peut pas finir.",
            state=pairing.state.value,
        )
    ended = replace(pairing, state=PairingState.ENDED, ended_on=today, end_reason=reason)
    fact = PairingEnded(
        pairing_id=pairing.id,
        edition_id=pairing.edition_id,
        project_id=pairing.project_id,
        kind=pairing.kind,
        organisation_id=pairing.organisation_id,
        reason=reason,
        ended_on=today,
    )
    return ended, fact


def _check_commitment(kind: PairingKind, organisation: Organisation) -> None:
    if not organisation.commitments & COMMITMENTS[kind]:
        raise Refusal(
            "not_committed",
            "« {organisation} » ne s’est pas engagée pour cela ({kind}). "
            "Choisissez une organisation qui s’y est engagée.",
            field="organisation_id",
            organisation=organisation.name,
            kind=kind.value,
        )


def _check_project_free(
    pairing: Pairing, organisation: Organisation, beside: list[Pairing]
) -> None:
    if any(other.organisation_id == pairing.organisation_id for other in beside):
        raise Refusal(
            "already_paired",
            "« {organisation} » accompagne déjà ce projet. Il n’y a rien à faire.",
            field="organisation_id",
            organisation=organisation.name,
        )
    if pairing.kind == PairingKind.REFERENT and beside:
        raise Refusal(
            "referent_exists",
            "Ce projet a déjà un référent, et n’en a qu’un. "
            "Nommez le lien à remplacer (replaces) : {pairing}.",
            field="project_id",
            pairing=beside[0].id,
        )


def _check_capacity(organisation: Organisation, load: int, capacity: int) -> None:
    if load >= capacity:
        raise Refusal(
            "organisation_full",
            "« {organisation} » accompagne déjà {load} projet(s), sa capacité est de {capacity}. "
            "Augmentez-la dans son offre, ou choisissez une autre organisation.",
            field="organisation_id",
            organisation=organisation.name,
            load=load,
            capacity=capacity,
        )


def _as_made(pairing: Pairing, today: date) -> PairingMade:
    return PairingMade(
        pairing_id=pairing.id,
        edition_id=pairing.edition_id,
        cohort_id=pairing.cohort_id,
        project_id=pairing.project_id,
        kind=pairing.kind,
        organisation_id=pairing.organisation_id,
        person_id=pairing.person_id,
        method=pairing.method,
        score=pairing.score,
        made_on=today,
    )
