"""Forgetting a person: asked, decided, done here at once, and at each partner, who confirms it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.refusal import Refusal
from essaim_contracts.envelope import NETWORK
from essaim_contracts.erasure import ErasureAsker, ErasureChange, ErasureChanged

from candidatures.person import is_of_one_programme, is_operator, is_self, programmes_of

WAIT = timedelta(days=3)
"""A coordinator who asks, or another one, may decide then: time to say that it is an error."""

OVERDUE_AFTER = timedelta(days=3)
"""A partner whose service runs answers within seconds; the law leaves us one month in all."""


class Answer(StrEnum):
    """Where a partner is with an erasure."""

    CONFIRMED = "confirmed"
    AWAITED = "awaited"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class ErasureAsked:
    """Somebody asked that a person be forgotten: nothing is done yet. One for a person at most."""

    person_id: UUID
    asked_by: UUID
    asked_at: datetime

    def told(self, by: ErasureAsker) -> ErasureChanged:
        return ErasureChanged(
            person_id=self.person_id,
            change=ErasureChange.ASKED,
            by=by,
            changed_at=self.asked_at,
            decided_from=self.waits_until,
        )

    def taken_back(self, by: ErasureAsker, now: datetime) -> ErasureChanged:
        return ErasureChanged(
            person_id=self.person_id, change=ErasureChange.TAKEN_BACK, by=by, changed_at=now
        )

    @property
    def waits_until(self) -> datetime:
        """From when a coordinator may decide, where she may; the person and operators at once."""
        return self.asked_at + WAIT


@dataclass(frozen=True)
class Confirmation:
    """What one partner has to answer to one erasure; `confirmed_at` is None until it did."""

    person_id: UUID
    service: str
    erased_at: datetime
    confirmed_at: datetime | None = None

    def answer(self, now: datetime) -> Answer:
        if self.confirmed_at is not None:
            return Answer.CONFIRMED
        return Answer.OVERDUE if now - self.erased_at > OVERDUE_AFTER else Answer.AWAITED


def expected(person_id: UUID, erased_at: datetime, services: Iterable[str]) -> list[Confirmation]:
    """What these services have to answer once a person was erased."""
    return [Confirmation(person_id, service, erased_at) for service in services]


def overdue(confirmations: Iterable[Confirmation], now: datetime) -> list[Confirmation]:
    return [one for one in confirmations if one.answer(now) == Answer.OVERDUE]


def may_ask_erasure(asker: Person, person: Person, filed: Collection[str], today: date) -> bool:
    """Whether she may ask for an erasure, see that it was asked, and take the asking back.

    The person may, and an operator; for somebody who is none, also a coordinator of a programme
    she has or had to do with. `filed` are the programmes whose files name her.
    """
    if is_self(asker, person) or asker.holds({Role.OPERATOR}, today):
        return True
    return not is_operator(person) and any(
        asker.holds({Role.COORDINATOR}, today, programme)
        for programme in programmes_of(person, filed)
    )


def asks_as(
    asker: Person, person: Person, filed: Collection[str], today: date
) -> tuple[ErasureAsker, str]:
    """As whom she asks that this person be forgotten, or takes it back, and in which programme."""
    if is_self(asker, person):
        return ErasureAsker.PERSON, NETWORK
    hers = sorted(
        programme
        for programme in programmes_of(person, filed)
        if asker.holds({Role.COORDINATOR}, today, programme)
    )
    if hers and not asker.holds({Role.OPERATOR}, today):
        return ErasureAsker.COORDINATOR, hers[0]
    return ErasureAsker.OPERATOR, NETWORK


def refuse_asker(asker: Person, person: Person, filed: Collection[str], today: date) -> None:
    """
    Raises:
        Refusal: (403) she may not.
    """
    if not may_ask_erasure(asker, person, filed, today):
        raise not_yours_to_erase()


def refuse_decider(
    decider: Person, asked: ErasureAsked, person: Person, filed: Collection[str], now: datetime
) -> None:
    """The person and operators decide; a coordinator does where her programme alone knows her.

    Raises:
        Refusal: (403) another programme knows the person; (409) it was asked too lately.
    """
    today = now.astimezone(PARIS).date()
    if is_self(decider, person) or decider.holds({Role.OPERATOR}, today):
        return
    if not any(
        is_of_one_programme(person, programme, filed)
        and decider.holds({Role.COORDINATOR}, today, programme)
        for programme in programmes_of(person, filed)
    ):
        raise decided_by_herself()
    if now < asked.waits_until:
        raise asked_lately(asked)


# --- refusals


def not_yours_to_erase() -> Refusal:
    return Refusal(
        "not_yours_to_erase",
        "L’effacement d’une personne se demande par elle-même, par la coordination de son "
        "programme ou par un opérateur ; celui d’un opérateur, par un opérateur seulement.",
        status=403,
    )


def decided_by_herself() -> Refusal:
    return Refusal(
        "decided_by_herself",
        "Cette personne, ou son adresse, est connue d’un autre programme : la demande est notée, "
        "et c’est elle-même ou un opérateur qui la confirme.",
        status=403,
    )


def asked_lately(asked: ErasureAsked) -> Refusal:
    return Refusal(
        "asked_lately",
        "L’effacement a été demandé le {asked_at} : la coordination peut le confirmer à partir "
        "du {waits_until}. La personne elle-même ou un opérateur le peut dès maintenant.",
        asked_at=asked.asked_at,
        waits_until=asked.waits_until,
    )


def not_asked() -> Refusal:
    return Refusal(
        "erasure_not_asked",
        "L’effacement de cette personne n’est pas demandé. Demandez-le d’abord ; il se confirme "
        "ensuite.",
    )
