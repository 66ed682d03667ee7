"""The figures of an edition in a dozen keys, for programs and for the end of a demonstration."""

from typing import Any

from reporting.figures import Figures
from reporting.indicators import (
    application,
    attendance,
    cohort,
    employment,
    fact,
    hours,
    message,
    pairing,
    session,
    trophy,
)
from reporting.indicators.indicator import Indicator
from reporting.labels import APPLICATION_STATES


def summary(figures: Figures) -> dict[str, Any]:
    """Nested figures: the states of applications even at zero, other parts when they count."""
    states = figures[application.STATES]
    return {
        "applications": {
            "received": figures[application.RECEIVED].value,
            "selected": states.of("selected"),
            "not_selected": {
                str(state): states.of(state) for state in APPLICATION_STATES if state != "selected"
            },
        },
        "cohort": {"projects": figures[cohort.PROJECTS].value},
        "jobs_expected": {
            "min": figures[employment.EXPECTED_MIN].value,
            "max": figures[employment.EXPECTED_MAX].value,
        },
        "godparents": figures[pairing.GODPARENTS].value,
        "sessions": {"held": _parts(figures, session.HELD)},
        "mentoring": {"hours_used": _in_hours(figures[hours.USED].of("mentoring"))},
        "launch": {"participants": figures[attendance.PARTICIPANTS].of("launch_day")},
        "trophies": {"prizes_value_eur": figures[trophy.PRIZES_VALUE].value},
        "messages": {"sent": figures[message.SENT].value},
        "facts": {"published": _parts(figures, fact.BY_TYPE)},
        "statuses": _parts(figures, cohort.BY_STATUS),
    }


def _parts(figures: Figures, indicator: Indicator) -> dict[str, int]:
    return {code: part.value for code, part in figures[indicator].parts.items()}


def _in_hours(minutes: int) -> int | float:
    return minutes // 60 if minutes % 60 == 0 else round(minutes / 60, 2)
