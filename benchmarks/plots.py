"""Draws the figures of runs as SVG: `python benchmarks/plots.py FOLDER FIGURES.json …`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

FLOW = ("relay", "read-model", "handlers", "latency", "rebuild")
REACHED, MISSED, GOAL = "#2f6f4f", "#b4552d", "#333333"
FigureTold = dict[str, Any]

# Text stays text: it is read by people and by screen readers, and weighs little. The same figures
# give the same file.
rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "essaim", "font.size": 9})


def main(folder: Path, files: Annotated[list[Path], typer.Argument()]) -> None:
    """Ratios to their ceilings, pages over their goal, one visitor and eight; from all files."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [figure for file in files for figure in json.loads(file.read_text())["figures"]]
    _save(folder / "ratios.svg", "Ratio to the ceiling of the same run", _ratios(told), log=True)
    _save(folder / "pages.svg", "Milliseconds, 95 of 100 visits", _pages(told), log=False)
    _save(
        folder / "served.svg", "Rate of eight visitors over that of one", _served(told), log=False
    )


def _ratios(told: list[FigureTold]) -> list[FigureTold]:
    return [one for one in told if one["unit"] == "×" and one["measure"] in FLOW and one["goal"]]


def _pages(told: list[FigureTold]) -> list[FigureTold]:
    pages = [one for one in told if one["measure"] == "pages" and one["unit"] == "ms"]
    return [one for one in pages if one["goal"]]


def _served(told: list[FigureTold]) -> list[FigureTold]:
    """Each ratio under the name of the page before it, which is where it was taken."""
    named, page = [], ""
    for one in told:
        if one["measure"] == "served" and one["unit"] == "×":
            named.append({**one, "what": page})
        page = one["what"].split(",")[0]
    return named


def _save(file: Path, title: str, figures: Sequence[FigureTold], *, log: bool) -> None:
    """A bar for each, and a mark where it should be."""
    if not figures:
        return
    drawing = Figure(figsize=(9, 0.8 + 0.24 * len(figures)), layout="constrained")
    axes = drawing.add_subplot()
    _draw(axes, figures)
    axes.set_xlabel(title)
    if log:
        axes.set_xscale("log")
    drawing.savefig(file, metadata={"Date": None, "Title": title})


def _draw(axes: Axes, figures: Sequence[FigureTold]) -> None:
    places = range(len(figures))
    values = [one["value"] for one in figures]
    goals = [one["goal"]["least"] or one["goal"]["most"] for one in figures]
    colours = [REACHED if _is_reached(one) else MISSED for one in figures]
    bars = axes.barh(places, values, color=colours, height=0.7)
    axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=3, fontsize=8)
    axes.scatter(goals, places, marker="|", s=90, color=GOAL, zorder=3, label="goal")
    axes.set_yticks(places, [one["what"].strip() for one in figures], fontsize=8)
    axes.invert_yaxis()
    axes.margins(y=0.01, x=0.1)
    axes.legend(loc="lower right", frameon=False)


def _is_reached(one: FigureTold) -> bool:
    least, most = one["goal"]["least"], one["goal"]["most"]
    return (least is None or one["value"] >= least) and (most is None or one["value"] <= most)


if __name__ == "__main__":
    typer.run(main)
