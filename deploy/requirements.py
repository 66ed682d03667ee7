"""Prints what the given projects need from the package registry: their dependencies, not ours.

Lets the image install libraries before code, so that a change of code does not install them again.
"""

import re
import sys
import tomllib
from pathlib import Path


def main() -> None:
    projects = [tomllib.loads(Path(path).read_text())["project"] for path in sys.argv[1:]]
    needed = {line for project in projects for line in project["dependencies"]}
    for project in projects:
        # Whether traces are recorded is a setting of the container, not another image.
        needed |= set(project.get("optional-dependencies", {}).get("tracing", ()))
    print("\n".join(sorted(line for line in needed if not re.match(r"essaim\b", line))))


if __name__ == "__main__":
    main()
