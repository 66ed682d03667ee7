"""Which figures are drawn beside their table, and how."""

from dataclasses import dataclass
from datetime import date, timedelta

from essaim.text import formats

from reporting import (
    attendance,
    cohort,
    funnel,
    hours,
    messages,
    partners,
    sessions,
    trophies,
)
from reporting.indicator import Unit
from reporting.writing import NOT_SAID, WrittenFigure, WrittenSection

_LONGEST = 400
_UNITS = {Unit.MINUTES: "h", Unit.EUROS: "€"}
_KINDS = {
    funnel.STATES.code: "bar",
    funnel.BY_DAY.code: "bar",
    funnel.BY_SECTOR.code: "bar",
    funnel.BY_DEPARTMENT.code: "bar",
    funnel.BY_SOURCE.code: "pie",
    cohort.BY_STATUS.code: "pie",
    cohort.PROJECTS.code: "bar",
    sessions.HELD.code: "bar",
    attendance.PARTICIPANTS.code: "bar",
    hours.USED_BY_PARTNER.code: "bar",
    trophies.PRIZES_VALUE.code: "pie",
    trophies.VALUE_BY_CONTRIBUTOR.code: "bar",
    partners.COMMITMENTS_HELD.code: "bar",
    messages.SENT.code: "bar",
}


@dataclass(frozen=True)
class Drawing:
    """What a plot shows: one number per label. `kind` is bar or pie."""

    kind: str
    unit: str
    labels: list[str]
    numbers: list[float]


def drawings(sections: list[WrittenSection], language: str) -> dict[str, Drawing]:
    """The plot of each figure that is drawn, by code."""
    figures = (figure for section in sections for figure in section.figures)
    return {
        figure.code: _drawing(figure, language)
        for figure in figures
        if figure.code in _KINDS and len(figure.parts) > 1
    }


def undrawn(sections: list[WrittenSection], drawn: dict[str, Drawing]) -> set[str]:
    """Figures whose parts need no panel: neither drawn nor a breakdown of several parts."""
    return {
        figure.code
        for section in sections
        for figure in section.figures
        if figure.code not in drawn and not (figure.breakdown and len(figure.parts) > 1)
    }


def _drawing(figure: WrittenFigure, language: str) -> Drawing:
    if figure.code == funnel.BY_DAY.code:
        return _days(figure, language)
    scale = 60 if figure.unit is Unit.MINUTES else 1
    return Drawing(
        _KINDS[figure.code],
        _UNITS.get(figure.unit, ""),
        [part.label for part in figure.parts],
        [round(part.value / scale, 2) for part in figure.parts],
    )


def _days(figure: WrittenFigure, language: str) -> Drawing:
    """Every day from the first to the last, those without any included: a burst must show."""
    by_day = {
        date.fromisoformat(part.code): part.value for part in figure.parts if part.code != NOT_SAID
    }
    first, last = min(by_day), max(by_day)
    length = min((last - first).days + 1, _LONGEST)
    days = [last - timedelta(days=back) for back in reversed(range(length))]
    return Drawing(
        "bar",
        "",
        [formats.day(day, language) for day in days],
        [by_day.get(day, 0) for day in days],
    )
