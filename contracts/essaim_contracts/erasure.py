"""What *candidatures*, which keeps the directory, says before a person is erased: who asks it."""

from enum import StrEnum

from pydantic import AwareDatetime

from essaim_contracts.fact import Fact, PersonId


class ErasureChange(StrEnum):
    """What became of the asking that a person be forgotten."""

    ASKED = "asked"
    TAKEN_BACK = "taken_back"


class ErasureAsker(StrEnum):
    """As whom somebody asks that a person be forgotten, or takes it back."""

    PERSON = "person"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"


class ErasureChanged(Fact, type="essaim.candidatures.erasure.changed.v1", key="person_id"):
    """It was asked that a person be forgotten, or that was taken back: nothing is erased yet."""

    person_id: PersonId
    change: ErasureChange
    by: ErasureAsker
    """Who asks for others does so as an operator or for her programme, that of the fact."""
    changed_at: AwareDatetime
    """When it was asked, or taken back."""
    decided_from: AwareDatetime | None = None
    """From when a coordinator may confirm what was asked; the person and operators may at once."""
