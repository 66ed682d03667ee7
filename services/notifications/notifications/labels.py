"""What states, templates and reasons are called on pages, and what to do about a failure."""

from essaim.web import N_

from notifications.message import MessageState, Template

STATES: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: N_("Attend une adresse"),
    MessageState.QUEUED: N_("En file"),
    MessageState.SENDING: N_("En cours d'envoi"),
    MessageState.SENT: N_("Envoyé"),
    MessageState.FAILED: N_("Échoué"),
    MessageState.CANCELLED: N_("Annulé"),
}

COUNTS: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: N_("sans adresse connue"),
    MessageState.QUEUED: N_("en file"),
    MessageState.SENDING: N_("en cours d'envoi"),
    MessageState.SENT: N_("envoyés"),
    MessageState.FAILED: N_("échoués"),
    MessageState.CANCELLED: N_("annulés"),
}
"""What a number of messages in a state is called."""

TONES: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: "warning",
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "success",
    MessageState.FAILED: "danger",
    MessageState.CANCELLED: "neutral",
}

TEMPLATES: dict[str, str] = {
    Template.APPLICATION_RECEIVED: N_("Récépissé de candidature"),
    Template.APPLICATION_DECIDED: N_("Décision du comité"),
    Template.COHORT_WELCOME: N_("Bienvenue dans la promotion"),
    Template.SESSION_CONVOCATION: N_("Convocation"),
    Template.SESSION_MOVED: N_("Changement de séance"),
    Template.SESSION_CANCELLED: N_("Annulation de séance"),
    Template.SESSION_REMINDER_7_DAYS: N_("Rappel sept jours avant"),
    Template.SESSION_REMINDER_1_DAY: N_("Rappel la veille"),
    Template.PAIRING_MADE: N_("Mise en relation"),
    Template.TROPHY_AWARDED: N_("Trophée"),
    Template.SIGN_IN_LINK: N_("Lien de connexion"),
    Template.DRAFT_LINK: N_("Lien vers un brouillon"),
}

CASES: dict[str, str] = {
    "selected": N_("retenue"),
    "waiting_list": N_("liste d'attente"),
    "refused": N_("refusée"),
    "reoriented": N_("réorientée"),
    "bearer": N_("au porteur de projet"),
    "contact": N_("à qui accompagne"),
}

REASONS: dict[str, str] = {
    "no_address": N_("Aucune adresse valable"),
    "refused_by_server": N_("Refusé par le serveur de courrier"),
    "server_unreachable": N_("Serveur de courrier injoignable"),
    "replaced": N_("Remplacé par un message plus récent"),
    "session_cancelled": N_("Séance annulée avant l'envoi"),
    "left_cohort": N_("Projet sorti de la promotion"),
    "person_erased": N_("Personne effacée à sa demande"),
    "by_hand": N_("Annulé par la coordination"),
}

ADVICE: dict[str, str] = {
    "no_address": N_(
        "Téléphonez à la personne, complétez son adresse dans l'annuaire, puis renvoyez le message."
    ),
    "refused_by_server": N_(
        "L'adresse est sans doute fausse ou la boîte pleine : téléphonez à la personne, corrigez "
        "son adresse, puis renvoyez le message."
    ),
    "server_unreachable": N_(
        "Le serveur n'a pas répondu à temps. Prévenez l'exploitant, puis renvoyez le message."
    ),
    "uncertain": N_(
        "La connexion a été coupée pendant l'envoi : le message est peut-être arrivé. Demandez à "
        "la personne avant de le renvoyer."
    ),
}


def advice(reason: str, *, uncertain: bool) -> str:
    """The French sentence that says what to do about a failed message."""
    return ADVICE["uncertain" if uncertain else reason]
