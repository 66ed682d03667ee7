"""Forms: what was submitted, and a pydantic model of it with one message per field."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar, get_origin

from fastapi import Request
from pydantic import BeforeValidator, ValidationError
from pydantic_core import PydanticKnownError
from starlette.datastructures import FormData

from essaim.refusal import Refusals
from essaim.text.bounded import near
from essaim.text.file_values import in_paris_or_refused
from essaim.web.validation import refusal_of_error
from essaim.web.written import Body, cleaned_form

M = TypeVar("M", bound=Body)
_OURS = {"csrf_token", "command_key"}


async def submitted(request: Request) -> AsyncIterator[FormData]:
    """The form of a request, its texts cleaned: `form: FormData = Depends(submitted)`.

    Its files are closed once the answer is made.
    """
    async with request.form() as form:
        yield cleaned_form(form)


def read_form(form: FormData, model: type[M]) -> M:
    """The model a form fills. An empty answer counts as none; list fields take every answer.

    Raises:
        Refusals: (422) what is wrong, field by field.
    """
    try:
        return model.model_validate(_values(form, model))
    except ValidationError as error:
        raise Refusals([refusal_of_error(dict(one)) for one in error.errors()]) from error


def _values(form: FormData, model: type[Body]) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for name in form.keys() - _OURS:
        field = model.model_fields.get(name)
        if field is not None and get_origin(field.annotation) in (list, set, tuple, frozenset):
            values[name] = [answer for answer in form.getlist(name) if answer != ""]
        elif form[name] != "":
            values[name] = form[name]
    return values


def _in_paris(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise PydanticKnownError("datetime_type") from error
    near(instant)
    return instant if instant.tzinfo else in_paris_or_refused(instant)


ParisInstant = Annotated[datetime, BeforeValidator(_in_paris)]
"""An instant typed into `<input type="datetime-local">`: a time that clocks in Paris show once."""
