"""Hour packages: granted, used, left, and time beyond the package."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import HOUR_KINDS

from reporting.indicators.indicator import Basis, Feed, GroupedBy, Indicator, Unit
from reporting.indicators.rows import NEVER
from reporting.store.hours import hours

_MINUTES = sa.select(hours, hours.c.at.label("since"), NEVER.label("until")).subquery()

_HOURS = Basis(_MINUTES, ("fact_id",), (Feed(hours, "fact_id"),))

GRANTED = Indicator(
    code="hours.granted",
    label=N_("Heures accordées"),
    formula=N_("Somme des forfaits d’heures accordés aux projets."),
    of=_HOURS,
    part=_MINUTES.c.kind,
    amount=_MINUTES.c.granted,
    where=_MINUTES.c.granted > 0,
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED = Indicator(
    code="hours.used",
    label=N_("Heures consommées"),
    formula=N_("Somme du temps réel des rendez-vous tenus, dépassements compris."),
    of=_HOURS,
    part=_MINUTES.c.kind,
    amount=_MINUTES.c.used,
    where=_MINUTES.c.used > 0,
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

LEFT = Indicator(
    code="hours.left",
    label=N_("Heures restantes"),
    formula=N_("Heures accordées, moins les heures consommées sans leurs dépassements."),
    of=_HOURS,
    part=_MINUTES.c.kind,
    amount=_MINUTES.c.granted - (_MINUTES.c.used - _MINUTES.c.over),
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

OVER = Indicator(
    code="hours.over",
    label=N_("Heures au-delà des forfaits"),
    formula=N_("Temps passé au-delà d’un forfait, avec l’accord d’une personne nommée."),
    of=_HOURS,
    part=_MINUTES.c.kind,
    amount=_MINUTES.c.over,
    where=_MINUTES.c.over > 0,
    unit=Unit.MINUTES,
    parts=HOUR_KINDS,
)

USED_BY_PARTNER = Indicator(
    code="hours.by_partner",
    label=N_("Heures données par partenaire"),
    formula=N_("Heures consommées, selon l’organisation qui a donné son temps."),
    of=_HOURS,
    part=_MINUTES.c.provider_id,
    amount=_MINUTES.c.used,
    where=_MINUTES.c.used > 0,
    unit=Unit.MINUTES,
    parts=GroupedBy.ORGANISATION,
    breakdown=True,
    drawn="bar",
)

APPOINTMENTS_BY_PARTNER = Indicator(
    code="hours.appointments",
    label=N_("Rendez-vous par partenaire"),
    formula=N_("Rendez-vous qui ont utilisé des heures, selon l’organisation qui les a donnés."),
    of=_HOURS,
    part=_MINUTES.c.provider_id,
    where=_MINUTES.c.used > 0,
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
