"""The folder of a demo: made fresh for each one, and never one that is somebody's."""

import shutil
from pathlib import Path

from essaim.running.holding import held, lock_of

_MARK = ".essaim-demo"


class NotADemo(Exception):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds something that no demo made, so it is left alone. Name another folder "
            "with --data, which need not exist."
        )


def made_fresh(folder: Path) -> bool:
    """Make the folder empty; whether a former demo was removed for it.

    Raises:
        NotADemo: it holds something that no demo made.
        AlreadyRunning: a demo runs in it.
    """
    is_former = (folder / _MARK).exists()
    if folder.exists() and not is_former and any(folder.iterdir()):
        raise NotADemo(folder)
    # Only who has the folder empties it, and the lock stays: two demos may start at once.
    with held(folder):
        if is_former:
            for path in folder.iterdir():
                if path != lock_of(folder):
                    _remove(path)
        (folder / _MARK).touch()
    return is_former


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
