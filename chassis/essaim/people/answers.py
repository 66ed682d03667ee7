"""What the other services ask the keeper of the directory, and what it asks each of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, Protocol

import sqlalchemy as sa
import structlog
from essaim_contracts.questions import (
    A,
    EndSignIn,
    Failed,
    Moves,
    SignInEnded,
    Waits,
    WhatMoves,
    WhatWaits,
)
from faststream import Context
from faststream.nats import NatsRouter

from essaim.clock import PARIS, Clock
from essaim.people import ended, sign_ins, signing
from essaim.people.directory import find_person
from essaim.person import Person, Role
from essaim.settings import Settings
from essaim.text.languages import Tongue, tongue_of
from essaim.work import Work

log = structlog.get_logger()
questions = NatsRouter()

MANY = 4
"""Answers made at once: whoever comes in waits for each of them."""

OpenWork = Annotated[Callable[..., AbstractContextManager[Work]], Context("work")]
"""One transaction of the service that answers, which tells the others at once."""


@questions.subscriber(EndSignIn.subject, queue="directory")
def end_sign_in(asked: EndSignIn, open_work: OpenWork) -> SignInEnded:
    """Answered alike for one that nobody knows: it has ended already."""
    with open_work() as work:
        found = sign_ins.find(work.db, asked.sign_in_id)
        if found is not None:
            sign_ins.end(work.db, found)
    return SignInEnded()


WaitsFor = Callable[[sa.Connection, Person, datetime, Tongue], Waits]
"""What waits for a person in one service at a time of the programme, in words of a language."""


def nothing_waits(_: sa.Connection, __: Person, ___: datetime, ____: Tongue) -> Waits:
    """Of a service that asks nothing of anybody."""
    return Waits()


MovesOf = Callable[[sa.Connection, WhatMoves, datetime, Tongue], Moves]
"""What would move in one service, for whoever coordinates the programme that it is about."""


def nothing_moves(_: sa.Connection, __: WhatMoves, ___: datetime, ____: Tongue) -> Moves:
    """Of a service in which nobody's tasks are another's."""
    return Moves()


class Answering(Protocol):
    """What a function that answers needs of the running service."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    def read(self) -> AbstractContextManager[sa.Connection]: ...


class NotSigned(Exception):
    def __init__(self, service: str) -> None:
        super().__init__(
            f"{service} was asked something in the name of a person without a proof that the "
            "keeper of the directory signed, for this service and within the last minute. Either "
            "it is not the keeper who asked, or one of two clocks is wrong."
        )


def asker(db: sa.Connection, settings: Settings, service: str, proof: str) -> Person | None:
    """For whom the keeper asks; None where this service knows no such person.

    Raises:
        NotSigned: the keeper did not sign this for this service, or she signed out meanwhile.
    """
    public_key = signing.public_key_in(settings)
    proved = signing.read(public_key, proof, signing.Kind.QUESTION, service)
    if proved is None or ended.is_ended(db, proved.sign_in_id):
        raise NotSigned(service)
    return find_person(db, proved.person_id)


def what_waits(service: str, waits_for: WaitsFor) -> NatsRouter:
    """The question what waits for somebody, as this service answers it to the keeper."""
    router = NatsRouter()
    asked_here = WhatWaits.subject_at(service)

    @router.subscriber(asked_here, queue=service, max_workers=MANY)
    def answer(
        asked: WhatWaits, runtime: Annotated[Answering, Context("runtime")]
    ) -> Waits | Failed:
        def waiting(db: sa.Connection, person: Person) -> Waits:
            tongue = tongue_of(service, asked.language)
            return waits_for(db, person, runtime.clock.now(), tongue)

        return _in_her_name(runtime, service, asked.proof, waiting, Waits())

    return router


def what_moves(service: str, moves: MovesOf) -> NatsRouter:
    """The question what somebody would take over, as this service answers it to the keeper."""
    router = NatsRouter()
    asked_here = WhatMoves.subject_at(service)

    @router.subscriber(asked_here, queue=service, max_workers=MANY)
    def answer(
        asked: WhatMoves, runtime: Annotated[Answering, Context("runtime")]
    ) -> Moves | Failed:
        def moving(db: sa.Connection, person: Person) -> Moves:
            now = runtime.clock.now()
            if not may_replace(person, asked.programme, now):
                return Moves()
            return moves(db, asked, now, tongue_of(service, asked.language))

        return _in_her_name(runtime, service, asked.proof, moving, Moves())

    return router


def may_replace(person: Person, programme: str, now: datetime) -> bool:
    """Whether she coordinates this programme: nobody else is told what is whose."""
    today = now.astimezone(PARIS).date()
    return person.holds({Role.COORDINATOR}, today, programme) or person.holds(
        {Role.OPERATOR}, today
    )


def _in_her_name(
    runtime: Answering,
    service: str,
    proof: str,
    answer: Callable[[sa.Connection, Person], A],
    nothing: A,
) -> A | Failed:
    with runtime.read() as db:
        try:
            person = asker(db, runtime.settings, service, proof)
        except NotSigned as error:
            log.warning("a question was not answered", reason=str(error))
            return Failed(failure="NotSigned")
        return nothing if person is None else answer(db, person)
