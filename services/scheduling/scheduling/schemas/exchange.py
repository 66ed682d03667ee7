"""Exchanges between a project and who accompanies it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import DayIn
from essaim.text.written import PARAGRAPHS
from pydantic import Field, StringConstraints

from scheduling.schemas.body import Answer, Body

Note = Annotated[str, StringConstraints(min_length=1, max_length=5000), PARAGRAPHS]


class NoteExchange(Body):
    """What was said; read by those beside the project and the coordination, counted nowhere."""

    note: Note
    happened_on: DayIn | None = None
    """Today when absent."""


class ExchangeAnswer(Answer):
    """An exchange; `noted_by` is null once that person is forgotten."""

    exchange_id: Annotated[UUID, Field(validation_alias="id")]
    project_id: UUID
    noted_by: UUID | None
    happened_on: date
    note: str
