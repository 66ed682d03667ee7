"""A fact that speaks of what no fact told us of."""

from uuid import UUID


class NotHeardOf(LookupError):
    """A fact speaks of a thing whose own fact was never handled here."""

    def __init__(self, what: str, id: UUID) -> None:
        super().__init__(
            f"This service has not heard of the {what} {id}. The fact that tells of it may be "
            "among the dead ones: `essaim dead list`, retry that one first, then this one."
        )
