"""The JSON API: editions, figures, the facts behind them, a project's time line."""

import json
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from essaim.person import Person
from essaim.web import allowed, gettext_of, runtime_of
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from reporting.asking import READERS, ask, readable_editions, readable_programmes
from reporting.catalogue import find_indicator
from reporting.editions import Edition
from reporting.evidence import Evidence, details, evidence_list, facts_list
from reporting.export import figures_document
from reporting.projects import edition_of_project, timeline_list
from reporting.remembering import current_figures
from reporting.sentences import sentence
from reporting.store import timeline
from reporting.summary import summary
from reporting.writing import NOT_SAID

router = APIRouter()

AsOf = Annotated[
    str, Query(description="A day, 2020-06-30: figures as known at its end. Empty: as known now.")
]
Page = Annotated[int, Query(ge=1, description="Which page of the list, from 1.")]
Size = Annotated[int, Query(ge=1, le=500, description="How many items a page has.")]


class EditionAnswer(BaseModel):
    """One yearly run of a programme, with its last call."""

    id: UUID
    programme: str
    number: int
    year: int
    call_title: str
    places: int | None
    opens_at: datetime
    closes_at: datetime


class EditionsAnswer(BaseModel):
    items: list[EditionAnswer]
    total: int


class EditionName(BaseModel):
    """`name` is in the language of the answer."""

    id: UUID
    programme: str
    number: int
    year: int
    name: str


class PartAnswer(BaseModel):
    """A part of a figure. `part` selects its evidence; `-` stands for what was not said."""

    part: str
    label: str
    value: int
    facts: int


class FigureAnswer(BaseModel):
    """A figure. `value` is in `unit` (a share of 1 for percent); None when there is none.

    `facts` counts its rows of evidence; None for a ratio, which has those of two other figures.
    """

    section: str
    indicator: str
    label: str
    formula: str
    unit: str
    value: int | float | None
    facts: int | None
    parts: list[PartAnswer]


class FiguresAnswer(BaseModel):
    """`stream_seq` is the place in the stream of the last fact the figures rest on."""

    edition: EditionName
    as_of: date | None
    stream_seq: int
    items: list[FigureAnswer]
    total: int


class FactAnswer(BaseModel):
    """A fact as it was heard: its envelope, its payload in `data`, its place in the stream."""

    id: str
    seq: int
    time: datetime
    type: str
    programme: str
    service: str
    key: UUID
    edition_id: UUID | None
    actor: UUID | None
    correlation: str
    causation: str | None
    data: dict[str, Any]


class FactsAnswer(BaseModel):
    items: list[FactAnswer]
    total: int


class EvidenceAnswer(BaseModel):
    """A fact that a figure counts, for `amount` of the figure's unit, in `part` of it."""

    fact_id: str
    seq: int
    time: datetime
    type: str
    service: str
    key: UUID
    project_id: UUID | None
    project: str | None
    part: str
    amount: int
    data: dict[str, Any]


class EvidenceListAnswer(BaseModel):
    items: list[EvidenceAnswer]
    total: int


class MomentAnswer(FactAnswer):
    """A fact about a project, told in one sentence of the language of the answer."""

    sentence: str


class TimelineAnswer(BaseModel):
    items: list[MomentAnswer]
    total: int


@router.get("/api/editions")
def list_editions(request: Request, _: Person = Depends(allowed())) -> EditionsAnswer:
    """The editions whose figures you may read, the latest first."""
    with runtime_of(request).read() as db:
        items = [_edition(edition) for edition in readable_editions(request, db)]
    return EditionsAnswer(items=items, total=len(items))


@router.get("/api/editions/{edition_id}/figures")
def list_figures(
    request: Request, edition_id: UUID, as_of: AsOf = "", _: Person = Depends(allowed())
) -> FiguresAnswer:
    """Every figure of an edition, with its formula and its parts."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = current_figures(db, asked.scope)
    document = figures_document(asked, figures, gettext_of(request))
    return FiguresAnswer(**document, total=len(document["items"]))


@router.get("/api/editions/{edition_id}/summary")
def summarise(
    request: Request, edition_id: UUID, as_of: AsOf = "", _: Person = Depends(allowed())
) -> dict[str, Any]:
    """The main figures of an edition under short keys."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = current_figures(db, asked.scope)
    return summary(figures)


@router.get("/api/editions/{edition_id}/evidence/{indicator}")
def list_evidence(
    request: Request,
    edition_id: UUID,
    indicator: str,
    as_of: AsOf = "",
    part: Annotated[str | None, Query(description="One part of the figure.")] = None,
    page: Page = 1,
    size: Size = 50,
    _: Person = Depends(allowed()),
) -> EvidenceListAnswer:
    """The facts behind a figure: their amounts add up to it."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        evidence = evidence_list(find_indicator(indicator), asked.scope, part)
        found = evidence.listing.page(request, db, evidence.query)
        items = [_evidence(one) for one in details(db, found.rows)]
    return EvidenceListAnswer(items=items, total=found.total)


@router.get("/api/projects/{project_id}/timeline")
def list_project_timeline(
    request: Request,
    project_id: UUID,
    page: Page = 1,
    size: Size = 200,
    _: Person = Depends(allowed()),
) -> TimelineAnswer:
    """Every fact about a project, whoever said it, in the order of the stream."""
    _words = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_of_project(db, project_id), sentences=True)
        facts = timeline_list(project_id, runtime_of(request).consortium.titles)
        found = facts.listing.page(request, db, facts.query)
    items = [
        MomentAnswer(**_fact(row), sentence=sentence(row.type, row.body, _words, asked.names))
        for row in found.rows
    ]
    return TimelineAnswer(items=items, total=found.total)


@router.get("/api/facts")
def list_facts(
    request: Request,
    type: Annotated[str, Query(description="A CloudEvents type; empty for all.")] = "",
    after: Annotated[int, Query(ge=0, description="Only facts beyond this place.")] = 0,
    page: Page = 1,
    size: Size = 50,
    person: Person = Depends(allowed(*READERS)),
) -> FactsAnswer:
    """The facts heard in the programmes you may read, in the order of the stream."""
    facts = facts_list(type, after)
    programmes = readable_programmes(request, person)
    query: sa.Select[Any] = facts.query
    if programmes is not None:
        query = query.where(timeline.c.programme.in_(programmes))
    with runtime_of(request).read() as db:
        found = facts.listing.page(request, db, query)
    items = [FactAnswer(**_fact(row)) for row in found.rows]
    return FactsAnswer(items=items, total=found.total)


def _edition(edition: Edition) -> EditionAnswer:
    return EditionAnswer.model_validate(edition, from_attributes=True)


def _fact(row: Any) -> dict[str, Any]:
    return {
        "id": row.fact_id,
        "seq": row.seq,
        "time": row.at,
        "type": row.type,
        "programme": row.programme,
        "service": row.owner,
        "key": row.key,
        "edition_id": row.edition_id,
        "actor": row.actor,
        "correlation": row.correlation,
        "causation": row.causation,
        "data": json.loads(row.body),
    }


def _evidence(one: Evidence) -> EvidenceAnswer:
    return EvidenceAnswer(
        fact_id=one.fact_id,
        seq=one.seq,
        time=one.at,
        type=one.type,
        service=one.owner,
        key=one.key,
        project_id=one.project_id,
        project=one.project,
        part=one.part or NOT_SAID,
        amount=one.amount,
        data=json.loads(one.body),
    )
