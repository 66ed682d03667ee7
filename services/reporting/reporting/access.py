"""What a request asks for, and whether the person who asks may see it."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Refusal, Role
from essaim.web import may, require, today_of
from fastapi import Request

from reporting.names import Names, names_of
from reporting.scope import Scope, day_of
from reporting.store.call import Edition, load_calls, load_editions
from reporting.store.partner import load_organisation_names
from reporting.store.project import last_edition_of
from reporting.store.session import load_session_titles

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)
"""Who reads the figures of a programme; an operator always may."""


@dataclass(frozen=True)
class Asked:
    """An edition that the visitor may read, and the day she asks about."""

    edition: Edition
    scope: Scope
    names: Names


def ask(
    request: Request,
    db: sa.Connection,
    edition_id: UUID,
    as_of: str | None = None,
    *,
    sentences: bool = False,
) -> Asked:
    """`sentences` says that sentences are to be written, which name sessions.

    Raises:
        Refusal: the edition is unknown (404), the visitor may not read it (403), or `as_of` is
            no day (422).
        SignInNeeded: nobody is signed in.
    """
    require(request)
    edition = find_edition(db, edition_id)
    require(request, *READERS, programme=edition.programme)
    scope = Scope(edition.id, edition.programme, day_of(as_of))
    sessions = load_session_titles(db, edition.id) if sentences else {}
    calls = load_calls(db, edition.programme)
    names = names_of(load_organisation_names(db), sessions, calls)
    return Asked(edition, scope, names)


def readable_editions(request: Request, db: sa.Connection) -> list[Edition]:
    """The editions of the programmes the visitor may read, the latest first."""
    return [
        edition
        for edition in load_editions(db)
        if may(request, *READERS, programme=edition.programme)
    ]


def readable_programmes(request: Request, person: Person) -> set[str] | None:
    """The programmes the person may read; None when she may read all of them."""
    today = today_of(request)
    if person.holds({Role.OPERATOR}, today):
        return None
    held = {role.programme for role in person.roles}
    return {slug for slug in held if person.holds(set(READERS), today, slug)}


def find_edition(db: sa.Connection, edition_id: UUID) -> Edition:
    """
    Raises:
        Refusal: (404) no call of this edition has opened yet.
    """
    for edition in load_editions(db):
        if edition.id == edition_id:
            return edition
    raise unknown_edition()


def edition_of_project(db: sa.Connection, project_id: UUID) -> UUID:
    """The last edition a fact about this project belongs to.

    Raises:
        Refusal: (404) no fact is about this project.
    """
    edition_id = last_edition_of(db, project_id)
    if edition_id is None:
        raise unknown_project()
    return edition_id


def unknown_edition() -> Refusal:
    return Refusal(
        "unknown_edition",
        "Aucun appel de cette édition n’est connu ici. Vérifiez l’adresse, ou attendez quelques "
        "secondes si l’appel vient d’être ouvert.",
        status=404,
    )


def unknown_project() -> Refusal:
    return Refusal(
        "unknown_project",
        "Aucun fait connu ne parle de ce projet. Vérifiez l’adresse, ou repartez de la liste "
        "des projets de l’édition.",
        status=404,
    )
