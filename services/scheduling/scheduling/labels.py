"""The French words for our codes, as people read them."""

from collections.abc import Callable

from essaim.web import N_
from essaim_contracts.scheduling import (
    HourKind,
    PairingKind,
    ProjectStatus,
    SessionKind,
    SessionMode,
)

from scheduling.assignment import Reason
from scheduling.attendance_sheet import AttendanceStatus
from scheduling.half_day import Part
from scheduling.pairing import PairingState
from scheduling.session import SessionState

SESSION_KINDS = {
    SessionKind.LAUNCH_DAY: N_("Journée de lancement"),
    SessionKind.COLLECTIVE_DAY: N_("Journée collective"),
    SessionKind.WORKSHOP: N_("Atelier"),
    SessionKind.TRAINING: N_("Formation"),
    SessionKind.WEBINAR: N_("Webinaire"),
    SessionKind.APPOINTMENT: N_("Rendez-vous"),
    SessionKind.MENTORING: N_("Mentorat"),
    SessionKind.PITCH: N_("Pitch"),
    SessionKind.CEREMONY: N_("Cérémonie"),
    SessionKind.MEETING: N_("Réunion"),
}

SESSION_MODES = {
    SessionMode.ON_SITE: N_("Sur place"),
    SessionMode.ONLINE: N_("En ligne"),
    SessionMode.HYBRID: N_("Sur place et en ligne"),
}

SESSION_STATES = {
    SessionState.PLANNED: N_("Prévue"),
    SessionState.HELD: N_("Tenue"),
    SessionState.CANCELLED: N_("Annulée"),
}

HOUR_KINDS = {
    HourKind.MENTORING: N_("Mentorat"),
    HourKind.REFERENT: N_("Référent"),
    HourKind.LEGAL: N_("Expertise juridique"),
}

PAIRING_KINDS = {
    PairingKind.GODPARENT: N_("Parrainage"),
    PairingKind.MENTOR: N_("Mentorat"),
    PairingKind.REFERENT: N_("Référent"),
}

PAIRING_STATES = {
    PairingState.PROPOSED: N_("Proposé"),
    PairingState.REFUSED: N_("Refusé"),
    PairingState.ACTIVE: N_("En cours"),
    PairingState.ENDED: N_("Terminé"),
}

ATTENDANCE = {
    AttendanceStatus.PRESENT: N_("Présent"),
    AttendanceStatus.ABSENT: N_("Absent"),
    AttendanceStatus.EXCUSED: N_("Excusé"),
}

PARTS = {Part.MORNING: N_("matin"), Part.AFTERNOON: N_("après-midi")}

PROJECT_STATUSES = {
    ProjectStatus.IN_PROGRESS: N_("En cours"),
    ProjectStatus.STRUCTURE_CREATED: N_("Structure créée"),
    ProjectStatus.ASSOCIATION_PROGRESSING: N_("Association en développement"),
    ProjectStatus.SCOP_OR_SCIC_IN_CREATION: N_("Scop ou Scic en création"),
    ProjectStatus.TO_MATERIALISE_LATER: N_("Se concrétisera plus tard"),
    ProjectStatus.HALTED: N_("En arrêt"),
    ProjectStatus.ABANDONED: N_("Abandonné"),
}


TRACK_FIELDS = {
    "duration": N_("la durée"),
    "cohort_size": N_("la taille d’une promotion"),
    "cohorts_per_year": N_("le nombre de promotions par an"),
    "calls_per_year": N_("le nombre d’appels par an"),
    "fee_eur": N_("la participation demandée"),
    "sessions": N_("les séances"),
    "hour_packages": N_("les forfaits d’heures"),
}


def reason_in_words(reason: Reason, _: Callable[..., str]) -> str:
    """Why a pair was proposed, in the reader's language."""
    match reason.code:
        case "same_sector":
            return _("même secteur : {sector}", sector=reason.detail)
        case "same_department":
            return _("même département : {department}", department=reason.detail)
        case "wanted_topic":
            return _("thème souhaité : {topics}", topics=reason.detail)
    taken, _slash, capacity = reason.detail.partition("/")
    return _("places prises : {taken} sur {capacity}", taken=taken, capacity=capacity)
