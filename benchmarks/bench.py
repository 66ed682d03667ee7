"""Measures Essaim against ceilings of the same run: `make bench`.

Read the ratios: a machine and its neighbours change from minute to minute. Everything runs on
127.0.0.1, in a folder that is removed at the end. A figure missed is said, and is no failure.

    python benchmarks/bench.py --only relay --only latency
    python benchmarks/bench.py --only rebuild --rebuild 1000000
    python benchmarks/bench.py --only pages --compare HEAD~20
"""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import psutil
import structlog
import typer
from compare import compare
from essaim.running.garbage import collect_rarely
from flow import measure_handlers, measure_read_model, measure_relay
from ground import standing_ground
from latency import measure_latency
from lists import measure_lists
from pages import measure_pages
from rebuilding import measure_rebuild
from report import Report
from served import measure_served
from starting import measure_idle, measure_up

MEASURES = (
    "relay", "read-model", "handlers", "latency", "rebuild", "up", "idle", "served", "pages",
    "lists",
)  # fmt: skip


def refuse_memory(folder: Path) -> None:
    """In a file system of memory a commit waits for no disk, and every durable figure is false."""
    mounts = [
        one for one in psutil.disk_partitions(all=True) if folder.is_relative_to(one.mountpoint)
    ]
    mount = max(mounts, key=lambda one: len(one.mountpoint))
    if mount.fstype in ("tmpfs", "ramfs"):
        raise typer.BadParameter(
            f"{folder} is in memory ({mount.fstype} on {mount.mountpoint}), where nothing waits "
            "for a disk: name a folder on a disk with --folder."
        )


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(MEASURES)}.")] = None,
    facts: Annotated[int, typer.Option(min=1000, max=200_000, help="Facts in a round.")] = 10_000,
    rebuild: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Facts.")] = 100_000,
    applications: Annotated[int, typer.Option(min=100, max=100_000, help="On pages.")] = 10_000,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file too.")] = None,
    folder: Annotated[Path | None, typer.Option(help="On a disk; as TMPDIR by default.")] = None,
    revision: Annotated[
        str | None, typer.Option("--compare", help="Measure this commit beside the one here.")
    ] = None,
) -> None:
    """Measure everything, or only what is named."""
    unknown = set(only or ()) - set(MEASURES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: name one of {', '.join(MEASURES)}.")
    if folder:
        tempfile.tempdir = str(folder)
    refuse_memory(Path(tempfile.gettempdir()))
    # Stopped early, it still stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if revision:
        sizes = [
            f"--facts={facts}", f"--rebuild={rebuild}", f"--applications={applications}",
        ]  # fmt: skip
        compare(revision, [*(f"--only={name}" for name in only or MEASURES), *sizes])
        return
    report = Report()
    collect_rarely()  # as the command does
    # What services log is not what we measure.
    with open(os.devnull, "w") as nowhere, standing_ground() as ground:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        for name in only or MEASURES:
            report.begin(name)
            match name:
                case "relay":
                    asyncio.run(measure_relay(ground, report, facts))
                case "read-model":
                    asyncio.run(measure_read_model(ground, report, facts))
                case "handlers":
                    asyncio.run(measure_handlers(ground, report, facts))
                case "latency":
                    asyncio.run(measure_latency(ground, report))
                case "rebuild":
                    asyncio.run(measure_rebuild(ground, report, rebuild))
                case "up":
                    measure_up(report)
                case "idle":
                    measure_idle(report)
                case "served":
                    measure_served(report)
                case "pages":
                    asyncio.run(measure_pages(ground, report, applications))
                case "lists":
                    asyncio.run(measure_lists(ground, report, applications))
            if json:
                report.write(json)


if __name__ == "__main__":
    typer.run(main)
