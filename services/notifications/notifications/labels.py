"""What states, templates and reasons are called on pages, and what to do about a failure."""

from collections.abc import Mapping

from essaim.web import N_
from essaim_contracts import words
from essaim_contracts.cohort import FileVerdict
from essaim_contracts.handover_words import HANDOVER_PARTIES
from essaim_contracts.notifications import FailureReason
from essaim_contracts.words import Words

from notifications.message import CancelReason, MessageState, OwnFailure, Template
from notifications.outbox import split_occasion
from notifications.webhook import TEST_TYPE, DisableReason, WebhookState
from notifications.webhook_delivery import DeliveryState, Trouble

STATES: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: N_("Attend une adresse"),
    MessageState.HELD: N_("Retenu"),
    MessageState.QUEUED: N_("En file"),
    MessageState.SENDING: N_("En cours d’envoi"),
    MessageState.SENT: N_("Envoyé"),
    MessageState.FAILED: N_("Échoué"),
    MessageState.CANCELLED: N_("Annulé"),
}

COUNTS: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: N_("sans adresse connue"),
    MessageState.HELD: N_("retenus"),
    MessageState.QUEUED: N_("en file"),
    MessageState.SENDING: N_("en cours d’envoi"),
    MessageState.SENT: N_("envoyés"),
    MessageState.FAILED: N_("échoués"),
    MessageState.CANCELLED: N_("annulés"),
}
"""What a number of messages in a state is called."""

TONES: dict[str, str] = {
    MessageState.WAITING_FOR_PERSON: "warning",
    MessageState.HELD: "warning",
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "success",
    MessageState.FAILED: "danger",
    MessageState.CANCELLED: "neutral",
}

TEMPLATES: dict[str, str | Words] = {
    **words.TEMPLATES,
    Template.SIGN_IN_LINK: N_("Lien de connexion"),
    Template.DRAFT_LINK: N_("Lien vers un brouillon"),
    Template.HANDOVER_LINK: N_("Lien vers un dossier transmis"),
    Template.DRAFT_REMINDER: N_("Rappel d’un brouillon"),
    Template.WATCH_LINK: N_("Demande d’être prévenu"),
    Template.CALL_OPENED: N_("Ouverture d’un appel"),
    Template.ADDRESS_LINK: N_("Confirmation d’une adresse"),
    Template.ADDRESS_NOTICE: N_("Changement d’adresse demandé"),
    Template.ERASURE_DONE: N_("Effacement fait"),
}

CASES: words.Table = {
    **words.DECISIONS,
    "bearer": Words("au porteur de projet", "to the bearer"),
    "contact": Words("à qui accompagne", "to who accompanies"),
    "giver": Words("à qui l’avait transmis", "to who had handed it over"),
    "asked": Words("première demande", "first asked"),
    "reminded": Words("rappel", "reminder"),
    **HANDOVER_PARTIES,
    "dated": Words("avec une date limite", "with a last day"),
    "undated": Words("sans date limite", "without a last day"),
    FileVerdict.ACCEPTED: Words("accepté", "accepted"),
    FileVerdict.TO_CORRECT: Words("à corriger", "to be corrected"),
    "awaited": Words("jamais rendu", "never handed in"),
    "by_itself": Words("effacées d’elles-mêmes", "erased by themselves"),
    "by_hand": Words("effacées par un opérateur", "erased by an operator"),
    **words.ERASURE_ASKERS,
    DisableReason.GONE: Words("à la demande de l’adresse", "as the address asked"),
    DisableReason.FAILING: Words("faute de réponse", "for want of an answer"),
}
"""After the name of a template, inside a sentence."""


def occasion(occasion: str, subjects: Mapping[str, str] | None = None) -> Words:
    """What an occasion is called: its template, and which answer it is.

    `subjects` are those of letters to many, by the id that ends their occasion.
    """
    template, case = split_occasion(occasion)
    named = words.TEMPLATES[template]
    if subject := (subjects or {}).get(case):
        quoted = f"«\N{NO-BREAK SPACE}{subject}\N{NO-BREAK SPACE}»"
        return Words(f"{named.fr} {quoted}", f"{named.en} “{subject}”")
    of_case = CASES.get(case)
    if of_case is None:
        return named
    return Words(f"{named.fr}\N{NO-BREAK SPACE}: {of_case.fr}", f"{named.en}: {of_case.en}")


