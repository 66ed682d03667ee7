"""The figures of an edition as a table."""

from collections.abc import Sequence

from essaim.text.languages import Tongue

from reporting.access import Asked
from reporting.exports.sheet import Cell, Sheet
from reporting.figures import Figures
from reporting.indicators.indicator import Unit
from reporting.written_figure import write_figures


def figures_sheet(asked: Asked, figures: Figures, _: Tongue) -> Sheet:
    """One row per figure, then one per part of it; the same values as on the page."""
    heads = (
        _("Rubrique"),
        _("Chiffre"),
        _("Part"),
        _("Valeur"),
        _("Unité"),
        _("Preuves"),
        _("Formule"),
        _("Indicateur"),
        _("Connus au"),
        _("Dernier fait du flux"),
    )
    rows: list[Sequence[Cell]] = []
    for section in write_figures(figures, _, asked.names):
        for figure in section.figures:
            known = (figure.formula, figure.code, asked.scope.day, figures.stream_seq)
            lines = [("", figure.value, figure.rows)]
            lines += [(part.label, part.value, part.rows) for part in figure.parts]
            rows += [
                (section.title, figure.label, label, *_measured(value, figure.unit), facts, *known)
                for label, value, facts in lines
            ]
    return Sheet(_("Chiffres"), heads, rows)


def _measured(value: float | None, unit: Unit) -> tuple[Cell, str]:
    """A number that spreadsheets add up, and its unit: hours and per cent, not minutes."""
    if value is None:
        return None, ""
    match unit:
        case Unit.MINUTES:
            return round(value / 60, 2), "h"
        case Unit.PERCENT:
            return round(value * 100, 1), "%"
        case Unit.EUROS:
            return value, "€"
    return value, ""
