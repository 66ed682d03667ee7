"""The waiting list: a place that frees is offered with a deadline, and everybody gets an answer."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from essaim import Refusal
from essaim_contracts.selection import PlaceOffered

from candidatures.application import Application
from candidatures.call import Call


class OfferState(StrEnum):
    """Where an offer stands; one that lapsed may still be accepted while the place is free."""

    WAITING = "waiting"
    LAPSED = "lapsed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Offer:
    """A place offered to an application; `answer_by` is the last day to answer."""

    application_id: UUID
    offered_at: datetime
    answer_by: date
    accepted: bool | None = None

    def state(self, today: date) -> OfferState:
        if self.accepted is not None:
            return OfferState.ACCEPTED if self.accepted else OfferState.DECLINED
        return OfferState.LAPSED if today > self.answer_by else OfferState.WAITING


@dataclass(frozen=True)
class Waiting:
    """A project on the waiting list that its bearer knows of, and the last offer made to it."""

    application_id: UUID
    number: str
    title: str
    rank: int | None
    offer: Offer | None


def offer_place(
    call: Call, offered: Application, rank: int | None, answer_by: date, today: date, *, free: int
) -> PlaceOffered:
    """`free` is how many places are neither taken nor offered.

    Raises:
        Refusal: no place is free, or the day to answer has passed.
    """
    if free <= 0:
        raise no_free_place(call)
    if answer_by < today:
        raise answer_day_passed(answer_by)
    if offered.bearer_id is None:
        raise not_on_the_list(offered.number)
    return PlaceOffered(
        application_id=offered.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=offered.project_id,
        bearer_id=offered.bearer_id,
        rank=rank,
        open_until=answer_by,
    )


# --- refusals


def no_free_place(call: Call) -> Refusal:
    return Refusal(
        "no_free_place",
        "Aucune des {places} places de « {title} » n’est libre : elles sont prises, ou déjà "
        "proposées à quelqu’un qui n’a pas répondu.",
        places=call.places or 0,
        title=call.title.fr,
    )


def answer_day_passed(day: date) -> Refusal:
    return Refusal(
        "answer_day_passed",
        "Le {day} est passé : personne ne pourrait répondre. Choisissez un jour à venir.",
        field="answer_by",
        status=422,
        day=day,
    )


def not_on_the_list(number: str | None) -> Refusal:
    return Refusal(
        "not_on_the_list",
        "La candidature {number} n’est pas sur la liste d’attente, ou une place lui est déjà "
        "proposée.",
        number=number or "–",
    )


def nobody_waits() -> Refusal:
    return Refusal("nobody_waits", "Plus personne n’attend sur la liste de cet appel.")


def no_offer() -> Refusal:
    return Refusal(
        "no_offer",
        "Aucune place n’est proposée à cette candidature : elle l’a été à quelqu’un d’autre "
        "depuis, ou vous avez déjà répondu. Écrivez à la coordination.",
    )
