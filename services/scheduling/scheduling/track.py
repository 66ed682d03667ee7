"""Track templates: what a project receives, as versioned data. `track_file` reads their file."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from essaim.refusal import Refusal
from essaim.text.file_values import Number, Whole, YesNo
from essaim.text.written import Paragraphs, PublicLabel
from essaim_contracts.fact import Slug
from essaim_contracts.scheduling import HourKind, SessionKind, SessionMode
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

ONE_TO_ONE = frozenset({SessionKind.APPOINTMENT, SessionKind.MENTORING})
"""The kinds of session that are for one project; the others gather a cohort."""

Minutes = Annotated[Whole, Field(ge=1, le=7 * 24 * 60)]
Count = Annotated[Whole, Field(ge=1)]


def _broken(rule: str, **values: Any) -> PydanticCustomError:
    """A rule between values is broken; `track_file` says it in words, with the line."""
    return PydanticCustomError(rule, "breaks a rule of tracks", values)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Per(StrEnum):
    """Whether a line of a track counts once for each project, or once for the whole cohort."""

    PROJECT = "project"
    COHORT = "cohort"


class Duration(_Part):
    """How long a track lasts: weeks, months or years, one of the three."""

    weeks: Annotated[Whole, Field(ge=1, le=1040)] | None = None
    months: Annotated[Whole, Field(ge=1, le=240)] | None = None
    years: Annotated[Whole, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len([unit for unit in (self.weeks, self.months, self.years) if unit]) != 1:
            raise _broken("one_unit")
        return self

    def after(self, first: date) -> date:
        """The last day of a track that starts on `first`."""
        if self.weeks:
            return first + timedelta(weeks=self.weeks, days=-1)
        months = first.month - 1 + (self.months or 12 * (self.years or 0))
        year, month = first.year + months // 12, months % 12 + 1
        return date(year, month, min(first.day, monthrange(year, month)[1])) - timedelta(days=1)


class Length(_Part):
    """The length of one session, in minutes, at least and at most."""

    min: Minutes
    max: Minutes

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise _broken("ordered", min=self.min, max=self.max)
        return self


class TrackSession(_Part):
    """Sessions of one kind that a track proposes: `count` of them, for each project or the cohort.

    `hours` names the package that a held session uses, None when it uses none.
    """

    kind: Annotated[SessionKind, Field(strict=False)]
    title: PublicLabel
    count: Annotated[Whole, Field(ge=1, le=100)] = 1
    per: Annotated[Per | None, Field(strict=False)] = None
    half_days: Annotated[Whole, Field(ge=1, le=14)] | None = None
    minutes: Length | None = None
    mode: Annotated[SessionMode | None, Field(strict=False)] = None
    hours: Annotated[HourKind | None, Field(strict=False)] = None
    mandatory: YesNo | None = None
    topics: tuple[PublicLabel, ...] = Field(default=(), strict=False)

    @field_validator("minutes", mode="before")
    @classmethod
    def _as_a_range(cls, value: Any) -> Any:
        return {"min": value, "max": value} if isinstance(value, str | int) else value

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.half_days and self.minutes:
            raise _broken("one_length", title=self.title)
        return self

    @property
    def is_per_project(self) -> bool:
        return (self.per or (Per.PROJECT if self.kind in ONE_TO_ONE else Per.COHORT)) == Per.PROJECT


class TrackPackage(_Part):
    """Hours of one kind of support that each project of the track is granted."""

    kind: Annotated[HourKind, Field(strict=False)]
    hours: Annotated[Number, Field(gt=0, le=1000)]

    @field_validator("hours")
    @classmethod
    def _whole_minutes(cls, hours: float) -> float:
        if _in_minutes(hours) % 1:
            raise _broken("whole_minutes", hours=hours)
        return hours

    @property
    def minutes(self) -> int:
        return int(_in_minutes(self.hours))


def _in_minutes(hours: float) -> Decimal:
    """Of the hours as they were written: 4.1 times 60 is no whole number in binary."""
    return Decimal(str(hours)) * 60


class OptionalModule(_Part):
    """A part of a track that a project may take or leave."""

    code: Slug
    title: PublicLabel
    sessions: Count | None = None


class Track(_Part):
    """A track template. None means that its source does not say; `unknown` lists those fields.

    Money is in whole euros. `members` are the codes of the tracks an umbrella stands for.
    """

    format: Literal["essaim-track/1"]
    code: Slug
    version: Annotated[Whole, Field(ge=1, le=9999)]
    name: PublicLabel
    goal: Paragraphs | None = None
    operators: tuple[PublicLabel, ...] = Field(default=(), strict=False)
    duration: Duration | None = None
    may_overrun: YesNo = False
    cohort_size: Count | None = None
    cohorts_per_year: Count | None = None
    calls_per_year: Count | None = None
    fee_eur: Annotated[Whole, Field(ge=0)] | None = None
    third_party_payer: Slug | None = None
    sessions: tuple[TrackSession, ...] | None = Field(default=None, strict=False, max_length=200)
    hour_packages: tuple[TrackPackage, ...] | None = Field(default=None, strict=False)
    optional_modules: tuple[OptionalModule, ...] = Field(default=(), strict=False)
    members: tuple[Slug, ...] = Field(default=(), strict=False)
    note: Paragraphs | None = None

    @field_validator("hour_packages")
    @classmethod
    def _one_package_of_a_kind(
        cls, packages: tuple[TrackPackage, ...] | None
    ) -> tuple[TrackPackage, ...] | None:
        kinds = [package.kind for package in packages or ()]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise _broken("package_twice", kind=kind.value)
        return packages

    @model_validator(mode="after")
    def _hours_have_a_package(self) -> Self:
        granted = {package.kind for package in self.hour_packages or ()}
        for nth, session in enumerate(self.sessions or ()):
            if session.hours is not None and session.hours not in granted:
                at = ("sessions", nth, "hours")
                raise _broken("no_package", title=session.title, kind=session.hours.value, at=at)
        return self

    def last_day(self, first: date) -> date | None:
        """The last day of a cohort that starts on `first`; None when the track may not tell."""
        if self.duration is None or self.may_overrun:
            return None
        return self.duration.after(first)

    @property
    def unknown(self) -> list[str]:
        """What the file says it does not know (`null`), as dotted names: `sessions.2.mode`."""
        return list(_nulls(self.model_dump(exclude_unset=True)))


def version_taken(track: Track) -> Refusal:
    return Refusal(
        "track_version_taken",
        "La version {version} du parcours « {track} » existe avec un autre contenu. "
        "Donnez au fichier une nouvelle version.",
        field="version",
        version=track.version,
        track=track.code,
    )


def _nulls(value: Any, name: str = "") -> Iterator[str]:
    if value is None:
        yield name
    items = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list | tuple):
        items = enumerate(value)  # type: ignore[assignment]
    for key, part in items:
        yield from _nulls(part, f"{name}.{key}" if name else str(key))
