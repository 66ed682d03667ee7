"""How a measure is taken, told and kept: rounds, their median, a ceiling of the same run."""

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console

out = Console(width=132, highlight=False)


@dataclass
class Pace:
    """`cpu` is this process' alone, in seconds: neighbours disturb it less than `seconds`."""

    facts: int
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return self.facts / self.seconds


@contextmanager
def pace_of(facts: int) -> Iterator[Pace]:
    """Time what is done in the block; its facts may be corrected before the end of it."""
    pace = Pace(facts)
    start, cpu = time.perf_counter(), time.process_time()
    yield pace
    pace.seconds, pace.cpu = time.perf_counter() - start, time.process_time() - cpu


@dataclass(frozen=True)
class Goal:
    """A figure of the design; reached when the value is at least, or at most, that."""

    least: float | None = None
    most: float | None = None

    def reached_by(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


@dataclass(frozen=True)
class Figure:
    """One line of the report. `value` is the median of `rounds`, in `unit`."""

    measure: str
    what: str
    unit: str
    value: float
    rounds: tuple[float, ...]
    goal: Goal | None = None
    note: str = ""


@dataclass
class Report:
    """Figures in the order they were taken, each said at once."""

    figures: list[Figure] = field(default_factory=list)
    measure: str = ""

    def begin(self, measure: str) -> None:
        self.measure = measure
        out.print(f"[bold]{measure}[/]")

    def tell(
        self,
        what: str,
        rounds: Sequence[float],
        unit: str,
        goal: Goal | None = None,
        note: str = "",
    ) -> float:
        """Say the median of the rounds, and the figure of the design beside it; gives the median.

        A figure that is missed is said, and is no failure.
        """
        value = median(rounds)
        self.figures.append(Figure(self.measure, what, unit, value, tuple(rounds), goal, note))
        out.print(_line(self.figures[-1]), soft_wrap=True)
        return value

    def pace(self, what: str, paces: Sequence[Pace], goal: Goal | None = None) -> None:
        cpu = median(pace.cpu / pace.facts for pace in paces)
        rates = [pace.rate for pace in paces]
        self.tell(what, rates, "facts/s", goal, f"{cpu * 1e6:.0f} µs CPU a fact")

    def ratio(
        self,
        what: str,
        ours: Sequence[float],
        ceiling: Sequence[float],
        goal: Goal | None,
        note: str = "",
    ) -> None:
        """Round by round, since both of a round met the same weather."""
        pairs = zip(ours, ceiling, strict=True)
        self.tell(f"  {what}", [one / other for one, other in pairs], "×", goal, note)

    def write(self, file: Path) -> None:
        """The figures as JSON, with what they were taken on."""
        figures = [asdict(figure) for figure in self.figures]
        told = {"conditions": conditions(), "figures": figures}
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def rates(paces: Sequence[Pace]) -> list[float]:
    return [pace.rate for pace in paces]


def _line(figure: Figure) -> str:
    goal, mark = "", ""
    if figure.goal:
        goal = _goal(figure.goal, figure.unit)
        mark = "[green]reached[/]" if figure.goal.reached_by(figure.value) else "[red]missed[/]"
    reached = f"{written(figure.value)} {figure.unit}"
    return f"{figure.what:<66} {reached:>16}  {goal:<12} {mark:<16} {figure.note}".rstrip()


def _goal(goal: Goal, unit: str) -> str:
    sign, value = ("≥", goal.least) if goal.least is not None else ("≤", goal.most)
    return f"{sign} {written(value or 0)} {unit}"


def written(value: float) -> str:
    """Three figures that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def conditions() -> dict[str, object]:
    """What a reader must know of the machine and the moment."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "revision": revision(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def revision() -> str:
    answer = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()
