"""`essaim up` and `essaim demo`: how soon they serve a page, what they weigh, what rest costs."""

import tempfile
import time
from pathlib import Path

from house import House, house
from report import Goal, Report

SETTLED = 5.0
MINUTE = 60.0


def measure_up(report: Report) -> None:
    """On an empty folder, then on the same folder again; then the demo, when it has been played."""
    with tempfile.TemporaryDirectory(prefix="essaim-up-") as name:
        folder = Path(name)
        for when in ("first time", "again"):
            with house(folder, "up") as up:
                report.tell(
                    f"essaim up, {when}, to the first page", [up.seconds], "s", Goal(most=5)
                )
                _weigh(report, up, f"essaim up, {when}", Goal(most=300))
        summary = folder / "summary.json"
        with house(folder, "demo", "--json", str(summary)) as demo:
            while not summary.exists():
                time.sleep(0.5)
            _weigh(report, demo, "after the demo", Goal(most=300))


def measure_idle(report: Report) -> None:
    """Four services and the broker for a minute in which nobody asks anything."""
    with (
        tempfile.TemporaryDirectory(prefix="essaim-up-") as folder,
        house(Path(folder), "up") as up,
    ):
        time.sleep(SETTLED)
        idle = [up.idle(MINUTE)]
        report.tell("essaim up at rest, of one core", idle, "%", Goal(most=1))


def _weigh(report: Report, house: House, what: str, goal: Goal) -> None:
    time.sleep(SETTLED)  # let every part of it settle before weighing it
    weights = house.weights()
    parts = " + ".join(f"{name} {mib:.0f}" for name, mib in weights.items())
    report.tell(f"{what}, memory", [sum(weights.values())], "MiB", goal, parts)
