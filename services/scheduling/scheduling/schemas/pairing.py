"""Pairings."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from essaim.text.languages import Tongue
from essaim_contracts.scheduling import PairingEndReason, PairingKind, PairingMethod
from pydantic import Field

from scheduling.labels import reason_in_words
from scheduling.pairing import Pairing, PairingState
from scheduling.schemas.body import Answer, Body


class MakePairing(Body):
    project_id: UUID
    kind: PairingKind
    organisation_id: UUID
    person_id: UUID | None = None
    """Who acts for the organisation; found in the directory when one person alone does."""
    replaces: UUID | None = None
    """An active pairing of this project that ends as this one begins."""


class ConfirmPairings(Body):
    """Proposals to confirm, all or none."""

    pairing_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class EndPairing(Body):
    reason: PairingEndReason


class ReasonAnswer(Answer):
    """Why a pair fits; `text` says it in the reader's language."""

    code: str
    detail: str
    points: float
    text: str


class PairingAnswer(Answer):
    """A pairing, with the reasons of its proposal."""

    pairing_id: Annotated[UUID, Field(validation_alias="id")]
    programme: str
    edition_id: UUID
    cohort_id: UUID
    project_id: UUID
    kind: PairingKind
    organisation_id: UUID
    state: PairingState
    method: PairingMethod
    person_id: UUID | None
    score: float | None
    reasons: list[ReasonAnswer]
    made_on: date | None
    ended_on: date | None
    end_reason: PairingEndReason | None


def unnamed(pairing: Pairing) -> Pairing:
    """The same without who acts for the organisation, for who sees no person."""
    return replace(pairing, person_id=None)


def pairing_answer(pairing: Pairing, _: Tongue) -> PairingAnswer:
    reasons = [vars(reason) | {"text": reason_in_words(reason, _)} for reason in pairing.reasons]
    return PairingAnswer.model_validate(vars(pairing) | {"reasons": reasons})
