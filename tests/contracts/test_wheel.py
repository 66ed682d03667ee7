"""`essaim-contracts` is a wheel that installs alone, with the schemas and examples inside."""

import shutil
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import essaim_contracts
import pytest
from essaim_contracts.examples import SCHEMAS
from packaging.requirements import Requirement

from tests.contracts.node import run

CONTRACTS = Path(__file__).parents[2] / "contracts"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with what is installed here, and nothing brought from elsewhere."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "contracts"
    unwanted = shutil.ignore_patterns("*.egg-info", "build", "node_modules")
    # A copy, as a build leaves things behind.
    shutil.copytree(CONTRACTS, copy, ignore=unwanted)
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    run(sys.executable, "-c", build, cwd=copy)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_schemas_the_examples_and_the_programs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        inside = {name for name in file.namelist() if ".dist-info/" not in name}

    package = SCHEMAS.parent
    kept = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert inside == {f"essaim_contracts/{path.relative_to(package)}" for path in kept}


def test_the_wheel_reads_every_golden_example_where_nothing_else_of_ours_is(
    wheel: Path, tmp_path: Path
) -> None:
    packages = _install_alone(wheel, tmp_path)

    told = run(str(tmp_path / "bin/python"), "-m", "essaim_contracts.verify", cwd=tmp_path)

    assert "golden examples are readable" in told
    assert {path.name for path in packages.glob("essaim*")} == {
        "essaim_contracts", f"essaim_contracts-{essaim_contracts.__version__}.dist-info",
    }  # fmt: skip


def _install_alone(wheel: Path, environment: Path) -> Path:
    """A new environment with the wheel, and with what it says that it needs lent from here."""
    here = [sys.executable, "-m"]
    run(*here, "venv", "--without-pip", str(environment), cwd=environment)
    python = str(environment / "bin/python")
    install = ["uv", "pip", "install", "-q", "--offline", "--no-deps", "--python", python]
    run(*here, *install, str(wheel), cwd=environment)
    (packages,) = environment.glob("lib/python3*/site-packages")
    for name in needed("essaim-contracts", "verify"):
        for path in {file.parts[0] for file in distribution(name).files or () if file.parts}:
            if path not in ("..", "__pycache__"):
                (packages / path).symlink_to(str(distribution(name).locate_file(path)))
    return packages


def needed(name: str, extra: str = "") -> set[str]:
    """The distributions that one needs, and those that these need."""
    asked = [Requirement(it) for it in distribution(name).requires or ()]
    names = {it.name for it in asked if not it.marker or it.marker.evaluate({"extra": extra})}
    return names.union(*map(needed, names))
