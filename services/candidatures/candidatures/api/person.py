"""The JSON API of people and of their erasure."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from essaim.ids import new_id
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.web import SignedIn, command, require, runtime_of
from essaim.work import Work
from fastapi import APIRouter, Request, Response

from candidatures import commands, store
from candidatures.access import Coordinator, refuse_eraser
from candidatures.email_address import checked_email
from candidatures.programme import unknown_organisation
from candidatures.schemas.person import (
    ErasureList,
    PersonAnswer,
    PersonBody,
    PersonIdAnswer,
    PersonList,
    RoleBody,
)

router = APIRouter()


@router.get("/api/people", response_model=PersonList, tags=["people"])
def people(request: Request, _: Coordinator, programme: str | None = None) -> Any:
    """Everybody who holds or held a role in a programme; without one, an operator sees all."""
    with runtime_of(request).read() as db:
        found = directory.all_people(db)
    if programme is None:
        require(request, Role.OPERATOR)
    else:
        require(request, Role.COORDINATOR, programme=programme)
        found = [one for one in found if any(held.programme == programme for held in one.roles)]
    items = [
        PersonAnswer.model_validate(directory.to_json(one), from_attributes=True) for one in found
    ]
    return {"items": items, "total": len(items)}


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


@router.post("/api/people/{person_id}/erase", status_code=204, tags=["people"])
def erase_person(request: Request, person_id: UUID, _: SignedIn) -> Response:
    """Forget a person, at every partner: herself, or a coordinator of a programme she is in."""

    services = runtime_of(request).consortium.confirming_erasure

    def forget(work: Work) -> None:
        refuse_eraser(request, commands.person.get(work, person_id))
        commands.erasure.erase(work, person_id, services)

    return command(request, forget)


@router.get("/api/erasures", response_model=ErasureList, tags=["people"])
def erasures(request: Request, _: Coordinator) -> Any:
    """Who was erased, by opaque id, and what each partner answered."""
    now = runtime_of(request).clock.now()
    with runtime_of(request).read() as db:
        confirmations = store.erasure.every(db)
    items = [asdict(one) | {"answer": one.answer(now)} for one in confirmations]
    return {"items": items, "total": len(items)}
