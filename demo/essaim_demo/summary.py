"""What the play came to: the figures, as *reporting* computes them from the stream."""

from typing import Any

from essaim.text import formats
from essaim.text.languages import Tongue
from rich.table import Table

from essaim_demo.stage import Stage

Figures = dict[str, Any]

_SHOWN = (
    ("applications.received", False),
    ("applications.states", True),
    ("cohort.projects", False),
    ("jobs.expected_min", False),
    ("jobs.expected_max", False),
    ("pairings.godparents", False),
    ("sessions.held", True),
    ("attendance.participants", True),
    ("hours.used", False),
    ("cohort.statuses", True),
    ("deliverables.handed_in", False),
    ("trophies.awarded", False),
    ("trophies.prizes_value", False),
    ("messages.sent", False),
    ("facts.published", False),
)
"""The indicators of the table, and whether their parts are shown."""


def summary_of(stage: Stage, seconds: float) -> Figures:
    """The summary of reporting, and what it cannot know: late refusals, dead letters, `seconds`."""
    summary: Figures = stage.operator.get(f"{_edition(stage)}/summary")
    summary["applications"]["refused_late"] = stage.refused_late
    summary["facts"]["dead"] = sum(state["dead"] for state in stage.services.states())
    summary["seconds"] = round(seconds, 1)
    return summary


def table_of(stage: Stage, summary: Figures) -> Table:
    """The figures for a terminal, in the words of reporting."""
    _ = stage._
    figures = stage.operator.get(f"{_edition(stage)}/figures")
    by_code = {one["indicator"]: one for one in figures["items"]}
    table = Table(title=_("{edition}, d’après les faits", edition=figures["edition"]["name"]))
    table.add_column(_("Chiffre"))
    table.add_column(_("Valeur"), justify="right")
    for code, has_parts in _SHOWN:
        figure = by_code[code]
        table.add_row(figure["label"], _written(figure["value"], figure["unit"], _))
        for part in figure["parts"] if has_parts else ():
            table.add_row(f"  {part['label']}", _written(part["value"], figure["unit"], _))
    late, dead = summary["applications"]["refused_late"], summary["facts"]["dead"]
    table.add_row(_("Candidatures refusées, arrivées trop tard"), _written(late, "count", _))
    table.add_row(_("Faits en échec"), _written(dead, "count", _))
    table.add_row(
        _("Durée de la démonstration"), f"{formats.number(summary['seconds'], _.language)} s"
    )
    return table


def _edition(stage: Stage) -> str:
    return f"/reporting/api/editions/{stage.edition_id}"


def _written(value: float | None, unit: str, _: Tongue) -> str:
    whole = None if value is None else round(value)
    if unit == "euros":
        return formats.euros(whole, _.language)
    return (formats.hours if unit == "minutes" else formats.number)(whole, _.language)
