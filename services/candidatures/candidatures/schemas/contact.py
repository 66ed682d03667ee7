"""Replacing a contact, as the JSON API takes and answers it."""

from datetime import date

from essaim.text.bounded import DayIn
from essaim_contracts.fact import Slug
from essaim_contracts.questions import Moving
from pydantic import BaseModel, Field

from candidatures.schemas.body import Body


class TakeoverBody(Body):
    """`person`, `replaced_by` and `organisation` are codes of the programme's file."""

    person: Slug
    replaced_by: Slug
    organisation: Slug | None = None
    """None for all that she did."""
    from_on: DayIn


class TakeoverAnswer(BaseModel):
    from_on: date
    told: bool = False
    """Whether what is open moves now; else it does on that day."""
    moves: dict[str, list[Moving]] = Field(default={})
    """Of a check: what is open in each service, by its name."""
    silent: list[str] = Field(default=[])
    """Of a check: the services that did not answer."""
