"""The JSON API of held letters: groups, and what is done with them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from essaim import Person, Work
from essaim.web import command, runtime_of
from fastapi import APIRouter, Request, Response

from notifications import store
from notifications.access import (
    Coordinator,
    coordinated_message,
    programmes_of,
    require_coordination,
)
from notifications.commands import outbox
from notifications.message import Template
from notifications.outbox import is_held, nothing_named, outbox_changed, why_at_once
from notifications.schemas.outbox import (
    CountAnswer,
    HeldBody,
    HeldGroup,
    HeldTemplate,
    HeldTemplates,
    HoldBody,
    OutboxAnswer,
    ReleasedAnswer,
    RevisionAnswer,
    TextBody,
)

router = APIRouter(prefix="/api")


@router.get("/outbox")
def read_outbox(request: Request, person: Coordinator) -> OutboxAnswer:
    """The held letters of one's programmes, by occasion."""
    with runtime_of(request).read() as db:
        groups = store.held.groups(db, programmes_of(request, person))
    items = [HeldGroup(**one._asdict()) for one in groups]
    return OutboxAnswer(items=items, total=len(items))


@router.post("/outbox/release", response_model=ReleasedAnswer)
def release(request: Request, person: Coordinator, body: HeldBody) -> Response:
    """Send held letters: all that are meant, or none."""
    return _with(request, person, body, lambda work, ids: outbox.release(work, ids))


@router.post("/outbox/discard", response_model=CountAnswer)
def discard(request: Request, person: Coordinator, body: HeldBody) -> Response:
    """Held letters do not leave; their readers never learn of them."""
    return _with(
        request, person, body, lambda work, ids: CountAnswer(letters=outbox.discard(work, ids))
    )


@router.post("/outbox/rewrite", response_model=CountAnswer)
def rewrite(request: Request, person: Coordinator, body: HeldBody) -> Response:
    """Write held letters anew from their templates."""
    return _with(
        request, person, body, lambda work, ids: CountAnswer(letters=outbox.rewrite(work, ids))
    )


def _with(
    request: Request, person: Person, body: HeldBody, does: Callable[[Work, list[UUID]], Any]
) -> Response:
    programmes = programmes_of(request, person)

    def doing(work: Work) -> Any:
        return does(work, _meant(work, programmes, body))

    return command(request, doing)


def _meant(work: Work, programmes: set[str] | None, body: HeldBody) -> list[UUID]:
    """The letters that a request names: never everything for want of a name.

    Raises:
        Refusal: (422) it names none; or what it names is not held, or not hers to send.
    """
    if body.messages:
        ids = store.held.ids_among(work.db, programmes, body.messages)
        if len(ids) != len(set(body.messages)):
            raise outbox_changed()
        return ids
    if body.programme is None or body.occasion is None:
        raise nothing_named()
    if programmes is not None and body.programme not in programmes:
        raise outbox_changed()
    return store.held.ids_of_occasion(work.db, body.programme, body.occasion)


@router.put("/messages/{message_id}/text", response_model=RevisionAnswer)
def edit(request: Request, message_id: UUID, _: Coordinator, body: TextBody) -> Response:
    """Change the text of one held letter."""
    coordinated_message(request, message_id)

    def editing(work: Work) -> RevisionAnswer:
        now = outbox.edit(work, message_id, body.subject, body.body, was=body.was)
        return RevisionAnswer(id=message_id, revision=now)

    return command(request, editing)


@router.get("/held-templates/{programme}")
def read_choices(request: Request, _: Coordinator, programme: str) -> HeldTemplates:
    """Which letters of a programme are held until somebody has read them."""
    require_coordination(request, programme)
    with runtime_of(request).read() as db:
        chosen = store.held.choices(db, programme)
    items = [
        HeldTemplate(
            template=one, held=is_held(one, chosen), always_at_once=why_at_once(one) is not None
        )
        for one in Template
    ]
    return HeldTemplates(items=items, total=len(items))


@router.put("/held-templates/{programme}/{template}", status_code=204)
def choose(
    request: Request, _: Coordinator, programme: str, template: Template, body: HoldBody
) -> Response:
    """Hold the letters of a template, or let them leave at once; those held stay held."""
    require_coordination(request, programme)
    return command(request, lambda work: outbox.choose(work, programme, template, held=body.held))
