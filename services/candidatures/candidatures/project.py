"""A project: one idea and its bearers, from the call to the trophy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from essaim import Refusal
from essaim_contracts.candidatures import CohortProject
from essaim_contracts.scheduling import HourKind


@dataclass(frozen=True)
class Project:
    """A project keeps its id from the call to the trophy, whatever its title becomes.

    `application_id` and `selected` speak of its last application, `cohort_id` of the cohort it is
    in now.
    """

    id: UUID
    title: str
    bearer_ids: tuple[UUID, ...]
    application_id: UUID | None = None
    selected: bool = False
    sector: str | None = None
    department: str | None = None
    jobs_min: int | None = None
    jobs_max: int | None = None
    cohort_id: UUID | None = None

    def in_cohort(self) -> CohortProject:
        return CohortProject(
            project_id=self.id,
            application_id=self.application_id,
            bearer_ids=self.bearer_ids,
            title=self.title,
            sector=self.sector,
            department=self.department,
            jobs_min=self.jobs_min,
            jobs_max=self.jobs_max,
        )


@dataclass(frozen=True)
class Progress:
    """Where scheduling said last that a project is; `jobs_*` are None when it gave no figures."""

    status: str
    jobs_min: int | None
    jobs_max: int | None


@dataclass(frozen=True)
class HeldSession:
    """A session of a project that scheduling said was held."""

    kind: str
    held_on: date
    minutes: int


@dataclass(frozen=True)
class Package:
    """Hours of one kind that a project was granted, and what is left of them, in minutes."""

    kind: HourKind
    minutes: int
    left: int

    @property
    def used(self) -> int:
        return self.minutes - self.left


@dataclass(frozen=True)
class ComingSession:
    """A session of a project that is planned; `place` is None online or to be announced."""

    session_id: UUID
    title: str
    starts_at: datetime
    place: str | None


@dataclass(frozen=True)
class ProjectLife:
    """What scheduling said of a project: its last progress, if any, and its held sessions."""

    progress: Progress | None
    sessions: Sequence[HeldSession]

    @property
    def minutes(self) -> int:
        return sum(session.minutes for session in self.sessions)


def unknown_project() -> Refusal:
    return Refusal("unknown_project", "Ce projet n’existe pas. Vérifiez l’adresse.", status=404)