REASONS: dict[str, str | Words] = {
    **words.FAILURE_REASONS,
    OwnFailure.UNWRITABLE: N_("La lettre n’a pas pu être composée"),
    OwnFailure.BOUNCED: N_("Le message est revenu : il n’a pas été remis"),
    OwnFailure.COMES_BACK: N_("Les messages à cette adresse reviennent : celui-ci n’est pas parti"),
    CancelReason.REPLACED: N_("Remplacé par un message plus récent"),
    CancelReason.SESSION_CANCELLED: N_("Séance annulée avant l’envoi"),
    CancelReason.LEFT_COHORT: N_("Projet sorti de la promotion"),
    CancelReason.PERSON_ERASED: N_("Personne effacée à sa demande"),
    CancelReason.IDENTICAL: N_("Un autre message à la même personne dit la même chose"),
    CancelReason.SWITCHED_OFF: N_("La personne ne souhaite pas ces messages"),
    CancelReason.BY_HAND: N_("Annulé par la coordination"),
}

ADVICE: dict[str, str] = {
    FailureReason.NO_ADDRESS: N_(
        "Téléphonez à la personne, complétez son adresse dans l’annuaire, puis renvoyez le message."
    ),
    FailureReason.REFUSED_BY_SERVER: N_(
        "L’adresse est sans doute fausse ou la boîte pleine : téléphonez à la personne, corrigez "
        "son adresse, puis renvoyez le message."
    ),
    FailureReason.SERVER_UNREACHABLE: N_(
        "Le serveur n’a pas répondu à temps. Prévenez l’exploitant, puis renvoyez le message."
    ),
    OwnFailure.BOUNCED: N_(
        "Quelqu’un devrait téléphoner : l’adresse n’existe plus, ou sa boîte ne prend rien. "
        "Corrigez l’adresse, puis renvoyez le message."
    ),
    OwnFailure.COMES_BACK: N_(
        "Quelqu’un devrait téléphoner. Rien ne part vers cette adresse tant qu’elle n’a pas changé "
        "; si la personne dit qu’elle marche de nouveau, renvoyez le message."
    ),
    OwnFailure.UNWRITABLE: N_(
        "Ni la personne ni le serveur de messagerie n’y sont pour rien : une donnée ou le modèle "
        "est en cause. Téléphonez à la personne et prévenez l’exploitant, puis renvoyez le message."
    ),
    "uncertain": N_(
        "La connexion a été coupée pendant l’envoi : le message est peut-être arrivé. Demandez à "
        "la personne avant de le renvoyer."
    ),
}


def advice(reason: str, *, uncertain: bool) -> str:
    """The French sentence that says what to do about a failed message."""
    return ADVICE["uncertain" if uncertain else reason]


# ---- webhooks

DELIVERY_STATES: dict[str, str] = {
    DeliveryState.QUEUED: N_("À envoyer"),
    DeliveryState.SENDING: N_("En cours d’envoi"),
    DeliveryState.DELIVERED: N_("Reçu"),
    DeliveryState.FAILED: N_("Non reçu"),
}

DELIVERY_TONES: dict[str, str] = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENDING: "info",
    DeliveryState.DELIVERED: "success",
    DeliveryState.FAILED: "danger",
}

DELIVERED_TYPES: dict[str, str | Words] = {TEST_TYPE: N_("Essai"), **words.FACT_TYPES}

TROUBLES: dict[str, str] = {
    Trouble.UNREACHABLE: N_("L’adresse ne répond pas."),
    Trouble.TOO_SLOW: N_("Pas de réponse dans les 15 secondes."),
    Trouble.FORBIDDEN_ADDRESS: N_("Le nom mène désormais à un réseau privé : rien n’a été envoyé."),
    Trouble.INSECURE: N_("Le certificat https n’est pas valable."),
    Trouble.UNSIGNABLE: N_(
        "Le secret ne s’ouvre plus : remplacez-le, ou demandez à l’exploitant de rendre l’ancienne "
        "clé (ESSAIM_FORMER_SECRET). Rien n’a été envoyé."
    ),
    Trouble.NOT_HTTP: N_("Ce qui répond n’est pas un serveur web."),
    Trouble.REFUSED: N_("L’adresse a répondu autre chose que « reçu » (2xx)."),
    Trouble.INTERRUPTED: N_("Notre service s’est arrêté pendant l’envoi, qui est repris."),
    Trouble.WEBHOOK_DISABLED: N_("Le webhook a été désactivé avant l’envoi."),
}

WEBHOOK_STATES: dict[str, str] = {
    WebhookState.ENABLED: N_("Actif"),
    WebhookState.DISABLED: N_("Désactivé"),
}

DISABLE_REASONS: dict[str, str] = {
    DisableReason.BY_HAND: N_("Désactivé à la main."),
    DisableReason.GONE: N_("L’adresse a répondu qu’elle ne veut plus rien (410)."),
    DisableReason.FAILING: N_("Rien n’y a été reçu pendant trois jours."),
}
