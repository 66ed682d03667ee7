"""How a figure and its parts are written in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.text import formats
from essaim.text.languages import Tongue

from reporting.figures import NOT_SAID, Figure, Figures
from reporting.indicators.catalogue import SECTIONS
from reporting.indicators.indicator import Drawn, GroupedBy, Indicator, Ratio, Unit
from reporting.names import Names, coded, department, organisation


@dataclass(frozen=True)
class WrittenPart:
    """One part of a figure: `code` for addresses, `value` as a number, `text` with its unit."""

    code: str
    label: str
    value: int
    text: str
    rows: int


@dataclass(frozen=True)
class WrittenFigure:
    """A figure ready to show: its words, its value as a number and as text, and its parts.

    `evidence` lists what its facts are found under: (label, indicator, part or None). A ratio has
    two, and no parts.
    """

    code: str
    label: str
    formula: str
    unit: Unit
    value: float | None
    text: str
    rows: int | None
    parts: list[WrittenPart]
    breakdown: bool
    drawn: Drawn | None
    evidence: list[tuple[str, str, str | None]]


@dataclass(frozen=True)
class WrittenSection:
    """A part of the edition page."""

    code: str
    title: str
    figures: list[WrittenFigure]


def write_figures(figures: Figures, _: Tongue, names: Names) -> list[WrittenSection]:
    """Every figure, in the order of the edition page."""
    return [
        WrittenSection(
            section.code,
            _(section.title),
            [write_figure(figures, one, _, names) for one in section.indicators],
        )
        for section in SECTIONS
    ]


def write_figure(
    figures: Figures, one: Indicator | Ratio, _: Tongue, names: Names
) -> WrittenFigure:
    value = figures.value(one)
    figure = figures[one] if isinstance(one, Indicator) else None
    return WrittenFigure(
        code=one.code,
        label=_(one.label),
        formula=_(one.formula),
        unit=one.unit,
        value=value,
        text=write_value(value, one.unit, _.language),
        rows=figure.rows if figure else None,
        parts=write_parts(figure, _, names) if figure else [],
        breakdown=figure.indicator.breakdown if figure else False,
        drawn=figure.indicator.drawn if figure else None,
        evidence=_evidence(one, _, names),
    )


def _evidence(one: Indicator | Ratio, _: Tongue, names: Names) -> list[tuple[str, str, str | None]]:
    if isinstance(one, Indicator):
        return [(_(one.label), one.code, None)]
    return [
        (
            _(indicator.label) if part is None else part_label(indicator, part, _, names),
            indicator.code,
            part,
        )
        for indicator, part in (one.over, one.under)
    ]


def write_value(value: float | None, unit: Unit, language: str) -> str:
    """A value with its unit: 36 000 €, 96 h, 18 %, 90."""
    match unit:
        case Unit.EUROS:
            return formats.euros(None if value is None else int(value), language)
        case Unit.MINUTES:
            return formats.hours(None if value is None else int(value), language)
        case Unit.PERCENT:
            return formats.percent(value, language)
    return formats.number(value, language)


def write_parts(figure: Figure, _: Tongue, names: Names) -> list[WrittenPart]:
    """The parts of a figure in their order; none when it has no parts."""
    indicator = figure.indicator
    if indicator.parts is None:
        return []
    return [
        WrittenPart(
            code=code or NOT_SAID,
            label=part_label(indicator, code, _, names),
            value=part.value,
            text=write_value(part.value, indicator.unit, _.language),
            rows=part.rows,
        )
        for code, part in figure.parts.items()
    ]


def part_label(indicator: Indicator, code: str, _: Tongue, names: Names) -> str:
    """What a part is called: a word, an organisation, a day, or a code made readable."""
    if not code:
        return _("Non précisé")
    if isinstance(indicator.parts, Mapping):
        return _(indicator.parts.get(code, code))
    if indicator.parts is GroupedBy.ORGANISATION:
        return organisation(UUID(code), _, names)
    if indicator.parts is GroupedBy.DAY:
        return formats.day(date.fromisoformat(code), _.language)
    if indicator.parts is GroupedBy.DEPARTMENT:
        return department(code)
    known = names.sectors if indicator.parts is GroupedBy.SECTOR else names.sources
    return coded(code, known, _)
