"""Programmes, and what came of importing their files."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.text.file_errors import WrongFile
from essaim.text.languages import Tongue
from essaim.web.problems import TITLES, FieldError, Problem
from pydantic import BaseModel, Field

from candidatures import store
from candidatures.call import Call
from candidatures.partner import Term
from candidatures.programme import Edition, Programme
from candidatures.schemas.call import CallAnswer, call_answer
from candidatures.schemas.trophy import PrizeAnswer, prize_answer, trophy_item
from candidatures.trophy import pledge_total


class ImportAnswer(BaseModel):
    programme: str
    changes: list[dict[str, str]]
    unchanged: int
    drafts: list[dict[str, Any]] = Field(default=[])
    """Of each call whose drafts feel it: `{call, more: {field: drafts}, lost: {field: drafts}}`."""


class OrganisationAnswer(BaseModel):
    id: UUID
    code: str
    name: str | None
    person_id: UUID | None
    legal_form: str | None
    commitments: list[str]
    joined_on: date
    status: str
    left_on: date | None
    terms: list[Term]


class EditionAnswer(BaseModel):
    id: UUID
    number: int
    year: int
    calls: list[CallAnswer]
    deliverables: list[dict[str, object]]
    prizes: list[PrizeAnswer]
    prizes_pledged_eur: int
    trophies: list[dict[str, object]]


class ProgrammeAnswer(BaseModel):
    slug: str
    name: str
    steward_id: UUID
    contact_email: str | None
    contact_phone: str | None
    rules: str | None
    privacy: str | None
    organisations: list[OrganisationAnswer]
    editions: list[EditionAnswer]


class PlacedError(FieldError):
    """`field` is the path in the file, as in editions.0.calls.1.slug."""

    line: int
    column: int


class FileProblem(Problem):
    """A programme file that was not imported, with every error in the order of lines."""

    errors: list[PlacedError]  # type: ignore[assignment]


def programme_answer(db: sa.Connection, programme: Programme, now: datetime) -> ProgrammeAnswer:
    """What anybody may know of a programme: no person of it."""
    calls = store.call.every(db)
    return ProgrammeAnswer(
        slug=programme.slug,
        name=programme.name,
        steward_id=programme.steward_id,
        contact_email=programme.contact_email,
        contact_phone=programme.contact_phone,
        rules=programme.rules,
        privacy=programme.privacy,
        organisations=[
            OrganisationAnswer.model_validate(one, from_attributes=True)
            for one in store.programme.organisations_of(db, programme.slug)
        ],
        editions=[
            _edition(db, edition, calls, now)
            for edition in store.programme.editions_of(db, programme.slug)
        ],
    )


def _edition(
    db: sa.Connection, edition: Edition, calls: list[Call], now: datetime
) -> EditionAnswer:
    prizes = store.trophy.prizes_of(db, edition.id)
    return EditionAnswer(
        id=edition.id,
        number=edition.number,
        year=edition.year,
        calls=[call_answer(call, now) for call in calls if call.edition_id == edition.id],
        deliverables=[
            {"kind": due.kind.value, "label": due.label.fr, "due_on": due.due_on}
            for due in store.deliverable.of_edition(db, edition.id)
        ],
        prizes=[prize_answer(prize) for prize in prizes],
        prizes_pledged_eur=pledge_total(prizes),
        trophies=[trophy_item(one) for one in store.trophy.of_edition(db, edition.id)],
    )


def file_problem(wrong: WrongFile, _: Tongue) -> FileProblem:
    """The errors of a programme file, in the reader's language."""
    errors = [
        PlacedError(
            field=error.path, line=error.line, column=error.column, message=_.refusal(error.why)
        )
        for error in wrong.errors
    ]
    return FileProblem(
        title=_(TITLES[422]),
        status=422,
        detail=_(
            "Rien n’est importé. Erreurs du fichier : {count}. La première, ligne {line} : "
            "{message}",
            count=len(errors),
            line=errors[0].line,
            message=errors[0].message,
        ),
        code="wrong_programme_file",
        errors=errors,
    )
