"""What the pages ask the operator's desk. It alone holds what opens the broker to others.

Asked by the keeper of the directory and nobody else, as the broker's accounts have it.
"""

from typing import Annotated, Any
from uuid import UUID

from essaim_contracts.questions import Question
from pydantic import BaseModel, ConfigDict, Field

from essaim.operating.acts import Act
from essaim.operating.seen import Seen


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Refused(_Answer):
    """Why something was not done: a sentence each in the asker's language, with a field's name."""

    code: str
    status: int
    sentences: tuple[tuple[str | None, str], ...]


class Looked(_Answer):
    """Who takes part, as the file has it, spelt out; how each was seen, and what was done."""

    consortium: str
    seen: dict[str, Seen]
    silent: str = ""
    """Why the broker does not say who is there."""
    acts: tuple[Act, ...] = ()


class Done(_Answer):
    """`folder` is the .zip to hand over, in base64; it is in no other place."""

    refused: Refused | None = None
    folder: str = Field("", repr=False)


class LookAround(Question[Looked]):
    subject = "essaim.ask.operator.look_around"
    answer = Looked


class _Asks(Question[Done]):
    answer = Done

    by: UUID
    """The operator who pressed the button, as the keeper says."""
    key: Annotated[str, Field(max_length=120)]
    language: str


class LetJoin(_Asks):
    """Let a service or a reader join, its `values` as the consortium file has them.

    Its first key is nobody's: it gets one with its folder.
    """

    subject = "essaim.ask.operator.let_join"

    name: str
    is_service: bool
    values: dict[str, Any]


class HandOver(_Asks):
    """Give it a new key, and its folder; the former key is refused from then on."""

    subject = "essaim.ask.operator.hand_over"

    name: str


class Revoke(_Asks):
    subject = "essaim.ask.operator.revoke"

    name: str
