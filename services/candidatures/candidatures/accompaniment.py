"""Who accompanies a project, as scheduling says it: those who may read its page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.person import Person
from essaim_contracts.scheduling import BESIDE, PairingKind, SessionHeld, SessionPlanned


@dataclass(frozen=True)
class Accompaniment:
    """An organisation beside a project. `kind` is None when it gives, or gave, a session of it.

    `source_id` is the pairing or the session; `person_id` who acts for it, when she was named;
    `alone_id` the person it is, who then needs no role to act for it.
    """

    source_id: UUID
    project_id: UUID
    organisation_id: UUID
    person_id: UUID | None
    kind: PairingKind | None
    alone_id: UUID | None = None


def given_by(session: SessionPlanned | SessionHeld) -> list[Accompaniment]:
    """Who gives the hours of a session, beside each of its projects."""
    return [
        Accompaniment(session.session_id, project_id, session.provider_id, None, None)
        for project_id in session.project_ids
        if session.provider_id is not None
    ]


def accompanies(
    person: Person, programme: str, beside: Iterable[Accompaniment], today: date
) -> bool:
    """Whether she acts, today, for one of those beside a project of this programme."""
    return any(_acts(person, programme, one, today) for one in beside)


def _acts(person: Person, programme: str, one: Accompaniment, today: date) -> bool:
    roles = BESIDE[one.kind]
    is_named = one.person_id == person.id and person.holds(roles, today, programme)
    return (
        is_named
        or one.alone_id == person.id
        or person.acts_for(one.organisation_id, roles, today, programme)
    )
