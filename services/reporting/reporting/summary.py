"""The figures of an edition in a dozen keys, for programs and for the end of a demonstration."""

from typing import Any

from reporting import (
    attendance,
    cohort,
    funnel,
    hours,
    jobs,
    messages,
    pairings,
    published,
    sessions,
    trophies,
)
from reporting.catalogue import Figures
from reporting.indicator import Indicator
from reporting.words import APPLICATION_STATES


def summary(figures: Figures) -> dict[str, Any]:
    """Nested figures: the states of applications even at zero, other parts when they count."""
    states = figures[funnel.STATES]
    return {
        "applications": {
            "received": figures[funnel.RECEIVED].value,
            "selected": states.of("selected"),
            "not_selected": {
                state: states.of(state) for state in APPLICATION_STATES if state != "selected"
            },
        },
        "cohort": {"projects": figures[cohort.PROJECTS].value},
        "jobs_expected": {
            "min": figures[jobs.EXPECTED_MIN].value,
            "max": figures[jobs.EXPECTED_MAX].value,
        },
        "godparents": figures[pairings.GODPARENTS].value,
        "sessions": {"held": _parts(figures, sessions.HELD)},
        "mentoring": {"hours_used": _in_hours(figures[hours.USED].of("mentoring"))},
        "launch": {"participants": figures[attendance.PARTICIPANTS].of("launch_day")},
        "trophies": {"prizes_value_eur": figures[trophies.PRIZES_VALUE].value},
        "messages": {"sent": figures[messages.SENT].value},
        "facts": {"published": _parts(figures, published.BY_TYPE)},
        "statuses": _parts(figures, cohort.BY_STATUS),
    }


def _parts(figures: Figures, indicator: Indicator) -> dict[str, int]:
    return {code: part.value for code, part in figures[indicator].parts.items()}


def _in_hours(minutes: int) -> int | float:
    return minutes // 60 if minutes % 60 == 0 else round(minutes / 60, 2)
