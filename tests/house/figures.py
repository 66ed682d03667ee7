"""The figures of the house: `make figures` prints each beside its goal; a worse one ends with 1.

They are read from the files, without importing them: what is measured is what a reader meets.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
PRODUCTION = ("contracts/essaim_contracts", "chassis/essaim", "services", "demo/essaim_demo")
SERVICES = ("candidatures", "notifications", "reporting", "scheduling")
_LINK = re.compile(r"\]\(([^)#]+\.(?:py|html|txt|yaml))[^)]*\)")


@dataclass(frozen=True)
class Source:
    """A production file."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


@dataclass(frozen=True)
class Figure:
    """What was measured, and the most it may be; None where there is nothing to measure yet."""

    name: str
    found: float | None
    goal: float
    details: tuple[str, ...] = ()

    @property
    def is_reached(self) -> bool:
        return self.found is not None and self.found <= self.goal


def main() -> int:
    figures = list(measured(list(sources())))
    for figure in figures:
        found = "—" if figure.found is None else f"{figure.found:g}"
        mark = " " if figure.is_reached else "✗"
        print(f"{mark} {figure.name:<66} {found:>6}   goal {figure.goal:g}")
        if not figure.is_reached:
            print(*(f"      {detail}\n" for detail in figure.details[:8]), sep="", end="")
    return 0 if all(figure.is_reached for figure in figures) else 1


def measured(files: list[Source]) -> Iterator[Figure]:
    naming = {fact: named_in(fact, files) for fact in facts(files)}
    most = sorted(naming, key=lambda fact: -len(naming[fact]))[:3]
    yield Figure(
        "production files that name a fact, median",
        median(len(paths) for paths in naming.values()),
        5,
        tuple(f"{fact}: {len(naming[fact])}" for fact in most),
    )
    yield steps_of_a_fact()
    yield road_of_a_fact()
    wearing = message_types(files)
    yield Figure("types one message wears on its way in", len(wearing), 2, tuple(wearing))
    long = sorted((file for file in files if file.lines > 400), key=lambda file: -file.lines)
    yield Figure(
        "longest production file",
        max(file.lines for file in files),
        400,
        tuple(f"{file.path}: {file.lines}" for file in long),
    )
    lengths = [length for file in files for length in function_lengths(file.tree)]
    yield Figure("functions, median of lines", median(lengths), 7)
    yield Figure("functions, ninetieth percentile of lines", quantiles(lengths, n=10)[-1], 21)
    yield Figure("functions, longest", max(lengths), 47)
    places = [place for file in files for place in service_names(file)]
    yield Figure("places of the chassis that name a service", len(places), 0, tuple(places))


def sources() -> Iterator[Source]:
    for folder in PRODUCTION:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


def facts(files: Iterable[Source]) -> Iterator[str]:
    """The names of the classes that have a type of fact."""
    for file in files:
        if file.path.parts[0] == "contracts":
            for node in ast.walk(file.tree):
                if isinstance(node, ast.ClassDef) and any(
                    keyword.arg == "type" for keyword in node.keywords
                ):
                    yield node.name


def named_in(fact: str, files: Iterable[Source]) -> list[Path]:
    word = re.compile(rf"\b{fact}\b")
    return [file.path for file in files if word.search(file.text)]


def steps_of_a_fact() -> Figure:
    """The numbered list of the how-to: one step for each file to write."""
    name, document = "files written by hand for a new fact", Path("docs/how-to/add-a-fact.md")
    if not (ROOT / document).exists():
        return Figure(name, None, 12, (f"{document} is not written yet",))
    steps = re.findall(r"^\d+\. ", (ROOT / document).read_text(encoding="utf-8"), re.MULTILINE)
    return Figure(name, len(steps), 12)


def road_of_a_fact() -> Figure:
    """The files to which «Follow one application» links; each must be there."""
    name, document = "files from button to mail and figure", ROOT / "docs" / "architecture.md"
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    road = text.partition("\n## Follow one application\n")[2].split("\n## ")[0]
    linked = {(document.parent / link).resolve() for link in _LINK.findall(road)}
    missing = [str(path) for path in sorted(linked) if not path.exists()]
    if not linked or missing:
        return Figure(name, None, 30, tuple(missing) or ("docs/architecture.md tells of none",))
    return Figure(name, len(linked), 30)


def message_types(files: Iterable[Source]) -> list[str]:
    """Classes on the way in that hold a message's bytes or the fact in it; letters kept do not."""
    way = Path("chassis/essaim/hearing")
    return [
        node.name
        for file in files
        if file.path.parent == way and file.path.stem not in ("dead", "dead_copies", "retries")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.ClassDef) and {"body", "fact"} & set(_fields(node))
    ]


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            yield child.target.id


def function_lengths(tree: ast.Module) -> Iterator[int]:
    """In lines, from `def` to the last one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def service_names(file: Source) -> Iterator[str]:
    """Names of services in the chassis' code, alone or in an address; sentences may tell of one."""
    if file.path.parts[0] != "chassis":
        return
    told = {id(docstring) for docstring in _docstrings(file.tree)}
    constants = (node for node in ast.walk(file.tree) if isinstance(node, ast.Constant))
    for node in constants:
        text = node.value if isinstance(node.value, str) and id(node) not in told else " "
        if " " not in text and set(re.split(r"\W", text)) & set(SERVICES):
            yield f"{file.path}:{node.lineno}: {text}"


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                yield child.value


if __name__ == "__main__":
    sys.exit(main())
