"""What the pages of a committee share: how the coordination acts on a call, and what they say."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from essaim import Person, Refusal, Work
from essaim.text.departments import department_name
from essaim.web import act, render
from fastapi import Request, Response
from starlette.datastructures import FormData

from candidatures.access import coordinated_call
from candidatures.application import unknown_application
from candidatures.call import Call
from candidatures.pages.committee import decision_words


def steer(
    request: Request,
    slug: str,
    form: FormData,
    command: Callable[[Work], Any],
    *,
    done: Callable[[Any], Response],
    again: Callable[[Request, str, Refusal], Response],
) -> Response:
    """Act for whoever coordinates a call; what she can correct is shown `again` on its page.

    `done` answers what the command gave, as plain JSON data.
    """

    def steering(work: Work) -> Any:
        coordinated_call(request, work.db, slug)
        return command(work)

    return act_or_again(
        request, form, steering, done=done, again=lambda refusal: again(request, slug, refusal)
    )


def act_or_again(
    request: Request,
    form: FormData,
    command: Callable[[Work], Any],
    *,
    done: Callable[[Any], Response],
    again: Callable[[Refusal], Response],
) -> Response:
    try:
        result = act(request, form, command)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        return again(refusal)
    return done(result)


def show(
    request: Request, template: str, call: Call, refusal: Refusal | None = None, **words: Any
) -> Response:
    """A page of a call, with the words of its decisions."""
    return render(
        request,
        template,
        refusal=refusal,
        call=call,
        department_name=department_name,
        **decision_words(call),
        **words,
    )


def by_name(people: Iterable[Person]) -> list[Person]:
    return sorted(people, key=lambda one: one.name.casefold())


def id_in(text: str) -> UUID:
    """The id in a field's name or value.

    Raises:
        Refusal: (404) it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise unknown_application() from None
