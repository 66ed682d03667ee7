"""What both sides commit to: the programme writes it, who applies accepts it, then the programme.

An acceptance keeps the text as it was accepted, whatever the call says later.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from essaim import Refusal
from essaim.text.file_values import Whole
from pydantic import Field

from candidatures.form import Part, Text

CHARTER_FIELD = "charter"


class Charter(Part):
    text: Text
    hours: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    """The time asked of who is taken in, in hours."""

    @property
    def mark(self) -> str:
        """Another text or another time, another mark."""
        said = json.dumps(self.model_dump(exclude={"invented"}), sort_keys=True)
        return sha256(said.encode()).hexdigest()[:16]


class Side(StrEnum):
    APPLICANT = "applicant"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class Acceptance:
    """Who accepted which charter for a side of an application, and when."""

    side: Side
    person_id: UUID | None
    accepted_at: datetime
    charter: Charter


def refuse_unaccepted(charter: Charter | None, accepted: str | None) -> None:
    """`accepted` is the mark of the charter that who sends an application has read.

    Raises:
        Refusal: (422) she accepted none, or one that was changed since.
    """
    if charter is None:
        return
    if not accepted:
        raise charter_missing()
    if accepted != charter.mark:
        raise charter_changed()


# --- refusals


def charter_missing() -> Refusal:
    return Refusal(
        "charter_missing",
        "Lisez la charte et cochez que vous l’acceptez : elle engage les deux côtés.",
        field=CHARTER_FIELD,
        status=422,
    )


def charter_changed() -> Refusal:
    return Refusal(
        "charter_changed",
        "La charte a changé depuis que vous l’avez lue. Relisez-la, puis acceptez-la.",
        field=CHARTER_FIELD,
        status=422,
    )


def charter_not_accepted_yet() -> Refusal:
    return Refusal(
        "charter_not_accepted_yet",
        "Cette candidature n’a pas accepté de charte : il n’y a rien à accepter en face.",
    )
