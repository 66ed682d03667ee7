"""What pairings are proposed from."""

from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count
from essaim_contracts.fact import Department, Slug
from essaim_contracts.scheduling import PairingKind
from pydantic import Field

from scheduling.schemas.body import Answer, Body, Topics


class OneOffer(Body):
    organisation_id: UUID
    sector: Slug | None = None
    department: Department | None = None
    topics: Topics = Field(default_factory=list)
    capacity: Annotated[Count, Field(ge=0, le=100)] = 1
    """How many projects it can accompany at once."""


class SetOffers(Body):
    """What organisations offer as godparents, mentors or referents; replaces what they offered."""

    programme: Slug
    kind: PairingKind
    offers: Annotated[list[OneOffer], Field(max_length=500)]


class OneWish(Body):
    project_id: UUID
    topics: Topics


class SetWishes(Body):
    """The topics projects want help with; replaces what they wished."""

    wishes: Annotated[list[OneWish], Field(max_length=500)]


class ProposePairings(Body):
    cohort_id: UUID
    kind: PairingKind


class SavedAnswer(Answer):
    """How many were kept."""

    saved: int
