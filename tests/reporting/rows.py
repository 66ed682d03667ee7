"""What tests read of the read model: the rows of a fact, and the parts of a figure."""

from typing import Any

from essaim.hearing.message import Heard
from essaim.keeping.listed import shown
from reporting.figures import Figures
from reporting.indicators.indicator import Indicator
from reporting.projector import project


def rows_of(heard: Heard) -> dict[str, list[dict[str, Any]]]:
    """The rows of one fact, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in project(heard.fact, heard.envelope, heard.seq):
        assert set(row.values) == {one.name for one in shown(row.table)}, row.table.name
        found.setdefault(row.table.name, []).append(row.values)
    return found


def parts(figures: Figures, indicator: Indicator) -> dict[str, int]:
    return {name: part.value for name, part in figures[indicator].parts.items()}
