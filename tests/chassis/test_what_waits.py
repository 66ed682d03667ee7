"""What waits for somebody is answered to the keeper of the directory alone, in her name."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
import signing as keys
import sqlalchemy as sa
from backbone import INSTALLED, Consortium
from essaim.broker.asking import AskFailed
from essaim.broker.connection import Broker
from essaim.clock import SystemClock
from essaim.ids import new_id
from essaim.keeping.database import Database
from essaim.people import signing
from essaim.people.answers import what_moves, what_waits
from essaim.people.browsers import SignedIn
from essaim.people.directory import save_person
from essaim.people.ended import note_ended
from essaim.people.sign_ins import question_for
from essaim.people.signing import Kind, Proof
from essaim.person import Person, Role, RoleHeld
from essaim.settings import Settings
from essaim.text.languages import Tongue
from essaim_contracts.questions import A, Moves, Moving, Question, ToDo, Waits, WhatMoves, WhatWaits

ADA, BASILE = (Person(new_id(), name) for name in ("Ada", "Basile"))
ANSWERS = "scheduling"
OTHER = "reporting"


def waits_for(_: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    return Waits(to_do=(ToDo(text=f"À {person.name}", button="Ouvrir", page="/"),))


def signed_in(person: Person) -> SignedIn:
    return SignedIn(person.id, new_id(), datetime.now(UTC) + timedelta(hours=1))


def asking(who: SignedIn, service: str = ANSWERS) -> WhatWaits:
    return WhatWaits(proof=question_for(keys.KEY, who, service), language="fr")


@pytest.fixture
async def answering(consortium: Consortium, database: Database) -> AsyncIterator[Broker]:
    with database.write() as db:
        for person in (ADA, BASILE):
            save_person(db, person, share=False)
    settings = Settings(sign_in_public_key=signing.public_key_of(keys.KEY))
    here = SimpleNamespace(settings=settings, clock=SystemClock(), read=database.read)
    broker = Broker(
        consortium.settings(ANSWERS), ANSWERS, [what_waits(ANSWERS, waits_for)], {"runtime": here}
    )
    await broker.start()
    yield broker
    await broker.stop()


async def asked_by(consortium: Consortium, user: str, question: Question[A]) -> A:
    broker = Broker(consortium.settings(user), user)
    await broker.start()
    try:
        return await broker.ask(question, 1.0, ANSWERS)
    finally:
        await broker.stop()


async def test_the_keeper_is_told_what_waits_for_whom_it_asks_and_for_nobody_else(
    consortium: Consortium, answering: Broker, database: Database
) -> None:
    keeper = INSTALLED.keeper
    ada = signed_in(ADA)
    told = await asked_by(consortium, keeper, asking(ada))
    assert [one.text for one in told.to_do] == ["À Ada"]

    # Somebody whom this service does not know has nothing here.
    stranger = asking(signed_in(Person(new_id(), "Chloé")))
    assert await asked_by(consortium, keeper, stranger) == Waits()

    another_key = WhatWaits(proof=question_for(signing.new_key(), ada, ANSWERS), language="fr")
    for wrong in (asking(ada, OTHER), another_key, ticket_of(ADA.id)):
        with pytest.raises(AskFailed, match="NotSigned"):
            await asked_by(consortium, keeper, wrong)

    with database.write() as db:
        note_ended(db, ADA.id, {ada.sign_in_id: ada.ends_at})
    with pytest.raises(AskFailed, match="NotSigned"):
        await asked_by(consortium, keeper, asking(ada))
    # The server itself refuses who does not sign people in.
    with pytest.raises(AskFailed):
        await asked_by(consortium, OTHER, asking(signed_in(BASILE)))


def ticket_of(person_id: UUID) -> WhatWaits:
    """What hands her over to this service proves no question."""
    ends = datetime.now(UTC) + timedelta(minutes=1)
    ticket = Proof(Kind.TICKET, "once", ANSWERS, person_id, new_id(), ends)
    return WhatWaits(proof=signing.sign(keys.KEY, ticket, ends), language="fr")


async def test_what_somebody_would_take_over_is_said_to_who_coordinates_alone(
    consortium: Consortium, database: Database
) -> None:
    def moves(_: sa.Connection, asked: WhatMoves, __: datetime, ___: Tongue) -> Moves:
        return Moves(moving=(Moving(text=f"De {asked.programme}", page="/"),))

    coordinates = RoleHeld(Role.COORDINATOR, "premices")
    chloe = Person(new_id(), "Chloé", roles=(coordinates,))
    with database.write() as db:
        for person in (ADA, chloe):
            save_person(db, person, share=False)
    settings = Settings(sign_in_public_key=signing.public_key_of(keys.KEY))
    here = SimpleNamespace(settings=settings, clock=SystemClock(), read=database.read)
    routers = [what_moves(ANSWERS, moves)]
    broker = Broker(consortium.settings(ANSWERS), ANSWERS, routers, {"runtime": here})
    await broker.start()

    async def asked_for(who: Person, programme: str) -> list[str]:
        question = WhatMoves(
            proof=question_for(keys.KEY, signed_in(who), ANSWERS),
            language="fr",
            programme=programme,
            person_id=BASILE.id,
            from_on=date(2020, 3, 1),
        )
        return [one.text for one in (await asked_by(consortium, INSTALLED.keeper, question)).moving]

    assert await asked_for(chloe, "premices") == ["De premices"]
    assert await asked_for(chloe, "eveil") == []
    assert await asked_for(ADA, "premices") == []
    await broker.stop()


async def test_several_are_asked_at_once_and_who_is_silent_holds_up_nobody(
    consortium: Consortium, answering: Broker
) -> None:
    broker = Broker(consortium.settings(INSTALLED.keeper), INSTALLED.keeper)
    await broker.start()
    ada = signed_in(ADA)

    came = await broker.ask_each({ANSWERS: asking(ada), OTHER: asking(ada, OTHER)}, 1.0)

    assert isinstance(came[ANSWERS], Waits)
    assert isinstance(came[OTHER], AskFailed)
    await broker.stop()
