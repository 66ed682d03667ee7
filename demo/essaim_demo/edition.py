"""An edition to play, as a folder holds it: `programme.yaml`, `applications.yaml`, `year.yaml`.

The first is imported as it is; the other two say what people do, and when, and `next.yaml`, where
there is one, what is under way when the play stops. Times are of Paris,
organisations are named by their codes and projects by their public titles. What the source of an
edition does not say is invented, and marked so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypeVar

from essaim.text.file_check import FileFormat, check
from essaim.text.file_errors import WrongFile
from essaim.text.file_values import Day, ParisTime, Whole
from essaim.text.languages import CHASSIS, tongue_of
from essaim.text.yaml_source import read_yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, with_config
from typing_extensions import TypedDict

PAGE = "demo/README.md"


class UnreadableEdition(Exception):
    """A file of the folder is missing or wrong; says which, and where."""


def _yes_no(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Answer = Annotated[str | bool, BeforeValidator(_yes_no)]


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
    rank: Whole | None = None
    track_code: str | None = None


@with_config(extra="forbid")
class Fields(TypedDict):
    """What the form of the call asks, but for its questions."""

    project_title: str
    bearer_name: str
    bearer_email: str
    applicant_kind: str
    organisation: NotRequired[str]
    sector: str
    department: str
    jobs_min: Whole
    jobs_max: Whole
    heard_from: NotRequired[str]


class Written(_Part):
    """What somebody writes."""

    language: str = "fr"
    fields: Fields
    answers: dict[str, Answer]
    documents: tuple[str, ...] = ()
    """Codes of the documents that are joined."""

    @property
    def title(self) -> str:
        return self.fields["project_title"]


class Application(Written):
    """What somebody sends; `points` is what each criterion gets, on average."""

    sent_at: ParisTime
    points: dict[str, Whole]
    withdrawn_at: ParisTime | None = None
    """When its bearer takes it back, before the committee."""
    decision: Decided | None = None
    """None for one that comes too late or is withdrawn."""


class Applications(_Part):
    format: Literal["essaim-applications/1"]
    call: str
    applications: tuple[Application, ...]


# --- year.yaml


class Selection(_Invented):
    """When the committee works, and when its decisions are applied."""

    scored_at: ParisTime
    decided_at: ParisTime


class CohortToForm(_Invented):
    label: str
    formed_at: ParisTime
    starts_on: Day


class Change(_Invented):
    """A planned session changes: its place becomes known, or it moves."""

    at: ParisTime
    place: str | None = None
    mode: str | None = None
    reason: str


class SessionToHold(_Invented):
    """A session for the whole cohort, from its planning to its closing."""

    kind: str
    title: str
    topics: tuple[str, ...] = ()
    planned_at: ParisTime
    starts_at: ParisTime
    ends_at: ParisTime
    mode: str
    place: str | None = None
    host: str | None = None
    speakers: tuple[str, ...] = ()
    invited_roles: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    headcount: Whole | None = None
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

    paired_at: ParisTime
    offers: tuple[Offer, ...]


class AppointmentToHold(_Part):
    """Some hours of one partner with one project."""

    by: str
    starts_at: ParisTime
    topic: str | None = None


class Appointments(_Invented):
    """Appointments that are planned together, and held one by one."""

    kind: str
    title: str
    planned_at: ParisTime
    minutes: Whole
    mode: str
    with_projects: dict[str, tuple[AppointmentToHold, ...]]


class Progress(_Invented):
    """What the coordination reports of the projects one day: status -> titles."""

    reported_at: ParisTime
    projects: dict[str, tuple[str, ...]]
    expected_on: dict[str, Day] = {}
    """Status -> first day of the period in which its next step is expected."""
    legal_forms: dict[str, str] = {}
    """Title -> legal form, where it is known."""


class HandingIn(_Invented):
    handed_in_at: ParisTime
    kind: str
    projects: tuple[str, ...]


class TrophyToAward(_Invented):
    title: str
    project: str
    prizes: tuple[str, ...]


class Awarding(_Invented):
    awarded_at: ParisTime
    trophies: tuple[TrophyToAward, ...]


class ResourceToLend(_Part):
    """A link, or the file of a page that says what it is."""

    title: str
    theme: str
    description: str = ""
    licence: str
    owner: str
    audience: tuple[str, ...] = ()
    link: str | None = None


class Library(_Invented):
    lent_at: ParisTime
    resources: tuple[ResourceToLend, ...]


class Correction(_Part):
    project: str
    comment: str
    sections: tuple[str, ...] = ()
    correct_by: Day


class Reading(_Invented):
    """Files that the coordination reads one day: those it accepts, and what it asks of others."""

    read_at: ParisTime
    kind: str
    accepted: tuple[str, ...] = ()
    to_correct: tuple[Correction, ...] = ()


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
    library: Library | None = None
    files: tuple[HandingIn, ...] = ()
    readings: tuple[Reading, ...] = ()
    awards: tuple[Awarding, ...] = ()


# --- next.yaml


class BegunApplication(Written):
    written_at: ParisTime
    is_draft: Annotated[bool, BeforeValidator(_yes_no)] = False


class ReviewsToGive(_Part):
    """When the applications are shared out, to how many members each, and the last day to score."""

    given_at: ParisTime
    each: Whole
    due_on: Day


class LetterToMany(_Invented):
    """A letter of the coordination that waits to be read before it leaves.

    `to` is `cohort`, or an audience as notifications names it: `role:godparent`.
    """

    written_at: ParisTime
    to: str
    subject: str
    body: str
    subject_en: str
    body_en: str


class Next(_Invented):
    """What is under way when the play stops, so that whoever looks at it has something to do."""

    format: Literal["essaim-next/1"]
    call: str
    applications: tuple[BegunApplication, ...] = ()
    reviews: ReviewsToGive
    sessions: tuple[SessionToHold, ...] = ()
    """Planned, and never closed: the past ones wait for somebody to do it."""
    appointments: tuple[Appointments, ...] = ()
    letters: tuple[LetterToMany, ...] = ()


@dataclass(frozen=True)
class Edition:
    """A folder that was read: the programme's file as it is, and what people do."""

    programme: bytes
    tracks: tuple[bytes, ...]
    call: str
    applications: tuple[Application, ...]
    year: Year
    next: Next | None
    """None where nothing is under way at the end: the folder has no such file."""


