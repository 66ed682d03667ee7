"""What a request asks for, and whether the person who asks may see it."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from essaim import Person, Refusal, Role
from essaim.web import may, require, today_of
from essaim_contracts.scheduling import BESIDE
from fastapi import Request

from reporting.names import Names, names_of
from reporting.reader import Reader
from reporting.scope import Scope, day_of
from reporting.store.accompaniment import Beside, bears, load_beside
from reporting.store.call import Edition, load_calls, load_editions
from reporting.store.partner import load_organisation_names
from reporting.store.project import last_edition_of
from reporting.store.session import load_session_titles

READERS = (Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER)
"""Who reads the figures of a programme; an operator always may."""


@dataclass(frozen=True)
class Asked:
    """An edition that the visitor may read, and the day she asks about.

    `is_whole` is false when she may read one of its projects alone.
    """

    edition: Edition
    scope: Scope
    names: Names
    reader: Reader
    is_whole: bool = True


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
    reader = reader_of(request, edition.programme)
    return _asked(db, edition, reader, day_of(as_of), sentences=sentences)


def ask_project(request: Request, db: sa.Connection, project_id: UUID) -> Asked:
    """The edition of a project, for who reads its programme, bears it or accompanies it.

    Raises:
        Refusal: no fact is about this project (404), or it is none of hers (403).
        SignInNeeded: nobody is signed in.
    """
    person = require(request)
    edition = find_edition(db, edition_of_project(db, project_id))
    is_whole = may(request, *READERS, programme=edition.programme)
    if not is_whole and not _is_near(db, person, edition.programme, project_id, today_of(request)):
        require(request, *READERS, programme=edition.programme)
    reader = reader_of(request, edition.programme)
    return replace(_asked(db, edition, reader, None, sentences=True), is_whole=is_whole)


def reader_of(request: Request, programme: str | None = None) -> Reader:
    """What the visitor sees of the facts of a programme, or of all those she reads.

    The committee scores blind: a mean stays with the coordination and, once decided, who funds.
    """
    return Reader(
        sees_persons=may(request, Role.COORDINATOR, Role.COMMITTEE_MEMBER, programme=programme),
        sees_scores=may(request, Role.COORDINATOR, Role.FUNDER, programme=programme),
    )


def _is_near(
    db: sa.Connection, person: Person, programme: str, project_id: UUID, today: date
) -> bool:
    """Whether she bears this project, or acts today for one of those beside it."""
    if bears(db, project_id, person.id):
        return True
    return any(_acts(person, programme, one, today) for one in load_beside(db, project_id))


def _acts(person: Person, programme: str, one: Beside, today: date) -> bool:
    roles = BESIDE[one.kind]
    is_named = one.person_id == person.id and person.holds(roles, today, programme)
    return (
        is_named
        or one.alone_id == person.id
        or person.acts_for(one.organisation_id, roles, today, programme)
    )


def _asked(
    db: sa.Connection, edition: Edition, reader: Reader, as_of: date | None, *, sentences: bool
) -> Asked:
    scope = Scope(edition.id, edition.programme, as_of)
    sessions = load_session_titles(db, edition.id) if sentences else {}
    calls = load_calls(db, edition.programme)
    names = names_of(load_organisation_names(db), sessions, calls)
    return Asked(edition, scope, names, reader)


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
