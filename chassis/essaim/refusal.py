"""A request we refuse: what is wrong, with the values, and what to do, in the reader's language."""

from typing import Any


class Refusal(Exception):
    """Raised by a decision that cannot grant a request.

    `message` is the French sentence with `{named}` places, the msgid of its translations;
    `values` fills them. `field` names the form field it concerns. `status` is the HTTP status:
    409 for a state that forbids it, 422 for a wrong value, 403 for a missing right, 404, 413.
    """

    def __init__(
        self, code: str, message: str, *, field: str | None = None, status: int = 409, **values: Any
    ) -> None:
        super().__init__(message.format(**values))
        self.code = code
        self.message = message
        self.values = values
        self.field = field
        self.status = status

    @property
    def all(self) -> "tuple[Refusal, ...]":
        return (self,)


class Refusals(Refusal):
    """Several refusals of one request, for instance one for each field of a form."""

    def __init__(self, refusals: "list[Refusal]") -> None:
        first = refusals[0]
        super().__init__(
            first.code, first.message, field=first.field, status=first.status, **first.values
        )
        self._all = tuple(refusals)

    @property
    def all(self) -> tuple[Refusal, ...]:
        return self._all
