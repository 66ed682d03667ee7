"""What is said of hand-overs, and of what passes between a coordination and who applied."""

from essaim_contracts.handover import HandoverParty
from essaim_contracts.wording import Table, Words

HANDOVER_PARTIES: Table = {
    HandoverParty.BEARER: Words("qui a candidaté", "who applied"),
    HandoverParty.RECEIVER: Words("l’accueil sollicité", "the receiver"),
    HandoverParty.GIVER: Words("la coordination qui l’avait proposée", "who had proposed it"),
}

TEMPLATES: Table = {
    "handover-proposed": Words("transmission proposée", "hand-over proposed"),
    "handover-offered": Words("dossier transmis", "application handed over"),
    "handover-answered": Words("réponse à une transmission", "answer to a hand-over"),
    "correction-asked": Words("complément demandé", "completion asked"),
    "application-corrected": Words("reçu de complément", "receipt of a completion"),
    "note-left": Words("message de la coordination", "message of the coordination"),
}

FACT_TYPES: Table = {
    "essaim.candidatures.handover.proposed.v1": Words(
        "transmission proposée", "hand-over proposed"
    ),
    "essaim.candidatures.handover.offered.v1": Words("dossier transmis", "application handed over"),
    "essaim.candidatures.handover.accepted.v1": Words(
        "transmission acceptée", "hand-over accepted"
    ),
    "essaim.candidatures.handover.declined.v1": Words("transmission close", "hand-over ended"),
    "essaim.candidatures.correction.asked.v1": Words("complément demandé", "completion asked"),
    "essaim.candidatures.application.corrected.v1": Words(
        "candidature complétée", "application completed"
    ),
    "essaim.candidatures.note.left.v1": Words("message laissé", "message left"),
}
