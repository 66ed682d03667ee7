"""An exchange between a project and who accompanies it, as she notes it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal


@dataclass(frozen=True)
class Exchange:
    """What was said on a day, in the words of `noted_by`; None once she is forgotten.

    It uses no hours and counts in no figure: it stays between those beside the project and the
    coordination.
    """

    id: UUID
    project_id: UUID
    noted_by: UUID | None
    happened_on: date
    note: str


def note_exchange(
    id: UUID, project_id: UUID, noted_by: UUID, happened_on: date, note: str, today: date
) -> Exchange:
    """
    Raises:
        Refusal: (422) it lies in the future.
    """
    if happened_on > today:
        raise exchange_to_come(happened_on, today)
    return Exchange(id, project_id, noted_by, happened_on, note)


def exchange_to_come(happened_on: date, today: date) -> Refusal:
    return Refusal(
        "exchange_to_come",
        "L’échange est daté du {happened_on}, nous sommes le {today}. Corrigez la date.",
        field="happened_on",
        status=422,
        happened_on=happened_on,
        today=today,
    )
