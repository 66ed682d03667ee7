"""The JSON API of people and of their erasure."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import new_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.web import SignedIn, command, may, require, runtime_of, today_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator, waiting_erasures
from candidatures.email_address import checked_email
from candidatures.files import sweep_once
from candidatures.pages.address import ask_address
from candidatures.person import seen_in
from candidatures.programme import unknown_organisation
from candidatures.schemas.person import (
    AddressBody,
    CorrectionBody,
    ErasureAskedAnswer,
    ErasureAskedList,
    ErasureList,
    PersonAnswer,
    PersonBody,
    PersonIdAnswer,
    PersonList,
    RoleBody,
    erasure_asked_answer,
)

router = APIRouter()


@router.get("/api/people", response_model=PersonList, tags=["people"])
def people(request: Request, _: Coordinator, programme: str | None = None) -> Any:
    """Everybody who holds or held a role in a programme; without one, an operator sees all.

    A coordinator reads the roles of her programme, and the telephone of who is in no other.
    """
    if programme is None:
        require(request, Role.OPERATOR)
    else:
        require(request, Role.COORDINATOR, programme=programme)
    with runtime_of(request).read() as db:
        found = directory.all_people(db)
        if programme is not None:
            found = [one for one in found if any(held.programme == programme for held in one.roles)]
            if not may(request, Role.OPERATOR):
                found = _seen_in(db, programme, found)
    items = [
        PersonAnswer.model_validate(directory.to_json(one), from_attributes=True) for one in found
    ]
    return {"items": items, "total": len(items)}


def _seen_in(db: sa.Connection, programme: str, people: list[Person]) -> list[Person]:
    filed = store.programme.filed(db, [one.id for one in people])
    entered = store.programme.entered_by(db, programme)
    return [
        seen_in(programme, one, filed.get(one.id, ()), entered=one.id in entered) for one in people
    ]


@router.post("/api/people", status_code=201, response_model=PersonIdAnswer, tags=["people"])
def post_person(request: Request, body: PersonBody, giver: Coordinator) -> Response:
    """Enter somebody in the directory, with roles in programmes one coordinates."""
    person = Person(
        id=new_id(),
        name=body.name,
        email=checked_email(body.email),
        phone=body.phone,
        language=body.language,
    )

    def enter(work: Work) -> PersonIdAnswer:
        roles = tuple(_role(work, held) for held in body.roles)
        commands.person.enter(work, replace(person, roles=roles), giver)
        return PersonIdAnswer(id=person.id)

    return command(request, enter, status=201)


def _role(work: Work, body: RoleBody) -> RoleHeld:
    organisation_id = None
    if body.organisation is not None:
        organisation = store.programme.find_organisation(work.db, body.programme, body.organisation)
        if organisation is None:
            raise unknown_organisation(body.programme, body.organisation)
        organisation_id = organisation.id
    return RoleHeld(body.role, body.programme, organisation_id, body.since, body.until)


@router.patch("/api/people/{person_id}", status_code=204, tags=["people"])
def correct_person(
    request: Request, person_id: UUID, body: CorrectionBody, editor: SignedIn
) -> Response:
    """Write another name, telephone or language: herself, or an operator."""

    def correct(work: Work) -> None:
        commands.person.correct(work, person_id, editor, body.changed())

    return command(request, correct)


@router.put("/api/people/{person_id}/email", status_code=204, tags=["people"])
def ask_email(request: Request, person_id: UUID, body: AddressBody, editor: SignedIn) -> Response:
    """Ask for another address: herself, or an operator. It becomes hers once a link is opened.

    The link goes to the new address, and a letter about it to the present one.
    """
    answer = ask_address(request, person_id, editor, checked_email(body.email) or "")
    return answer or Response(status_code=204)


@router.delete("/api/people/{person_id}/email", status_code=204, tags=["people"])
def cancel_email(request: Request, person_id: UUID, editor: SignedIn) -> Response:
    """Take back that another address was asked for."""
    return command(request, lambda work: commands.person.cancel_address(work, person_id, editor))


@router.post(
    "/api/people/{person_id}/erase",
    status_code=202,
    response_model=ErasureAskedAnswer,
    tags=["people"],
)
def ask_erasure(request: Request, person_id: UUID, asker: SignedIn) -> Response:
    """Ask that a person be forgotten; nothing is done before it is confirmed.

    Herself, a coordinator of a programme she is in, an operator; for an operator, operators alone.
    """

    def ask(work: Work) -> ErasureAskedAnswer:
        return erasure_asked_answer(commands.erasure.ask(work, person_id, asker))

    return command(request, ask, status=202)


@router.delete("/api/people/{person_id}/erase", status_code=204, tags=["people"])
def cancel_erasure(request: Request, person_id: UUID, asker: SignedIn) -> Response:
    """Take back that it was asked."""
    return command(request, lambda work: commands.erasure.cancel(work, person_id, asker))


@router.post("/api/people/{person_id}/erase/confirm", status_code=204, tags=["people"])
def confirm_erasure(request: Request, person_id: UUID, decider: SignedIn) -> Response:
    """Forget her now, at every partner: herself or an operator.

    Three days after it was asked also a coordinator, where no other programme knows her.
    """
    services = runtime_of(request).consortium.confirming_erasure

    def confirm(work: Work) -> None:
        commands.erasure.confirm(work, person_id, decider, services)

    answer = command(request, confirm)
    sweep_once(runtime_of(request))
    return answer


@router.get("/api/erasures/asked", response_model=ErasureAskedList, tags=["people"])
def erasures_asked(request: Request, asker: SignedIn) -> Any:
    """The erasures that were asked and wait, of those for whom one might ask."""
    with runtime_of(request).read() as db:
        found = waiting_erasures(db, asker, today_of(request))
    items = [erasure_asked_answer(one) for one, _ in found]
    return ErasureAskedList(items=items, total=len(items))


@router.get("/api/erasures", response_model=ErasureList, tags=["people"])
def erasures(request: Request, _: Coordinator) -> Any:
    """Who was erased, by opaque id, and what each partner answered."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        confirmations = store.erasure.every(db)
    items = [asdict(one) | {"answer": one.answer(now)} for one in confirmations]
    return {"items": items, "total": len(items)}
