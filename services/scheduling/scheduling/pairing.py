"""Who accompanies a project: a godparent, a mentor or its referent, for a dated period."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
from scheduling.organisation import Organisation

COMMITMENTS = {
    PairingKind.GODPARENT: frozenset({Commitment.GODPARENT}),
    PairingKind.MENTOR: frozenset({Commitment.MENTOR, Commitment.COACH}),
    PairingKind.REFERENT: frozenset({Commitment.STEWARD, Commitment.COACH}),
}
"""What an organisation must have committed to, one of these, to accompany a project so."""


SILENCE = timedelta(days=60)
"""After so long without an exchange or an appointment, somebody should ask how it goes."""


class PairingState(StrEnum):
    """A proposal is confirmed (active) or refused by a human; only an active one is said."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    ACTIVE = "active"
    ENDED = "ended"


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


@dataclass(frozen=True)
class Pair:
    """A project that is accompanied `since` a day, and when something was heard of it `last`.

    `is_hers` says that whoever asks is the one beside it.
    """

    project_id: UUID
    project: str
    since: date | None
    last: date | None
    is_hers: bool

    def is_silent(self, today: date) -> bool:
        """Whether nothing was noted nor held for long, nor lately begun."""
        heard = self.last or self.since
        return heard is not None and today - heard >= SILENCE


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
    if not may_accompany(organisation, pairing.kind):
        raise not_committed(organisation, pairing.kind)
    active = list(active)
    beside = [other for other in active if other.project_id == pairing.project_id]
    if any(other.organisation_id == organisation.id for other in beside):
        raise already_paired(organisation)
    if pairing.kind == PairingKind.REFERENT and beside:
        raise referent_exists(beside[0])
    load = sum(other.organisation_id == organisation.id for other in active)
    if load >= capacity:
        raise organisation_full(organisation, load, capacity)
    made = replace(pairing, state=PairingState.ACTIVE, made_on=today)
    return made, as_made(made, today)


def may_accompany(organisation: Organisation, kind: PairingKind) -> bool:
    """Whether it committed to accompany projects so."""
    return bool(organisation.commitments & COMMITMENTS[kind])


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
        raise not_a_proposal(pairing)


def check_replaces(replaced: Pairing, project_id: UUID, kind: PairingKind) -> None:
    """Whether a pairing of this kind beside this project may take the place of `replaced`.

    Raises:
        Refusal: it is of another project, or of another kind.
    """
    if (replaced.project_id, replaced.kind) != (project_id, kind):
        raise replaces_another(replaced)


def end_pairing(
    pairing: Pairing, reason: PairingEndReason, today: date
) -> tuple[Pairing, PairingEnded]:
    """A pairing that ends today, and the fact that says so.

    Raises:
        Refusal: it is not active.
    """
    if pairing.state != PairingState.ACTIVE:
        raise pairing_not_active(pairing)
    ended = replace(pairing, state=PairingState.ENDED, ended_on=today, end_reason=reason)
    return ended, as_ended(ended, reason, today)


def as_made(pairing: Pairing, today: date) -> PairingMade:
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


def as_ended(pairing: Pairing, reason: PairingEndReason, today: date) -> PairingEnded:
    return PairingEnded(
        pairing_id=pairing.id,
        edition_id=pairing.edition_id,
        project_id=pairing.project_id,
        kind=pairing.kind,
        organisation_id=pairing.organisation_id,
        reason=reason,
        ended_on=today,
    )


def unknown_pairing(pairing_id: UUID) -> Refusal:
    return Refusal(
        "unknown_pairing",
        "Le lien {pairing} est inconnu. Vérifiez l’identifiant.",
        status=404,
        pairing=pairing_id,
    )


def not_committed(organisation: Organisation, kind: PairingKind) -> Refusal:
    return Refusal(
        "not_committed",
        "« {organisation} » ne s’est pas engagée pour cela ({kind}). "
        "Choisissez une organisation qui s’y est engagée.",
        field="organisation_id",
        organisation=organisation.name,
        kind=kind.value,
    )


def already_paired(organisation: Organisation) -> Refusal:
    return Refusal(
        "already_paired",
        "« {organisation} » accompagne déjà ce projet. Il n’y a rien à faire.",
        field="organisation_id",
        organisation=organisation.name,
    )


def referent_exists(referent: Pairing) -> Refusal:
    return Refusal(
        "referent_exists",
        "Ce projet a déjà un référent, et n’en a qu’un. "
        "Nommez le lien à remplacer (replaces) : {pairing}.",
        field="project_id",
        pairing=referent.id,
    )


def organisation_full(organisation: Organisation, load: int, capacity: int) -> Refusal:
    return Refusal(
        "organisation_full",
        "« {organisation} » accompagne déjà autant de projets que sa capacité le permet : {load} "
        "sur {capacity}. Augmentez-la dans son offre, ou choisissez une autre organisation.",
        field="organisation_id",
        organisation=organisation.name,
        load=load,
        capacity=capacity,
    )


def not_a_proposal(pairing: Pairing) -> Refusal:
    return Refusal(
        "not_a_proposal",
        "Ce lien n’est plus une proposition (état : {state}). Demandez-en de nouvelles.",
        state=pairing.state.value,
    )


def replaces_another(replaced: Pairing) -> Refusal:
    return Refusal(
        "replaces_another",
        "Le lien à remplacer concerne un autre projet ou une autre nature ({kind}). "
        "Nommez un lien de ce projet.",
        field="replaces",
        status=422,
        kind=replaced.kind.value,
    )


def pairing_not_active(pairing: Pairing) -> Refusal:
    return Refusal(
        "pairing_not_active",
        "Ce lien n’est pas en cours (état : {state}), il ne peut pas finir.",
        state=pairing.state.value,
    )


def does_not_act_for(person_id: UUID, organisation: Organisation) -> Refusal:
    return Refusal(
        "does_not_act_for",
        "La personne {person} n’a pas de rôle pour « {organisation} » qui aille avec ce lien. "
        "Donnez-lui ce rôle d’abord, ou laissez l’annuaire dire qui agit (person_id absent).",
        field="person_id",
        status=422,
        person=person_id,
        organisation=organisation.name or organisation.id,
    )
