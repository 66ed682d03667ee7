"""The hours of a project."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from essaim.text.bounded import Count
from essaim_contracts.scheduling import GrantReason, HourKind
from pydantic import Field

from scheduling.hour_package import HourPackage, HourUse
from scheduling.schemas.body import Answer, Body


class GrantHours(Body):
    kind: HourKind
    minutes: Annotated[Count, Field(ge=1, le=60_000)]


class UseAnswer(Answer):
    """What a held session took from a package, in whole minutes."""

    session_id: UUID
    provider_id: UUID | None
    minutes: int
    minutes_over: int
    override_by: UUID | None
    used_on: date


class HoursAnswer(Answer):
    """A package; `minutes_planned` are of sessions to come of its kind, not yet used."""

    package_id: Annotated[UUID, Field(validation_alias="id")]
    programme: str
    edition_id: UUID
    cohort_id: UUID
    project_id: UUID
    kind: HourKind
    minutes: int
    reason: GrantReason
    granted_on: date
    minutes_used: int
    minutes_over: int
    minutes_left: int
    minutes_planned: int
    uses: list[UseAnswer]


def hours_answer(
    package: HourPackage, planned: Mapping[HourKind, int], uses: Iterable[HourUse] = ()
) -> HoursAnswer:
    return HoursAnswer.model_validate(
        vars(package)
        | {
            "minutes_left": package.minutes_left,
            "minutes_planned": planned.get(package.kind, 0),
            "uses": [use for use in uses if use.package_id == package.id],
        }
    )
