"""Parameters that a list keeps in its addresses."""

from dataclasses import dataclass

from essaim.web import Search


@dataclass(frozen=True)
class Kept(Search):
    """A parameter that says which list this is: kept in its addresses, no condition of its own."""

    described = ""

    def condition(self, value: str) -> None:
        return None
