"""Two commits side by side: each installed for itself, measured in turn by the same benchmarks."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from report import out, written

ROUNDS = 2
HERE = Path(__file__).parents[1]


def compare(revision: str, options: list[str]) -> None:
    """Measure that commit, this tree, that commit, this tree; then say both and their ratio.

    The benchmarks are those of this tree. What the other commit has no way to do is said.
    """
    with _checked_out(revision) as there, tempfile.TemporaryDirectory() as folder:
        results: dict[Path, list[dict[str, float]]] = {there: [], HERE: []}
        units: dict[str, str] = {}
        for nth in range(ROUNDS):
            for tree, rounds in results.items():
                out.print(f"[bold]round {nth + 1} of {ROUNDS}: {_name(tree, revision)}[/]")
                figures = _measured(tree, Path(folder) / "figures.json", options)
                rounds.append({name: value for name, value, _ in figures})
                units.update({name: unit for name, _, unit in figures})
    _tell(revision, results[there], results[HERE], units)


def _name(tree: Path, revision: str) -> str:
    return "here" if tree == HERE else revision


@contextmanager
def _checked_out(revision: str) -> Iterator[Path]:
    """That commit in a folder of its own, with what it needs installed as it says."""
    with tempfile.TemporaryDirectory(prefix="essaim-compared-") as name:
        tree = Path(name) / "tree"
        _run("git", "worktree", "add", "--detach", str(tree), revision, at=HERE)
        try:
            _run("make", ".venv/.dev-ready", at=tree)
            yield tree
        finally:
            _run("git", "worktree", "remove", "--force", str(tree), at=HERE)


def _run(*command: str, at: Path) -> None:
    """
    Raises:
        SystemExit: it failed; what it said is shown.
    """
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _measured(tree: Path, file: Path, options: list[str]) -> list[tuple[str, float, str]]:
    """The figures of that tree, by the benchmarks of this one."""
    program = [str(tree / ".venv/bin/python"), str(HERE / "benchmarks/bench.py")]
    _run(*program, f"--json={file}", *options, at=tree)
    told = json.loads(file.read_text())["figures"]
    return [
        (f"{figure['measure']}: {figure['what'].strip()}", figure["value"], figure["unit"])
        for figure in told
    ]


def _tell(
    revision: str,
    there: list[dict[str, float]],
    here: list[dict[str, float]],
    units: dict[str, str],
) -> None:
    out.print(f"{'':<78} {revision[:12]:>12} {'here':>12}  here / there")
    for name, unit in units.items():
        before = median(one[name] for one in there if name in one)
        now = median(one[name] for one in here if name in one)
        values = f"{written(before):>12} {written(now):>12}"
        out.print(f"{name[:78]:<78} {values}  {now / before if before else 0:.2f}  {unit}")
