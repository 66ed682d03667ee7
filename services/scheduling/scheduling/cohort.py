"""What scheduling keeps of a cohort: its projects, its track, and what the track proposes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode

from scheduling.track import Track


@dataclass(frozen=True)
class Project:
    """A project of a cohort, from `joined_on` until it left (None while it is in)."""

    id: UUID
    cohort_id: UUID
    title: str
    sector: str | None
    department: str | None
    bearer_ids: tuple[UUID, ...]
    joined_on: date
    left_on: date | None = None


@dataclass(frozen=True)
class Cohort:
    """A cohort as it was formed. `track_version` is None until its track is known here."""

    id: UUID
    programme: str
    edition_id: UUID
    label: str
    track_code: str
    track_version: int | None
    starts_on: date
    last_day: date | None
    projects: tuple[Project, ...]

    @property
    def active(self) -> tuple[Project, ...]:
        """The projects that have not left."""
        return tuple(project for project in self.projects if project.left_on is None)


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
