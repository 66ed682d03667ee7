"""The bodies of messages and templates in the JSON API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from notifications.message import MessageState, Template
from notifications.outbox import revision
from notifications.store.message import ShownMessage


class QueueAnswer(BaseModel):
    """How many messages stand in each state; `idle` when none is on its way."""

    messages: dict[MessageState, int]
    idle: bool
    keeps_mail_here: bool
    server_trouble: str | None
    trouble_since: datetime | None


class MessageSummary(BaseModel):
    """A message as a list shows it. `recipient` is None for who is not in the directory."""

    model_config = ConfigDict(from_attributes=True)

    told_at: datetime
    recipient: str | None
    template: Template
    subject: str | None
    state: MessageState
    ended_at: datetime | None
    attempts: int
    reason: str | None
    programme: str
    recipient_id: UUID
    about_id: UUID
    id: UUID


class MessageList(BaseModel):
    items: list[MessageSummary]
    total: int


class MessageAnswer(BaseModel):
    """One message, with its text as it was or will be sent."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    recipient_id: UUID
    template: Template
    programme: str
    about_id: UUID
    cause: str | None
    language: str | None
    subject: str | None
    state: MessageState
    reason: str | None
    answer: str | None
    attempts: int
    uncertain: bool
    told_at: datetime
    waiting_since: datetime
    entered_at: datetime
    next_attempt_at: datetime | None
    give_up_at: datetime
    ended_at: datetime | None
    details: dict[str, Any]
    body: str | None
    edited: bool
    recipient: str | None = None
    revision: str = ""
    """What names the present state of the text: to be given back with a changed one."""

    @classmethod
    def of(cls, shown: ShownMessage) -> "MessageAnswer":
        answer = cls.model_validate(shown.message)
        more = {"recipient": shown.recipient, "revision": revision(shown.message.text)}
        return answer.model_copy(update=more)


class ChangedAnswer(BaseModel):
    """What a message has become."""

    id: UUID
    state: MessageState


class TemplateSummary(BaseModel):
    """A template, the cases it has a text for, and the languages."""

    template: Template
    cases: list[str]
    languages: tuple[str, ...]


class TemplateList(BaseModel):
    items: list[TemplateSummary]
    total: int


class PreviewAnswer(BaseModel):
    """A template filled with invented values."""

    template: Template
    case: str
    language: str
    subject: str
    text: str
    html: str
    ics: str | None
