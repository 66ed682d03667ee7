"""Measures the backbone against ceilings of the same run: `make bench`.

Read the ratios: a machine and its neighbours change from minute to minute. Everything runs on
127.0.0.1, in a folder that is removed at the end. A figure missed is said, and is no failure.

    python benchmarks/bench.py --only relay --only latency
    python benchmarks/bench.py --only rebuild --rebuild 1000000
"""

import asyncio
import os
import signal
import sys
from typing import Annotated

import structlog
import typer
from essaim.running.garbage import collect_rarely
from flow import measure_handlers, measure_read_model, measure_relay
from ground import standing_ground
from latency import measure_latency
from pages import measure_pages
from rebuilding import measure_rebuild
from report import out
from starting import measure_up

MEASURES = ("relay", "read-model", "handlers", "latency", "rebuild", "up", "pages")


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(MEASURES)}.")] = None,
    facts: Annotated[int, typer.Option(min=1000, max=200_000, help="Facts in a round.")] = 10_000,
    rebuild: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Facts.")] = 100_000,
    applications: Annotated[int, typer.Option(min=100, max=100_000, help="On pages.")] = 10_000,
) -> None:
    """Measure everything, or only what is named."""
    unknown = set(only or ()) - set(MEASURES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: name one of {', '.join(MEASURES)}.")
    # Stopped early, it still stops its servers; what services log is not what we measure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    collect_rarely()  # as the command does
    with open(os.devnull, "w") as nowhere, standing_ground() as ground:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        for name in only or MEASURES:
            out.print(f"[bold]{name}[/]")
            match name:
                case "relay":
                    asyncio.run(measure_relay(ground, facts))
                case "read-model":
                    asyncio.run(measure_read_model(ground, facts))
                case "handlers":
                    asyncio.run(measure_handlers(ground, facts))
                case "latency":
                    asyncio.run(measure_latency(ground, 500))
                case "rebuild":
                    asyncio.run(measure_rebuild(ground, rebuild))
                case "up":
                    measure_up()
                case "pages":
                    asyncio.run(measure_pages(ground, applications))


if __name__ == "__main__":
    typer.run(main)
