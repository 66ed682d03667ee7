"""The bodies of the JSON API."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from essaim.text.languages import Tongue
from pydantic import BaseModel, Field

from reporting.access import Asked
from reporting.figures import NOT_SAID, Figures
from reporting.heading import edition_name
from reporting.lists.evidence import Evidence
from reporting.reader import Reader
from reporting.store.timeline import Entry
from reporting.written_figure import WrittenFigure, WrittenSection, write_figures


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
    key: UUID | None = Field(description="What it is about; null for a person you do not see.")
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
    key: UUID | None = Field(description="What it is about; null for a person you do not see.")
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


def figures_answer(asked: Asked, figures: Figures, _: Tongue) -> FiguresAnswer:
    """Every figure with its words, its formula and its parts."""
    edition = asked.edition
    items = [
        _figure_answer(section, figure)
        for section in write_figures(figures, _, asked.names)
        for figure in section.figures
    ]
    return FiguresAnswer(
        edition=EditionName(
            id=edition.id,
            programme=edition.programme,
            number=edition.number,
            year=edition.year,
            name=edition_name(asked, _),
        ),
        as_of=asked.scope.as_of,
        stream_seq=figures.stream_seq,
        items=items,
        total=len(items),
    )


def _figure_answer(section: WrittenSection, figure: WrittenFigure) -> FigureAnswer:
    return FigureAnswer(
        section=section.code,
        indicator=figure.code,
        label=figure.label,
        formula=figure.formula,
        unit=figure.unit.value,
        value=figure.value,
        facts=figure.rows,
        parts=[
            PartAnswer(part=part.code, label=part.label, value=part.value, facts=part.rows)
            for part in figure.parts
        ],
    )


def fact_fields(entry: Entry, reader: Reader) -> dict[str, Any]:
    """The fields of a FactAnswer, as its reader sees them."""
    return {
        "id": entry.fact_id,
        "seq": entry.seq,
        "time": entry.at,
        "type": entry.type,
        "programme": entry.programme,
        "service": entry.owner,
        "key": reader.key_of(entry.type, entry.key),
        "edition_id": entry.edition_id,
        "actor": entry.actor if reader.sees_persons else None,
        "correlation": entry.correlation,
        "causation": entry.causation,
        "data": reader.body_of(entry.body),
    }


def evidence_answer(one: Evidence, reader: Reader) -> EvidenceAnswer:
    return EvidenceAnswer(
        fact_id=one.fact_id,
        seq=one.seq,
        time=one.at,
        type=one.type,
        service=one.owner,
        key=reader.key_of(one.type, one.key),
        project_id=one.project_id,
        project=one.project,
        part=one.part or NOT_SAID,
        amount=one.amount,
        data=reader.body_of(one.body),
    )
