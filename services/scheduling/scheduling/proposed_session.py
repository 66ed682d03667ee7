"""What a track proposes to a cohort and its projects: sessions nobody was told of yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode

from scheduling.track import Track


@dataclass(frozen=True)
class ProposedSession:
    """A session its track proposes: not yet planned, and not said. `number` counts from 1.

    It has a length in half-days or in minutes (at least and at most), or none is known.
    """

    cohort_id: UUID
    project_id: UUID | None
    kind: SessionKind
    title: str
    number: int
    half_days: int | None
    minutes_min: int | None
    minutes_max: int | None
    mode: SessionMode | None
    hour_kind: HourKind | None
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """A proposed session that is kept, with its id."""

    id: UUID
    proposed: ProposedSession


def proposed_for_cohort(track: Track, cohort_id: UUID) -> list[ProposedSession]:
    """The sessions a track proposes once for a whole cohort."""
    return list(_proposed(track, cohort_id, None))


def proposed_for_project(track: Track, cohort_id: UUID, project_id: UUID) -> list[ProposedSession]:
    """The sessions a track proposes for each project."""
    return list(_proposed(track, cohort_id, project_id))


def _proposed(track: Track, cohort_id: UUID, project_id: UUID | None) -> Iterator[ProposedSession]:
    for line in track.sessions or ():
        if line.is_per_project != (project_id is not None):
            continue
        for number in range(1, line.count + 1):
            yield ProposedSession(
                cohort_id=cohort_id,
                project_id=project_id,
                kind=line.kind,
                title=line.title,
                number=number,
                half_days=line.half_days,
                minutes_min=line.minutes.min if line.minutes else None,
                minutes_max=line.minutes.max if line.minutes else None,
                mode=line.mode,
                hour_kind=line.hours,
                topics=line.topics,
            )


def no_open_proposal(id: UUID) -> Refusal:
    return Refusal(
        "no_open_proposal",
        "La séance proposée {proposed} est inconnue ou déjà planifiée. "
        "Relisez la liste des séances proposées.",
        field="proposed_id",
        proposed=id,
    )
