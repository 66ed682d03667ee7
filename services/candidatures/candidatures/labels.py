"""What states and fields of this service are called; values of contracts have their own words."""

from essaim.text.languages import N_

from candidatures.application import ApplicationState
from candidatures.call import CallState
from candidatures.ceremony import PrizeState
from candidatures.cohort import LeaveReason
from candidatures.conflict import Conflict
from candidatures.deliverable_review import FileState
from candidatures.erasure import Answer
from candidatures.handover import HandoverState
from candidatures.partner import PartnerStatus
from candidatures.waiting_list import OfferState

CALL_STATES = {
    CallState.TO_COME: (N_("À venir"), "info"),
    CallState.OPEN: (N_("Ouvert"), "success"),
    CallState.CLOSED: (N_("Fermé"), "neutral"),
}
APPLICATION_STATES = {
    ApplicationState.RECEIVED: N_("Reçue"),
    ApplicationState.WITHDRAWN: N_("Retirée"),
}
"""Of those that were sent."""

CONFLICTS = {
    Conflict.DECLARED: N_(
        "Vous avez déclaré un conflit d’intérêts : vous ne notez pas cette candidature et ne voyez "
        "ni dossier, ni notes, ni moyenne, ni décision préparée."
    ),
    Conflict.PINNED: N_(
        "La coordination a noté que vous êtes en conflit d’intérêts : vous ne lisez ni ne notez "
        "cette candidature."
    ),
    Conflict.OWN: N_(
        "Cette candidature est la vôtre : vous ne la notez pas et ne voyez ni notes, ni moyenne, "
        "ni décision préparée."
    ),
    Conflict.ORGANISATION: N_(
        "Cette candidature vient de votre organisation : vous ne la notez pas et ne voyez ni "
        "dossier, ni notes, ni moyenne, ni décision préparée."
    ),
}

ANSWERS = {
    Answer.CONFIRMED: (N_("Effacée"), "success"),
    Answer.AWAITED: (N_("Attendue"), "info"),
    Answer.OVERDUE: (N_("En retard"), "danger"),
}

FIELDS = {
    "project_title": N_("Nom du projet"),
    "sector": N_("Secteur"),
    "department": N_("Département"),
    "jobs_min": N_("Emplois envisagés, au moins"),
    "jobs_max": N_("Emplois envisagés, au plus"),
    "bearer_name": N_("Votre nom"),
    "bearer_email": N_("Votre adresse électronique"),
    "bearer_phone": N_("Votre téléphone"),
    "applicant_kind": N_("Vous candidatez"),
    "organisation": N_("Nom de la structure"),
    "heard_from": N_("Comment avez-vous connu cet appel ?"),
}
"""Of the form of a call, beside its own questions and documents."""

PARTNER_STATUS = {
    PartnerStatus.FORESEEN: N_("Pressenti"),
    PartnerStatus.CONFIRMED: N_("Confirmé"),
    PartnerStatus.ENDED: N_("Terminé"),
}

CONFLICT_NAMES = {
    Conflict.DECLARED: N_("déclaré par ce membre"),
    Conflict.PINNED: N_("dit par la coordination"),
    Conflict.OWN: N_("sa propre candidature"),
    Conflict.ORGANISATION: N_("son organisation"),
}
"""As the coordination reads them."""

EDITION_DATES = {
    "opens_at": N_("ouvre"),
    "closes_at": N_("ferme"),
    "due_on": N_("à remettre"),
}
"""What the dates of an edition are, by their keys in a programme file."""

OFFER_STATES = {
    OfferState.WAITING: (N_("Réponse attendue"), "info"),
    OfferState.LAPSED: (N_("Sans réponse"), "warning"),
    OfferState.ACCEPTED: (N_("Acceptée"), "success"),
    OfferState.DECLINED: (N_("Déclinée"), "neutral"),
}

LEAVE_REASONS = {
    LeaveReason.BEARER_CHOICE: N_("choix de ceux qui le portent"),
    LeaveReason.OTHER_SUPPORT: N_("un autre accompagnement"),
    LeaveReason.PROJECT_ENDED: N_("le projet s’arrête"),
    LeaveReason.NOT_FOLLOWED: N_("parcours non suivi"),
    LeaveReason.OTHER: N_("autre raison"),
}

HANDOVER_STATES = {
    HandoverState.PROPOSED: (N_("Accord demandé"), "info"),
    HandoverState.OFFERED: (N_("Réponse attendue"), "info"),
    HandoverState.ACCEPTED: (N_("Repris"), "success"),
    HandoverState.DECLINED: (N_("Sans suite"), "neutral"),
}

FILE_STATES = {
    FileState.AWAITED: (N_("À rendre"), "neutral"),
    FileState.TO_REVIEW: (N_("À relire"), "info"),
    FileState.TO_CORRECT: (N_("À corriger"), "warning"),
    FileState.ACCEPTED: (N_("Accepté"), "success"),
}

PRIZE_STATES = {
    PrizeState.PROMISED: (N_("Promise"), "neutral"),
    PrizeState.PREPARED: (N_("Préparée"), "info"),
    PrizeState.AWARDED: (N_("Annoncée, à remettre"), "warning"),
    PrizeState.DELIVERED: (N_("Remise"), "success"),
}
