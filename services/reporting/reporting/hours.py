"""Hour packages: granted, used, left, and time beyond the package."""

from typing import Any

import sqlalchemy as sa
from essaim.web import N_

from reporting import store
from reporting.indicator import GroupedBy, Indicator, Unit, counted, known
from reporting.words import HOUR_KINDS

_HOURS = store.hours


def _minutes(amount: Any, part: Any) -> "sa.Select[Any]":
    return counted(_HOURS, part, amount).where(known(_HOURS), amount > 0)


GRANTED = Indicator(
    code="hours.granted",
    label=N_("Heures accordées"),
    formula=N_("Somme des forfaits d'heures accordés aux projets."),
    rows=_minutes(_HOURS.c.granted, _HOURS.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED = Indicator(
    code="hours.used",
    label=N_("Heures consommées"),
    formula=N_("Somme du temps réel des rendez-vous tenus, dépassements compris."),
    rows=_minutes(_HOURS.c.used, _HOURS.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

LEFT = Indicator(
    code="hours.left",
    label=N_("Heures restantes"),
    formula=N_("Heures accordées, moins les heures consommées sans leurs dépassements."),
    rows=counted(_HOURS, _HOURS.c.kind, _HOURS.c.granted - (_HOURS.c.used - _HOURS.c.over)).where(
        known(_HOURS)
    ),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

OVER = Indicator(
    code="hours.over",
    label=N_("Heures au-delà des forfaits"),
    formula=N_("Temps passé au-delà d'un forfait, avec l'accord d'une personne nommée."),
    rows=_minutes(_HOURS.c.over, _HOURS.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED_BY_PARTNER = Indicator(
    code="hours.by_partner",
    label=N_("Heures données par partenaire"),
    formula=N_("Heures consommées, selon l'organisation qui a donné son temps."),
    rows=_minutes(_HOURS.c.used, _HOURS.c.provider_id),
    unit=Unit.MINUTES,
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
)

APPOINTMENTS_BY_PARTNER = Indicator(
    code="hours.appointments",
    label=N_("Rendez-vous par partenaire"),
    formula=N_("Rendez-vous qui ont utilisé des heures, selon l'organisation qui les a donnés."),
    rows=counted(_HOURS, _HOURS.c.provider_id).where(known(_HOURS), _HOURS.c.used > 0),
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
)
