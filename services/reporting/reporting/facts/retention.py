"""How long personal data is kept: what changes, what is near its end, what went."""

from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.retention import (
    ForgottenData,
    RetentionAnnounced,
    RetentionAnnouncedByCandidatures,
    RetentionAnnouncedByNotifications,
    RetentionAnnouncedByScheduling,
    RetentionApplied,
    RetentionAppliedByCandidatures,
    RetentionAppliedByNotifications,
    RetentionAppliedByScheduling,
    RetentionChanged,
)
from essaim_contracts.words import words_of

from reporting.facts.kind import FactKind, Kinds
from reporting.names import Names


def _changed(fact: RetentionChanged, _: Tongue, names: Names) -> str:
    if fact.suspended_for is not None:
        return _(
            "Rien ne s’efface des données de l’édition pour l’instant : {reason}.",
            reason=words_of(fact.suspended_for).say(_.language),
        )
    if fact.last_payment_on is None:
        return _("La conservation des données de l’édition suit de nouveau ses durées.")
    return _(
        "La conservation des preuves de l’édition part de son dernier paiement, le {day}.",
        day=formats.day(fact.last_payment_on, _.language),
    )


def _announced(fact: RetentionAnnounced, _: Tongue, names: Names) -> str:
    """Each with the day from which it goes."""
    what = "; ".join(
        f"{_data(one, _)} ({formats.day(one.first_on, _.language)})" for one in fact.ending
    )
    return _(
        "Des données personnelles seront effacées, chaque fois à partir du jour dit : {what}.",
        what=what,
    )


def _applied(fact: RetentionApplied, _: Tongue, names: Names) -> str:
    what = "; ".join(_data(one, _) for one in fact.forgotten)
    return _(
        "Des données personnelles ont été effacées, leur durée étant passée : {what}.", what=what
    )


def _data(one: ForgottenData, _: Tongue) -> str:
    words = one.what_en if _.language == "en" else one.what_fr
    return _("{number} de {of}, {words}", number=one.number, of=one.of, words=words)


KINDS: Kinds = (
    FactKind(RetentionChanged, _changed),
    FactKind(RetentionAnnouncedByCandidatures, _announced),
    FactKind(RetentionAnnouncedByScheduling, _announced),
    FactKind(RetentionAnnouncedByNotifications, _announced),
    FactKind(RetentionAppliedByCandidatures, _applied),
    FactKind(RetentionAppliedByScheduling, _applied),
    FactKind(RetentionAppliedByNotifications, _applied),
)
