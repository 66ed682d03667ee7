"""The folder of a demo: made fresh for each one, and never one that is somebody's."""

import shutil
from pathlib import Path

from essaim.running.embedded import AlreadyRunning, running_note

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
    if is_former:
        note = running_note(folder)
        if note is not None:
            raise AlreadyRunning(folder, int(note["pid"]))
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    return is_former
