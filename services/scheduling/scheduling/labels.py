"""The French words for our own codes, as people read them."""

from essaim.text.languages import N_, Tongue

from scheduling.assignment import Reason
from scheduling.attendance_sheet import AttendanceStatus
from scheduling.half_day import Part
from scheduling.pairing import PairingState
from scheduling.session import SessionState

SESSION_STATES = {
    SessionState.PLANNED: N_("Prévue"),
    SessionState.HELD: N_("Tenue"),
    SessionState.CANCELLED: N_("Annulée"),
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


TRACK_FIELDS = {
    "duration": N_("la durée"),
    "cohort_size": N_("la taille d’une promotion"),
    "cohorts_per_year": N_("le nombre de promotions par an"),
    "calls_per_year": N_("le nombre d’appels par an"),
    "fee_eur": N_("la participation demandée"),
    "sessions": N_("les séances"),
    "hour_packages": N_("les forfaits d’heures"),
}


def reason_in_words(reason: Reason, _: Tongue) -> str:
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
