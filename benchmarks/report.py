"""How a measure is taken and told: facts a second, processor time a fact, the figure aimed at."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

out = Console(width=120, highlight=False)


@dataclass
class Pace:
    """`cpu` is this process' alone, in seconds: neighbours disturb it less than `seconds`."""

    facts: int
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        return self.facts / self.seconds

    def __str__(self) -> str:
        return f"{self.rate:,.0f} facts/s, {self.cpu / self.facts * 1e6:.0f} µs CPU"


@contextmanager
def pace_of(facts: int) -> Iterator[Pace]:
    """Time what is done in the block; its facts may be corrected before the end of it."""
    pace = Pace(facts)
    start, cpu = time.perf_counter(), time.process_time()
    yield pace
    pace.seconds, pace.cpu = time.perf_counter() - start, time.process_time() - cpu


def best(paces: list[Pace]) -> Pace:
    """The round that the neighbours disturbed least."""
    return max(paces, key=lambda pace: pace.rate)


def say(what: str, reached: object, goal: str = "", met: bool | None = None) -> None:
    """One line: what, how much, and beside it the figure of the design and whether it is met."""
    mark = {True: "[green]reached[/]", False: "[red]missed[/]", None: ""}[met]
    out.print(f"{what:<58} {reached!s:>32}  {goal:<10} {mark}")


def say_ratio(what: str, ratio: float, least: float) -> None:
    """A ratio to a ceiling of the same run, and the least it should be."""
    form = "{:.0%}" if least < 1 else "{:.1f} ×"
    say(what, form.format(ratio), f"≥ {form.format(least)}", ratio >= least)
