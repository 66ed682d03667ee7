"""Hour packages: granted to a project, used by held sessions, never below zero."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.scheduling import GrantReason, HourKind, HoursGranted, HoursUsed


@dataclass(frozen=True)
class HourPackage:
    """Minutes of one kind of support. `minutes_over`, a part of `minutes_used`, went beyond it."""

    id: UUID
    programme: str
    edition_id: UUID
    cohort_id: UUID
    project_id: UUID
    kind: HourKind
    minutes: int
    reason: GrantReason
    granted_on: date
    minutes_used: int = 0
    minutes_over: int = 0

    @property
    def minutes_left(self) -> int:
        """What is left, in minutes: used and left make granted and over."""
        return self.minutes + self.minutes_over - self.minutes_used

    def after(self, use: HoursUsed) -> "HourPackage":
        """The package once this use is counted."""
        return replace(
            self,
            minutes_used=self.minutes_used + use.minutes,
            minutes_over=self.minutes_over + use.minutes_over,
        )


@dataclass(frozen=True)
class HourUse:
    """What a held session took from a package. Whole minutes; `minutes_over` are part of them."""

    package_id: UUID
    session_id: UUID
    provider_id: UUID | None
    minutes: int
    minutes_over: int
    override_by: UUID | None
    used_on: date


@dataclass(frozen=True)
class TimeSpent:
    """A held session as its packages see it: whole minutes, and whose hours they are."""

    session_id: UUID
    provider_id: UUID | None
    minutes: int
    on: date


def as_granted(package: HourPackage) -> HoursGranted:
    """The fact that a project received this package."""
    return HoursGranted(
        package_id=package.id,
        edition_id=package.edition_id,
        cohort_id=package.cohort_id,
        project_id=package.project_id,
        kind=package.kind,
        minutes=package.minutes,
        reason=package.reason,
        granted_on=package.granted_on,
    )


def use_hours(
    packages: list[HourPackage], spent: TimeSpent, override_by: UUID | None = None
) -> list[HoursUsed]:
    """Count a held session against the packages of one kind of a project, the oldest first.

    Time beyond the last of them needs the person who allows it; it is counted over that package.

    Raises:
        Refusal: there is no package, or too little is left and nobody allows it.
    """
    if not packages:
        raise no_hour_package()
    left = sum(package.minutes_left for package in packages)
    over = max(0, spent.minutes - left)
    if over and override_by is None:
        raise hours_exceeded(left, spent.minutes)
    uses = []
    to_count = spent.minutes - over
    for package in packages:
        is_last = package is packages[-1]
        within = min(to_count, package.minutes_left)
        to_count -= within
        beyond = over if is_last else 0
        if within + beyond:
            uses.append(_use(package, spent, within, beyond, override_by))
    return uses


def _use(
    package: HourPackage, spent: TimeSpent, within: int, beyond: int, override_by: UUID | None
) -> HoursUsed:
    return HoursUsed(
        package_id=package.id,
        edition_id=package.edition_id,
        project_id=package.project_id,
        session_id=spent.session_id,
        provider_id=spent.provider_id,
        kind=package.kind,
        minutes=within + beyond,
        minutes_left=package.minutes_left - within,
        minutes_over=beyond,
        override_by=override_by if beyond else None,
        used_on=spent.on,
    )


def no_hour_package() -> Refusal:
    return Refusal(
        "no_hour_package",
        "Ce projet n’a pas de forfait d’heures de cette nature. "
        "Accordez-lui un forfait, ou planifiez la séance sans forfait.",
    )


def hours_exceeded(left: int, minutes: int) -> Refusal:
    return Refusal(
        "hours_exceeded",
        "Il reste {left} min au forfait, la séance en compte {minutes}. "
        "Corrigez la durée, ou demandez à la coordination de clore la feuille elle-même : "
        "elle seule autorise un dépassement de {over} min.",
        field="minutes",
        left=left,
        minutes=minutes,
        over=minutes - left,
    )
