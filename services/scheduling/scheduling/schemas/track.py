"""Tracks, as the API answers them."""

from scheduling.schemas.body import Answer
from scheduling.track import Duration, OptionalModule, TrackPackage, TrackSession


class TrackAnswer(Answer):
    """A track as its file says it, and the names of what its source does not say."""

    code: str
    version: int
    name: str
    goal: str | None
    operators: tuple[str, ...]
    duration: Duration | None
    may_overrun: bool
    cohort_size: int | None
    cohorts_per_year: int | None
    calls_per_year: int | None
    fee_eur: int | None
    third_party_payer: str | None
    sessions: tuple[TrackSession, ...] | None
    hour_packages: tuple[TrackPackage, ...] | None
    optional_modules: tuple[OptionalModule, ...]
    members: tuple[str, ...]
    note: str | None
    unknown: list[str]
