"""The facts *notifications* publishes: what was sent, and what could not be."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, PositiveInt

from essaim_contracts.fact import Fact, FactId, FactSource, PersonForgotten, PersonId, Slug


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"


class FailureReason(StrEnum):
    """Why a message was given up."""

    NO_ADDRESS = "no_address"
    REFUSED_BY_SERVER = "refused_by_server"
    SERVER_UNREACHABLE = "server_unreachable"


class MessageSent(Fact, type="essaim.notifications.message.sent.v1", key="message_id"):
    """A mail server accepted a message: accepted, which is not yet delivered."""

    message_id: UUID
    """The message to one person."""
    recipient_id: PersonId
    """The person it was sent to."""
    template: Slug
    """Which text was sent."""
    language: Slug
    """The language of the text: fr, en."""
    channel: Channel
    about_id: UUID | None = None
    """The entity the message is about: an application, a session, a trophy."""
    cause: FactId | None = None
    """The CloudEvents id of the fact it tells."""
    cause_source: FactSource | None = None
    """The CloudEvents source of that fact: its id is its own there only."""
    attempts: PositiveInt
    """How many tries it took, from 1."""
    sent_at: AwareDatetime
    """When the mail server accepted it."""


class MessageFailed(Fact, type="essaim.notifications.message.failed.v1", key="message_id"):
    """A message was given up after `attempts` tries: somebody should phone."""

    message_id: UUID
    """The message to one person."""
    recipient_id: PersonId
    """The person it was meant for."""
    template: Slug
    """Which text was to be sent."""
    channel: Channel
    about_id: UUID | None = None
    """The entity the message is about: an application, a session, a trophy."""
    reason: FailureReason
    attempts: PositiveInt
    """How many tries were made, from 1."""
    failed_at: AwareDatetime
    """When it was given up."""


class PersonForgottenByNotifications(
    PersonForgotten, type="essaim.notifications.person.forgotten.v1", key="person_id"
):
    """This service erased what it held about a person: its answer to `person.erased`."""
