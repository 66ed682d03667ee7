"""The drawings that stand beside the tables of figures."""

from dataclasses import dataclass
from datetime import date, timedelta

from essaim.text import formats

from reporting.figures import NOT_SAID
from reporting.indicators.indicator import Drawn, Unit
from reporting.written_figure import WrittenFigure, WrittenSection

_LONGEST = 400
_UNITS = {Unit.MINUTES: "h", Unit.EUROS: "€"}


@dataclass(frozen=True)
class Plot:
    """One number per label. `kind` is bar or pie."""

    kind: str
    unit: str
    labels: list[str]
    numbers: list[float]


def plots_of(sections: list[WrittenSection], language: str) -> dict[str, Plot]:
    """The plot of each figure that is drawn, by code."""
    figures = (figure for section in sections for figure in section.figures)
    return {
        figure.code: _plot(figure, figure.drawn, language)
        for figure in figures
        if figure.drawn and len(figure.parts) > 1
    }


def undrawn(sections: list[WrittenSection], drawn: dict[str, Plot]) -> set[str]:
    """Figures whose parts need no panel: neither drawn nor a breakdown of several parts."""
    return {
        figure.code
        for section in sections
        for figure in section.figures
        if figure.code not in drawn and not (figure.breakdown and len(figure.parts) > 1)
    }


def _plot(figure: WrittenFigure, drawn: Drawn, language: str) -> Plot:
    if drawn == "days":
        return _days(figure, language)
    scale = 60 if figure.unit is Unit.MINUTES else 1
    return Plot(
        drawn,
        _UNITS.get(figure.unit, ""),
        [part.label for part in figure.parts],
        [round(part.value / scale, 2) for part in figure.parts],
    )


def _days(figure: WrittenFigure, language: str) -> Plot:
    """Every day from the first to the last, those without any included: a burst must show."""
    by_day = {
        date.fromisoformat(part.code): part.value for part in figure.parts if part.code != NOT_SAID
    }
    first, last = min(by_day), max(by_day)
    length = min((last - first).days + 1, _LONGEST)
    days = [last - timedelta(days=back) for back in reversed(range(length))]
    return Plot(
        "bar",
        "",
        [formats.day(day, language) for day in days],
        [by_day.get(day, 0) for day in days],
    )
