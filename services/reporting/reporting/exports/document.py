"""The figures of an edition as JSON data."""

from typing import Any

from essaim.text.languages import Tongue

from reporting.access import Asked
from reporting.figures import Figures
from reporting.heading import edition_name
from reporting.written_figure import WrittenFigure, WrittenSection, write_figures


def figures_document(asked: Asked, figures: Figures, _: Tongue) -> dict[str, Any]:
    """Every figure with its words, formula and parts, as JSON data."""
    return {
        "edition": {
            "id": str(asked.edition.id),
            "programme": asked.edition.programme,
            "number": asked.edition.number,
            "year": asked.edition.year,
            "name": edition_name(asked, _),
        },
        "as_of": asked.scope.day or None,
        "stream_seq": figures.stream_seq,
        "items": [
            _figure_document(section, figure)
            for section in write_figures(figures, _, asked.names)
            for figure in section.figures
        ],
    }


def _figure_document(section: WrittenSection, figure: WrittenFigure) -> dict[str, Any]:
    return {
        "section": section.code,
        "indicator": figure.code,
        "label": figure.label,
        "formula": figure.formula,
        "unit": figure.unit.value,
        "value": figure.value,
        "facts": figure.rows,
        "parts": [
            {"part": part.code, "label": part.label, "value": part.value, "facts": part.rows}
            for part in figure.parts
        ],
    }
