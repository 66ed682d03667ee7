"""Hour packages: granted, used, left, and time beyond the package."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import HOUR_KINDS

from reporting.indicators.indicator import GroupedBy, Indicator, Unit
from reporting.indicators.rows import counted, known
from reporting.store.hours import hours


def _minutes(amount: Any, part: Any) -> "sa.Select[Any]":
    return counted(hours, part, amount).where(known(hours), amount > 0)


GRANTED = Indicator(
    code="hours.granted",
    label=N_("Heures accordées"),
    formula=N_("Somme des forfaits d’heures accordés aux projets."),
    rows=_minutes(hours.c.granted, hours.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED = Indicator(
    code="hours.used",
    label=N_("Heures consommées"),
    formula=N_("Somme du temps réel des rendez-vous tenus, dépassements compris."),
    rows=_minutes(hours.c.used, hours.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

LEFT = Indicator(
    code="hours.left",
    label=N_("Heures restantes"),
    formula=N_("Heures accordées, moins les heures consommées sans leurs dépassements."),
    rows=counted(hours, hours.c.kind, hours.c.granted - (hours.c.used - hours.c.over)).where(
        known(hours)
    ),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

OVER = Indicator(
    code="hours.over",
    label=N_("Heures au-delà des forfaits"),
    formula=N_("Temps passé au-delà d’un forfait, avec l’accord d’une personne nommée."),
    rows=_minutes(hours.c.over, hours.c.kind),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED_BY_PARTNER = Indicator(
    code="hours.by_partner",
    label=N_("Heures données par partenaire"),
    formula=N_("Heures consommées, selon l’organisation qui a donné son temps."),
    rows=_minutes(hours.c.used, hours.c.provider_id),
    unit=Unit.MINUTES,
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
    drawn="bar",
)

APPOINTMENTS_BY_PARTNER = Indicator(
    code="hours.appointments",
    label=N_("Rendez-vous par partenaire"),
    formula=N_("Rendez-vous qui ont utilisé des heures, selon l’organisation qui les a donnés."),
    rows=counted(hours, hours.c.provider_id).where(known(hours), hours.c.used > 0),
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
)

SHOWN = (
    GRANTED,
    USED,
    LEFT,
    OVER,
    USED_BY_PARTNER,
    APPOINTMENTS_BY_PARTNER,
)