P = TypeVar("P", bound=BaseModel)


def read_edition(folder: Path) -> Edition:
    """Read a folder. Tracks are those of the folder `tracks` in it, or beside it.

    Raises:
        UnreadableEdition: a file is missing or wrong.
    """
    sent = _read(folder / "applications.yaml", Applications, "essaim-applications/1")
    own, following = folder / "tracks", folder / "next.yaml"
    tracks = own if own.is_dir() else folder.parent / "tracks"
    return Edition(
        programme=_bytes(folder / "programme.yaml"),
        tracks=tuple(_bytes(file) for file in sorted(tracks.glob("*.yaml"))),
        call=sent.call,
        applications=sent.applications,
        year=_read(folder / "year.yaml", Year, "essaim-year/1"),
        next=_read(following, Next, "essaim-next/1") if following.exists() else None,
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableEdition(
            f"{file}: {error.strerror}. Name a folder with programme.yaml, applications.yaml and "
            "year.yaml."
        ) from error


def _read(file: Path, kind: type[P], format: str) -> P:
    try:
        return check(read_yaml(_bytes(file)), kind, FileFormat(format, PAGE))
    except WrongFile as wrong:
        _ = tongue_of(CHASSIS, "en")
        lines = (f"{file}:{error.line}: {_.refusal(error.why)}" for error in wrong.errors)
        raise UnreadableEdition("\n".join(lines)) from wrong
