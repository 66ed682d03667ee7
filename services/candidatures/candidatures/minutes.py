"""Minutes of a meeting of the committee: who was there, the quorum, and what was decided."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from essaim import Refusal

from candidatures.committee import Verdict


@dataclass(frozen=True)
class Decided:
    """A prepared decision as it stood at the meeting, and the mean of 100 it was made upon."""

    application_id: UUID
    verdict: Verdict
    mean: float | None


@dataclass(frozen=True)
class Minutes:
    """Kept as they were made. `away` are the applications that a conflict kept from who was there.

    `without_quorum_by` is who went on though too few were there; names are those of the directory.
    """

    id: UUID
    call_id: UUID
    held_on: date
    place: str | None
    present: tuple[UUID, ...]
    members: int
    quorum: int | None
    without_quorum_by: UUID | None
    decided: tuple[Decided, ...]
    undecided: int
    away: Mapping[UUID, tuple[UUID, ...]]
    made_by: UUID | None
    made_at: datetime

    @property
    def has_quorum(self) -> bool:
        return self.quorum is None or len(self.present) >= self.quorum


def check_quorum(present: Collection[UUID], quorum: int | None, *, without: bool) -> None:
    """
    Raises:
        Refusal: too few are there, and nobody takes it upon herself.
    """
    if quorum is not None and len(present) < quorum and not without:
        raise quorum_missing(len(present), quorum)


# --- refusals


def quorum_missing(present: int, quorum: int) -> Refusal:
    return Refusal(
        "quorum_missing",
        "Le quorum est de {quorum} membres et {present} sont présents : le comité ne peut pas "
        "décider. Ajoutez les présents qui manquent, ou passez outre en votre nom "
        "(without_quorum).",
        quorum=quorum,
        present=present,
    )


def minutes_missing(quorum: int) -> Refusal:
    return Refusal(
        "minutes_missing",
        "Cet appel demande un quorum de {quorum} membres : établissez d’abord le compte rendu de "
        "la réunion, avec ses présents.",
        quorum=quorum,
    )


def unknown_minutes() -> Refusal:
    return Refusal(
        "unknown_minutes",
        "Ce compte rendu n’existe pas, ou pas pour vous. Vérifiez l’adresse.",
        status=404,
    )
