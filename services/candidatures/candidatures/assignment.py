"""Who of the committee reads which applications: given by hand, or spread so that all read as much.

Whoever is given nothing scores what she likes; what a conflict keeps from her is never given.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from essaim import Person, Refusal

from candidatures.conflict import Conflict


@dataclass(frozen=True)
class Reader:
    """A member of the committee: what she reads already, and what a conflict keeps from her."""

    person_id: UUID
    reads: frozenset[UUID]
    barred: frozenset[UUID]


@dataclass(frozen=True)
class Given:
    """An application and the member who is to score it."""

    application_id: UUID
    reader_id: UUID


@dataclass(frozen=True)
class Spread:
    """`short` are the applications for which there are not enough members without a conflict."""

    given: Sequence[Given]
    short: Sequence[UUID]


def spread(applications: Sequence[UUID], readers: Sequence[Reader], each: int) -> Spread:
    """Give until every application has `each` readers; whoever reads least is given the next."""
    loads = {one.person_id: len(one.reads) for one in readers}
    given: list[Given] = []
    short = []
    # What few may read comes first, so that they are not busy with what all may.
    for id in sorted(applications, key=lambda id: sum(id not in one.barred for one in readers)):
        wanted = each - sum(id in one.reads for one in readers)
        free = [one for one in readers if id not in one.reads | one.barred]
        chosen = sorted(free, key=lambda one: loads[one.person_id])[: max(0, wanted)]
        for one in chosen:
            loads[one.person_id] += 1
            given.append(Given(id, one.person_id))
        if len(chosen) < wanted:
            short.append(id)
    return Spread(given, short)


@dataclass(frozen=True)
class Assigned:
    """What came of an act: how much was given and taken back, and what could not be given."""

    given: int
    taken_back: int
    skipped: int
    """Kept from their reader by a conflict, or scored by nobody else for want of members."""


@dataclass(frozen=True)
class ReaderCounts:
    """How many applications a member was given, and how many of these she has scored."""

    given: int = 0
    scored: int = 0


@dataclass(frozen=True)
class MemberState:
    """A member of the committee before an application, as the coordination sees her.

    `pinned` is what the coordination said of a conflict; None where it said nothing.
    """

    person: Person
    is_given: bool
    has_scored: bool
    conflict: Conflict | None
    pinned: bool | None


def refuse_strangers(asked: Collection[UUID], members: Collection[UUID]) -> None:
    """
    Raises:
        Refusal: (422) somebody is not of the committee.
    """
    if not set(asked) <= set(members):
        raise not_a_member()


# --- refusals


def not_a_member() -> Refusal:
    return Refusal(
        "not_a_member",
        "Cette personne n’est pas membre du comité de sélection de ce programme. Donnez-lui "
        "d’abord ce rôle.",
        field="reader_id",
        status=422,
    )


def no_members() -> Refusal:
    return Refusal(
        "no_members",
        "Ce programme n’a aucun membre du comité de sélection. Donnez d’abord ce rôle à quelqu’un.",
    )
