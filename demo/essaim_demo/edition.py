"""An edition to play, as a folder holds it: `programme.yaml`, `applications.yaml`, `year.yaml`.

The first is imported as it is; the other two say what people do, and when. Times are of Paris,
organisations are named by their codes and projects by their public titles. What the source of an
edition does not say is invented, and marked so.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from essaim.clock import PARIS
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError


class UnreadableEdition(Exception):
    """A file of the folder is missing or wrong; says which, and where."""


def _in_paris(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError("write a day and a time, as in 2020-02-27 09:30")
    return moment.replace(tzinfo=PARIS)


Instant = Annotated[datetime, BeforeValidator(_in_paris)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Invented(_Part):
    """Something of which the source may not say all; `invented` names the fields it does not."""

    invented: tuple[str, ...] = ()


# --- applications.yaml


class Decided(_Part):
    """The committee's decision, in the words of the API of candidatures."""

    decision: str
    reason: str | None = None
    rank: int | None = None
    track_code: str | None = None


class Application(_Part):
    """What somebody writes and sends; `points` is what each criterion gets, on average."""

    sent_at: Instant
    language: str = "fr"
    fields: dict[str, Any]
    """As the form of the call has them."""
    answers: dict[str, Any]
    documents: tuple[str, ...] = ()
    """Codes of the documents that are joined."""
    points: dict[str, int]
    withdrawn_at: Instant | None = None
    """When its bearer takes it back, before the committee."""
    decision: Decided | None = None
    """None for one that comes too late or is withdrawn."""

    @property
    def title(self) -> str:
        return str(self.fields["project_title"])


class Applications(_Part):
    format: Literal["essaim-applications/1"]
    call: str
    applications: tuple[Application, ...]


# --- year.yaml


class Selection(_Invented):
    """When the committee works, and when its decisions are applied."""

    scored_at: Instant
    decided_at: Instant


class CohortToForm(_Invented):
    label: str
    formed_at: Instant
    starts_on: date


class Change(_Invented):
    """A planned session changes: its place becomes known, or it moves."""

    at: Instant
    place: str | None = None
    mode: str | None = None
    reason: str


class SessionToHold(_Invented):
    """A session for the whole cohort, from its planning to its closing."""

    kind: str
    title: str
    topics: tuple[str, ...] = ()
    planned_at: Instant
    starts_at: Instant
    ends_at: Instant
    mode: str
    place: str | None = None
    host: str | None = None
    speakers: tuple[str, ...] = ()
    invited_roles: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    headcount: int | None = None
    """Persons there, known one by one or not; those marked present when absent."""
    excused: tuple[str, ...] = ()
    """The projects whose bearers excused themselves."""


class Offer(_Invented):
    organisation: str
    sector: str | None = None
    department: str | None = None
    topics: tuple[str, ...] = ()


class Godparents(_Invented):
    """The pairing of godparents: what they offer, and when a human confirms the assignment."""

    paired_at: Instant
    offers: tuple[Offer, ...]


class AppointmentToHold(_Part):
    """Some hours of one partner with one project."""

    by: str
    starts_at: Instant
    topic: str | None = None


class Appointments(_Invented):
    """Appointments that are planned together, and held one by one."""

    kind: str
    title: str
    planned_at: Instant
    minutes: int
    mode: str
    with_projects: dict[str, tuple[AppointmentToHold, ...]]


class Progress(_Invented):
    """What the coordination reports of the projects one day: status -> titles."""

    reported_at: Instant
    projects: dict[str, tuple[str, ...]]
    expected_on: dict[str, date] = {}
    """Status -> first day of the period in which its next step is expected."""
    legal_forms: dict[str, str] = {}
    """Title -> legal form, where it is known."""


class HandingIn(_Invented):
    handed_in_at: Instant
    kind: str
    projects: tuple[str, ...]


class TrophyToAward(_Invented):
    title: str
    project: str
    prizes: tuple[str, ...]


class Awarding(_Invented):
    awarded_at: Instant
    trophies: tuple[TrophyToAward, ...]


class Year(_Part):
    """All that follows the call."""

    format: Literal["essaim-year/1"]
    selection: Selection
    cohort: CohortToForm
    sessions: tuple[SessionToHold, ...] = ()
    godparents: Godparents | None = None
    wishes: dict[str, tuple[str, ...]] = {}
    """Title -> the topics the project wants help with."""
    appointments: tuple[Appointments, ...] = ()
    progress: tuple[Progress, ...] = ()
    files: tuple[HandingIn, ...] = ()
    awards: tuple[Awarding, ...] = ()


@dataclass(frozen=True)
class Edition:
    """A folder that was read: the programme's file as it is, and what people do."""

    programme: bytes
    tracks: tuple[bytes, ...]
    call: str
    applications: tuple[Application, ...]
    year: Year


P = TypeVar("P", bound=BaseModel)


def read_edition(folder: Path) -> Edition:
    """Read a folder. Tracks are those of the folder `tracks` in it, or beside it.

    Raises:
        UnreadableEdition: a file is missing or wrong.
    """
    sent = _read(folder / "applications.yaml", Applications)
    own = folder / "tracks"
    tracks = own if own.is_dir() else folder.parent / "tracks"
    return Edition(
        programme=_bytes(folder / "programme.yaml"),
        tracks=tuple(_bytes(file) for file in sorted(tracks.glob("*.yaml"))),
        call=sent.call,
        applications=sent.applications,
        year=_read(folder / "year.yaml", Year),
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableEdition(
            f"{file}: {error.strerror}. Name a folder with programme.yaml, applications.yaml and "
            "year.yaml."
        ) from error


def _read(file: Path, kind: type[P]) -> P:
    try:
        return kind.model_validate(yaml.safe_load(_bytes(file)))
    except yaml.YAMLError as error:
        raise UnreadableEdition(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableEdition(f"{file}: {place}: {first['msg']}") from error
