"""The parties of a group that applies together, beside its lead, who sends and signs in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from candidatures.field_reader import Content, FieldReader

MOST_PARTIES = 8
_PARTS = ("name", "email", "role")


@dataclass(frozen=True)
class Party:
    """`role` is what it does in the project."""

    name: str
    email: str
    role: str = ""


def party_field(nth: int, part: str) -> str:
    """The field of a part of the nth party, from 1."""
    return f"party-{nth}-{part}"


PARTY_FIELDS = tuple(
    party_field(nth, part) for nth in range(1, MOST_PARTIES + 1) for part in _PARTS
)


def parties_in(content: Content) -> list[Party]:
    """Those of whom something is written, right or wrong."""
    found = (
        Party(*(content.get(party_field(nth, part), "") for part in _PARTS))
        for nth in range(1, MOST_PARTIES + 1)
    )
    return [one for one in found if one.name or one.email or one.role]


def fields_of_parties(parties: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """What a list of parties writes in the fields."""
    for nth, party in enumerate(parties, 1):
        for part in _PARTS:
            yield party_field(nth, part), party.get(part) or ""


def check_parties(reader: FieldReader) -> None:
    """Each party has its name and an address; what is wrong goes to `reader`."""
    for nth in range(1, MOST_PARTIES + 1):
        name, email, role = (party_field(nth, part) for part in _PARTS)
        if any(reader.content.get(field, "").strip() for field in (name, email, role)):
            reader.line(name)
            reader.email(email)
            reader.line(role, required=False)
