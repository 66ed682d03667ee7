"""What a service says of the personal data it keeps: what is near its end, and what went.

Both are said by many, each under a type of its own owner. They name nobody.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import PositiveInt, StringConstraints

from essaim_contracts.fact import Fact, Meaning, Value

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
