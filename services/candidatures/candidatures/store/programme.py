"""Programmes, their organisations, editions and the persons their files name."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import stable_id
from essaim.text.collation import order_key
from essaim_contracts.candidatures import Commitment

from candidatures.partner import PartnerStatus, Term
from candidatures.programme import Edition, Organisation, Programme, unknown_programme
from candidatures.store.metadata import metadata

programme = sa.Table(
    "programme",
    metadata,
    sa.Column("slug", sa.String(60), primary_key=True),
    sa.Column("name", sa.String(300), nullable=False),
    sa.Column("steward_id", sa.Uuid, nullable=False),
    sa.Column("sectors", sa.JSON, nullable=False),
    sa.Column("heard_from", sa.JSON, nullable=False),
    sa.Column("tracks", sa.JSON, nullable=False),
    sa.Column("departments", sa.JSON, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
    sa.Column("contact_email", sa.String(320)),
    sa.Column("contact_phone", sa.String(300)),
    sa.Column("rules", sa.String(500)),
    sa.Column("privacy", sa.String(500)),
)

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("name", sa.String(300)),
    sa.Column("person_id", sa.Uuid),
    sa.Column("legal_form", sa.String(60)),
    sa.Column("department", sa.String(3)),
    sa.Column("commitments", sa.JSON, nullable=False),
    sa.Column("joined_on", sa.Date, nullable=False),
    sa.Column("invented", sa.Boolean, nullable=False),
    # Confirmed where an earlier release said nothing.
    sa.Column("status", sa.String(20)),
    sa.Column("left_on", sa.Date),
    sa.Column("terms", sa.JSON),
)

# Which person of the directory a programme file means by a code, and what it said of her last.
programme_person = sa.Table(
    "programme_person",
    metadata,
    sa.Column("programme", sa.String(60), primary_key=True),
    sa.Column("code", sa.String(60), primary_key=True),
    sa.Column("person_id", sa.Uuid, nullable=False),
    sa.Column("entry", sa.JSON, nullable=False),
)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("programme", sa.String(60), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
)


def find(db: sa.Connection, slug: str) -> Programme | None:
    row = db.execute(_programmes().where(programme.c.slug == slug)).one_or_none()
    return Programme(**row._mapping) if row else None


def get(db: sa.Connection, slug: str) -> Programme:
    """
    Raises:
        Refusal: (404) there is no such programme.
    """
    found = find(db, slug)
    if found is None:
        raise unknown_programme(slug)
    return found


def lock(db: sa.Connection, slug: str) -> None:
    """Nobody else sets this programme up until we commit."""
    db.execute(sa.select(programme.c.slug).where(programme.c.slug == slug).with_for_update())


def every(db: sa.Connection) -> list[Programme]:
    """Every programme, by name."""
    found = [Programme(**row._mapping) for row in db.execute(_programmes())]
    return sorted(found, key=lambda one: order_key(one.name))


def _programmes() -> sa.Select[Any]:
    return sa.select(*(programme.c[field.name] for field in fields(Programme)))


def filed(db: sa.Connection, people: Collection[UUID]) -> dict[UUID, set[str]]:
    """The programmes whose files name, or named, each of these persons."""
    found: dict[UUID, set[str]] = {}
    query = sa.select(programme_person.c.person_id, programme_person.c.programme)
    for row in db.execute(query.where(programme_person.c.person_id.in_(people))):
        found.setdefault(row.person_id, set()).add(row.programme)
    return found


def entered_by(db: sa.Connection, slug: str) -> set[UUID]:
    """The persons whom files of a programme brought into the directory."""
    query = sa.select(programme_person.c.code, programme_person.c.person_id)
    rows = db.execute(query.where(programme_person.c.programme == slug))
    return {row.person_id for row in rows if row.person_id == stable_id(slug, "person", row.code)}


def people_of(db: sa.Connection, slug: str) -> dict[str, UUID]:
    """The persons whom a programme names, by their codes."""
    query = sa.select(programme_person.c.code, programme_person.c.person_id)
    rows = db.execute(query.where(programme_person.c.programme == slug))
    return {row.code: row.person_id for row in rows}


def editions_of(db: sa.Connection, slug: str) -> list[Edition]:
    """The editions of a programme, the last one first."""
    query = sa.select(edition).where(edition.c.programme == slug)
    rows = db.execute(query.order_by(edition.c.number.desc()))
    return [Edition(**row._mapping) for row in rows]


def find_edition(db: sa.Connection, slug: str, number: int) -> Edition | None:
    found = (one for one in editions_of(db, slug) if one.number == number)
    return next(found, None)


def edition_of(db: sa.Connection, edition_id: UUID) -> Edition | None:
    row = db.execute(sa.select(edition).where(edition.c.id == edition_id)).one_or_none()
    return Edition(**row._mapping) if row else None


def organisations_of(db: sa.Connection, slug: str) -> list[Organisation]:
    """The organisations of a programme, by code."""
    columns = [organisation.c[field.name] for field in fields(Organisation)]
    query = sa.select(*columns).where(organisation.c.programme == slug)
    rows = sorted(db.execute(query), key=lambda row: order_key(row.code))
    return [_organisation(row) for row in rows]


def _organisation(row: Any) -> Organisation:
    terms = tuple(Term.model_validate(one) for one in row.terms or ())
    status = PartnerStatus(row.status or PartnerStatus.CONFIRMED)
    values = {"commitments": tuple(row.commitments), "status": status, "terms": terms}
    return Organisation(**{**row._mapping, **values})


def stewards_of(db: sa.Connection, slug: str) -> list[str]:
    """The names of the organisations that carry a programme."""
    return [
        one.name
        for one in organisations_of(db, slug)
        if one.name and Commitment.STEWARD in one.commitments
    ]


def find_organisation(db: sa.Connection, slug: str, code: str) -> Organisation | None:
    found = (one for one in organisations_of(db, slug) if one.code == code)
    return next(found, None)
