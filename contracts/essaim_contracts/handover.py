"""What *candidatures* says of an application handed over to another call, or outside of Essaim.

The person is asked first: nobody else hears of it before she agrees.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime

from essaim_contracts.fact import (
    ApplicationId,
    CallId,
    EditionId,
    Fact,
    Label,
    Meaning,
    PersonId,
    ProjectId,
    Slug,
)

HandoverId = Annotated[UUID, Meaning("The hand-over: one application, one receiver.")]


class HandoverParty(StrEnum):
    """Who puts an end to a hand-over."""

    BEARER = "bearer"
    RECEIVER = "receiver"
    GIVER = "giver"


class HandoverProposed(Fact, type="essaim.candidatures.handover.proposed.v1", key="handover_id"):
    """The bearer of a re-oriented application is asked whether it may be handed over."""

    handover_id: HandoverId
    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who is asked, and who may say no."""
    to_call_id: CallId | None = None
    """The call that would receive it. None for a receiver outside of the consortium."""
    to_title: Label | None = None
    """The public title of that call. None for a receiver outside of the consortium."""
    open_until: date
    """The last day for the receiver to answer; so the bearer answers before."""


class HandoverOffered(Fact, type="essaim.candidatures.handover.offered.v1", key="handover_id"):
    """The bearer agreed: the receiver sees the application and its documents, and answers."""

    handover_id: HandoverId
    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    to_call_id: CallId | None = None
    """The call that would receive it. None for a receiver outside of the consortium."""
    to_title: Label | None = None
    """The public title of that call. None for a receiver outside of the consortium."""
    to_programme: Slug | None = None
    """The programme of that call, whose coordination answers. None outside of the consortium."""
    open_until: date
    """The last day to answer."""


class HandoverAccepted(Fact, type="essaim.candidatures.handover.accepted.v1", key="handover_id"):
    """The receiver takes the application over. In a call, it is received there at once."""

    handover_id: HandoverId
    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person who is told."""
    to_call_id: CallId | None = None
    """The call that received it. None for a receiver outside of the consortium."""
    to_application_id: ApplicationId | None = None
    """The application it became there. None for a receiver outside of the consortium."""
    to_title: Label | None = None
    """The public title of that call. None for a receiver outside of the consortium."""
    accepted_at: AwareDatetime
    """When the receiver said so."""


class HandoverDeclined(Fact, type="essaim.candidatures.handover.declined.v1", key="handover_id"):
    """A hand-over comes to nothing: its bearer or its receiver said no, or it was taken back.

    The reason is for who reads the application, and stays with its owner.
    """

    handover_id: HandoverId
    application_id: ApplicationId
    call_id: CallId
    edition_id: EditionId
    project_id: ProjectId
    bearer_id: PersonId
    """The person whose application it is."""
    to_programme: Slug | None = None
    """The programme that was asked. None where it was not yet, or outside of the consortium."""
    to_title: Label | None = None
    """The public title of the call. None for a receiver outside of the consortium."""
    by: HandoverParty
    """Who ended it."""
    declined_at: AwareDatetime
    """When it ended."""
