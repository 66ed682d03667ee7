"""What the coordination lends and reads: resources of the library, files that were handed in."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from essaim_demo.edition import Library, Reading
from essaim_demo.stage import Moment, Stage, day_of

_CANDIDATURES = "/candidatures/api"


def moments(stage: Stage) -> Iterator[Moment]:
    ngettext, year = stage._.plural, stage.edition.year
    if year.library is not None:
        count = len(year.library.resources)
        words = ngettext("{count} ressource est partagée", "{count} ressources partagées", count)
        lend = partial(_lend, stage, year.library)
        yield Moment(year.library.lent_at, words.format(count=count), lend)
    for reading in year.readings:
        count = len(reading.accepted) + len(reading.to_correct)
        words = ngettext("{count} dossier relu", "{count} dossiers relus", count)
        yield Moment(reading.read_at, words.format(count=count), partial(_read, stage, reading))


def _lend(stage: Stage, library: Library) -> None:
    """A resource without a link gets a file, which says that it is invented."""
    coordinator = stage.coordinator(day_of(library.lent_at))
    for one in library.resources:
        added = coordinator.post(
            f"{_CANDIDATURES}/programmes/{stage.programme}/resources", one.model_dump()
        )
        if one.link is None:
            content = f"%PDF-1.7\n% Ressource fictive : « {one.title} »\n%%EOF\n".encode()
            coordinator.put_file(
                f"{_CANDIDATURES}/resources/{added['id']}/file",
                "ressource.pdf",
                content,
                "application/pdf",
            )


def _read(stage: Stage, reading: Reading) -> None:
    for title in reading.accepted:
        _review(stage, reading, title, {"verdict": "accepted"})
    for one in reading.to_correct:
        said = one.model_dump(mode="json", exclude={"project"})
        _review(stage, reading, one.project, {"verdict": "to_correct", **said})


def _review(stage: Stage, reading: Reading, title: str, said: dict[str, Any]) -> None:
    project_id = stage.project_id(title)
    stage.coordinator(day_of(reading.read_at)).post(
        f"{_CANDIDATURES}/projects/{project_id}/deliverables/{reading.kind}/review",
        {"version": 1, **said},
    )
