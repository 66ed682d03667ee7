"""The JSON API: editions, figures, the facts behind them, a project's time line."""

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from essaim import Person
from essaim.web import SignedIn, allowed, gettext_of, runtime_of, takes
from fastapi import APIRouter, Depends, Query, Request

from reporting.access import (
    READERS,
    ask,
    ask_project,
    readable_editions,
    readable_programmes,
    reader_of,
)
from reporting.exports.summary import summary
from reporting.facts.catalogue import sentence
from reporting.figures import figures_of
from reporting.indicators.catalogue import find_indicator
from reporting.lists.evidence import EVIDENCE, evidence_list, load_evidence
from reporting.lists.timeline import FACTS, TIMELINE, facts_list, timeline_list
from reporting.schemas import (
    EditionAnswer,
    EditionsAnswer,
    EvidenceListAnswer,
    FactAnswer,
    FactsAnswer,
    FiguresAnswer,
    MomentAnswer,
    TimelineAnswer,
    evidence_answer,
    fact_fields,
    figures_answer,
)
from reporting.store.timeline import entry_of, timeline

router = APIRouter()

AsOf = Annotated[
    str, Query(description="A day, 2020-06-30: figures as known at its end. Empty: as known now.")
]


@router.get("/api/editions")
def list_editions(request: Request, _: SignedIn) -> EditionsAnswer:
    """The editions whose figures you may read, the latest first."""
    with runtime_of(request).read() as db:
        items = [
            EditionAnswer.model_validate(edition, from_attributes=True)
            for edition in readable_editions(request, db)
        ]
    return EditionsAnswer(items=items, total=len(items))


@router.get("/api/editions/{edition_id}/figures")
def list_figures(
    request: Request, _: SignedIn, edition_id: UUID, as_of: AsOf = ""
) -> FiguresAnswer:
    """Every figure of an edition, with its formula and its parts."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = figures_of(db, asked.scope)
    return figures_answer(asked, figures, gettext_of(request))


@router.get("/api/editions/{edition_id}/summary")
def summarise(request: Request, _: SignedIn, edition_id: UUID, as_of: AsOf = "") -> dict[str, Any]:
    """The main figures of an edition under short keys."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        figures = figures_of(db, asked.scope)
    return summary(figures)


@router.get(
    "/api/editions/{edition_id}/evidence/{indicator}", dependencies=[Depends(takes(EVIDENCE))]
)
def list_evidence(
    request: Request,
    _: SignedIn,
    edition_id: UUID,
    indicator: str,
    as_of: AsOf = "",
    part: Annotated[str | None, Query(description="One part of the figure.")] = None,
) -> EvidenceListAnswer:
    """The facts behind a figure: their amounts add up to it."""
    with runtime_of(request).read() as db:
        asked = ask(request, db, edition_id, as_of)
        evidence = evidence_list(find_indicator(indicator), asked.scope, part, asked.reader)
        found = evidence.listing.page(request, db, evidence.query)
        items = [evidence_answer(one, asked.reader) for one in load_evidence(db, found.rows)]
    return EvidenceListAnswer(items=items, total=found.total)


@router.get("/api/projects/{project_id}/timeline", dependencies=[Depends(takes(TIMELINE))])
def list_project_timeline(request: Request, _: SignedIn, project_id: UUID) -> TimelineAnswer:
    """Every fact about a project, whoever said it, in the order of the stream."""
    _words = gettext_of(request)
    with runtime_of(request).read() as db:
        asked = ask_project(request, db, project_id)
        facts = timeline_list(project_id, runtime_of(request).consortium.titles)
        found = facts.listing.page(request, db, facts.query)
    items = [
        MomentAnswer(
            **fact_fields(entry, asked.reader),
            sentence=sentence(entry.type, entry.body, _words, asked.names),
        )
        for entry in map(entry_of, found.rows)
    ]
    return TimelineAnswer(items=items, total=found.total)


@router.get("/api/facts", dependencies=[Depends(takes(FACTS))])
def list_facts(
    request: Request,
    type: Annotated[str, Query(description="A CloudEvents type; empty for all.")] = "",
    after: Annotated[int, Query(ge=0, le=2**53, description="Only facts beyond this place.")] = 0,
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
    readers = {slug: reader_of(request, slug) for slug in {row.programme for row in found.rows}}
    items = [FactAnswer(**fact_fields(entry_of(row), readers[row.programme])) for row in found.rows]
    return FactsAnswer(items=items, total=found.total)
