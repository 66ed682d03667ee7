"""What is said of the personal data that is kept: until when, what is near its end, what went.

The last two are said by many, each under a type of its own owner. They name nobody.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import PositiveInt, StringConstraints

from essaim_contracts.fact import EditionId, Fact, Meaning, Value

RuleCode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60),
    Meaning(
        "The rule of the service by which it is kept, as `retention:` of the consortium file says.",
        example="not_selected",
    ),
]
WhatInFrench = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Meaning(
        "What is kept by the rule, in French, as the service's notice says it.",
        example="Candidatures non retenues ou retirées",
    ),
]
WhatInEnglish = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Meaning(
        "What is kept by the rule, in English, as the service's notice says it.",
        example="Applications not selected or withdrawn",
    ),
]
Matter = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    Meaning("What it belongs to, such as an edition; it names no person.", example="Prémices 2020"),
]


class SuspensionReason(StrEnum):
    """Why an edition's personal data may not be erased yet, whatever its terms say."""

    AUDIT = "audit"
    DISPUTE = "dispute"
    REQUEST = "request"


class RetentionChanged(Fact, type="essaim.candidatures.retention.changed.v1", key="edition_id"):
    """What the keeping of an edition's personal data counts from: whole, each time it changes."""

    edition_id: EditionId
    last_payment_on: date | None = None
    """The day of the funder's last payment, from which evidence is kept; none before it is made."""
    suspended_for: SuspensionReason | None = None
    """Why nothing of this edition may be erased for now; none when nothing is in the way."""


class ForgottenData(Value):
    """What went of one kind of personal data and one matter."""

    rule: RuleCode
    what_fr: WhatInFrench
    what_en: WhatInEnglish
    of: Matter
    number: PositiveInt
    """How many things there are of it."""


class EndingData(ForgottenData):
    """What is near its end of one kind of personal data and one matter."""

    first_on: date
    """The first day on which some of it is not to be kept any more."""
    last_on: date
    """The day on which the last of it is not to be kept any more."""


class RetentionAnnounced(Fact, said_by_many=True):
    """Personal data that a service will forget, announced at least thirty days before."""

    announcement_id: UUID
    """The announcement, of one programme or of what belongs to none."""
    ending: tuple[EndingData, ...]
    """What is near its end, by rule and matter."""
    by_itself: bool
    """Whether it goes by itself; otherwise when an operator says so."""
    not_before: date
    """The first day on which any of it may go by itself."""


class RetentionApplied(Fact, said_by_many=True):
    """Personal data that a service forgot, because it was not to be kept any more."""

    act_id: UUID
    """The act; what goes is forgotten a hundred at a time."""
    forgotten: tuple[ForgottenData, ...]
    """What went, by rule and matter."""


class RetentionAnnouncedByCandidatures(
    RetentionAnnounced, type="essaim.candidatures.retention.announced.v1", key="announcement_id"
):
    """This service announces personal data that it will forget, at least thirty days before."""


class RetentionAppliedByCandidatures(
    RetentionApplied, type="essaim.candidatures.retention.applied.v1", key="act_id"
):
    """This service forgot personal data, because it was not to be kept any more."""


class RetentionAnnouncedByScheduling(
    RetentionAnnounced, type="essaim.scheduling.retention.announced.v1", key="announcement_id"
):
    """This service announces personal data that it will forget, at least thirty days before."""


class RetentionAppliedByScheduling(
    RetentionApplied, type="essaim.scheduling.retention.applied.v1", key="act_id"
):
    """This service forgot personal data, because it was not to be kept any more."""


class RetentionAnnouncedByNotifications(
    RetentionAnnounced, type="essaim.notifications.retention.announced.v1", key="announcement_id"
):
    """This service announces personal data that it will forget, at least thirty days before."""


class RetentionAppliedByNotifications(
    RetentionApplied, type="essaim.notifications.retention.applied.v1", key="act_id"
):
    """This service forgot personal data, because it was not to be kept any more."""
