"""What the values of the contracts are called, in French and in English: said here, once.

There is a table for each enum, in the order in which people read it. A code as it stands in a row
or in JSON finds its words in a table too: `PROJECT_STATUSES["halted"].label("fr")`.
"""

from enum import StrEnum

from essaim_contracts import cohort_words, handover_words
from essaim_contracts.candidatures import (
    ApplicantKind,
    CallKind,
    CohortChange,
    Commitment,
    Decision,
    DecisionReason,
    DeliverableKind,
    PrizeKind,
    WithdrawalReason,
)
from essaim_contracts.cohort import FileVerdict
from essaim_contracts.erasure import ErasureAsker, ErasureChange
from essaim_contracts.handover import HandoverParty
from essaim_contracts.notifications import Channel, FailureReason
from essaim_contracts.retention import SuspensionReason
from essaim_contracts.scheduling import (
    AttendeeRole,
    ChangeReason,
    GrantReason,
    HourKind,
    PairingEndReason,
    PairingKind,
    PairingMethod,
    ProjectStatus,
    SessionKind,
    SessionMode,
)
from essaim_contracts.wording import Table as Table
from essaim_contracts.wording import Words as Words


def words_of(member: StrEnum) -> Words:
    """The words of a member of an enum of the contracts, such as `fact.decision`.

    Raises:
        KeyError: it is no member of an enum of the contracts.
    """
    return _TABLES[type(member)][member]


def table_of(enum: str) -> Table:
    """The words of every member of an enum of the contracts, by its name, such as `PrizeKind`.

    Raises:
        KeyError: the contracts have no enum of this name.
    """
    return next(table for kind, table in _TABLES.items() if kind.__name__ == enum)


COMMITMENTS: Table = {
    Commitment.STEWARD: Words("pilote du programme", "steward"),
    Commitment.TECHNICAL_PARTNER: Words("partenaire technique", "technical partner"),
    Commitment.FINANCIAL_PARTNER: Words("partenaire financier", "financial partner"),
    Commitment.FUNDER: Words("financeur", "funder"),
    Commitment.GODPARENT: Words("parrain ou marraine", "godparent"),
    Commitment.MENTOR: Words("mentor", "mentor"),
    Commitment.COACH: Words("coach", "coach"),
    Commitment.SPEAKER: Words("intervenant", "speaker"),
    Commitment.HOST: Words("hôte", "host"),
    Commitment.CONTRIBUTOR: Words("contributeur", "contributor"),
}

APPLICANT_KINDS: Table = {
    ApplicantKind.PERSON: Words("à titre individuel", "for oneself"),
    ApplicantKind.GROUP: Words(
        "en groupe, pas encore en structure", "as a group, not yet an organisation"
    ),
    ApplicantKind.ORGANISATION: Words("au nom d’une structure", "for an organisation"),
}

CALL_KINDS: Table = {
    CallKind.CALL: Words("appel à candidatures", "call for applications"),
    CallKind.FUNDER_CALL: Words("appel à projets", "call for projects"),
    CallKind.EXPRESSION_OF_INTEREST: Words(
        "appel à manifestation d’intérêt", "expression of interest"
    ),
    CallKind.TERRITORY_CALL: Words("appel à territoires", "call for territories"),
}

DECISIONS: Table = {
    Decision.SELECTED: Words("retenue", "selected"),
    Decision.WAITING_LIST: Words("sur liste d’attente", "on the waiting list"),
    Decision.REORIENTED: Words("réorientée", "reoriented"),
    Decision.REFUSED: Words("refusée", "refused"),
}
"""Of an application, which is feminine in French."""

DECISION_REASONS: Table = {
    DecisionReason.MEETS_CRITERIA: Words("répond aux critères", "meets the criteria"),
    DecisionReason.PLACES_FILLED: Words("toutes les places sont prises", "all places are taken"),
    DecisionReason.NOT_ESS: Words(
        "hors de l’économie sociale et solidaire", "outside the social and solidarity economy"
    ),
    DecisionReason.NOT_MATURE: Words("projet pas assez mûr", "project not mature enough"),
    DecisionReason.NOT_AUTONOMOUS: Words("équipe pas encore autonome", "team not autonomous yet"),
    DecisionReason.OUT_OF_SCOPE: Words("hors du champ de l’appel", "outside the scope of the call"),
    DecisionReason.INCOMPLETE: Words("dossier incomplet", "incomplete file"),
    DecisionReason.OTHER_TRACK_FITS: Words(
        "un autre parcours convient mieux", "another track fits better"
    ),
}

WITHDRAWAL_REASONS: Table = {
    WithdrawalReason.BEARER_CHOICE: Words("choix du porteur", "choice of the bearer"),
    WithdrawalReason.DUPLICATE: Words("candidature en double", "duplicate application"),
    WithdrawalReason.OTHER_SUPPORT: Words("autre accompagnement trouvé", "other support found"),
}

SUSPENSION_REASONS: Table = {
    SuspensionReason.AUDIT: Words("un contrôle ou un audit", "an audit"),
    SuspensionReason.DISPUTE: Words("un litige", "a dispute"),
    SuspensionReason.REQUEST: Words("la demande d’une autorité", "a request by an authority"),
}

ERASURE_CHANGES: Table = {
    ErasureChange.ASKED: Words("demandé", "asked"),
    ErasureChange.TAKEN_BACK: Words("retiré", "taken back"),
}

ERASURE_ASKERS: Table = {
    ErasureAsker.PERSON: Words("la personne elle-même", "the person herself"),
    ErasureAsker.COORDINATOR: Words("la coordination du programme", "the programme’s coordination"),
    ErasureAsker.OPERATOR: Words("un opérateur", "an operator"),
}

COHORT_CHANGES: Table = {
    CohortChange.JOINED: Words("entrée dans la promotion", "entry into the cohort"),
    CohortChange.LEFT: Words("sortie de la promotion", "departure from the cohort"),
}

DELIVERABLE_KINDS: Table = {
    DeliverableKind.FINAL_FILE: Words("dossier final", "final file"),
    DeliverableKind.INTERIM_FILE: Words("dossier intermédiaire", "interim file"),
}

PRIZE_KINDS: Table = {
    PrizeKind.MONEY: Words("argent", "money"),
    PrizeKind.VIDEO: Words("vidéo", "video"),
    PrizeKind.WEBSITE: Words("site internet", "website"),
    PrizeKind.SOFTWARE: Words("logiciel", "software"),
    PrizeKind.EXPERTISE: Words("expertise", "expertise"),
    PrizeKind.FEASIBILITY_STUDY: Words("étude de faisabilité", "feasibility study"),
}

SESSION_KINDS: Table = {
    SessionKind.LAUNCH_DAY: Words("journée de lancement", "launch day"),
    SessionKind.COLLECTIVE_DAY: Words("journée collective", "collective day"),
    SessionKind.WORKSHOP: Words("atelier", "workshop"),
    SessionKind.TRAINING: Words("formation", "training"),
    SessionKind.WEBINAR: Words("webinaire", "webinar"),
    SessionKind.APPOINTMENT: Words("rendez-vous", "appointment"),
    SessionKind.MENTORING: Words("mentorat", "mentoring"),
    SessionKind.PITCH: Words("pitch", "pitch"),
    SessionKind.CEREMONY: Words("cérémonie", "ceremony"),
    SessionKind.MEETING: Words("réunion", "meeting"),
}

SESSION_MODES: Table = {
    SessionMode.ON_SITE: Words("sur place", "on site"),
    SessionMode.ONLINE: Words("en ligne", "online"),
    SessionMode.HYBRID: Words("sur place et en ligne", "on site and online"),
}

CHANGE_REASONS: Table = {
    ChangeReason.SPEAKER: Words("intervenant", "speaker"),
    ChangeReason.BEARER: Words("porteur de projet", "bearer"),
    ChangeReason.HOST: Words("lieu d’accueil", "host"),
    ChangeReason.PLACE_SET: Words("lieu désormais connu", "place now known"),
    ChangeReason.OUTSIDE_EVENT: Words("événement extérieur", "outside event"),
    ChangeReason.OTHER: Words("autre raison", "other reason"),
}

HOUR_KINDS: Table = {
    HourKind.MENTORING: Words("mentorat", "mentoring"),
    HourKind.REFERENT: Words("référent", "referent"),
    HourKind.LEGAL: Words("expertise juridique", "legal advice"),
}

GRANT_REASONS: Table = {
    GrantReason.TRACK: Words("forfait du parcours", "package of the track"),
    GrantReason.EXTRA: Words("heures ajoutées", "added hours"),
}

PAIRING_KINDS: Table = {
    PairingKind.GODPARENT: Words("parrainage", "sponsorship"),
    PairingKind.MENTOR: Words("mentorat", "mentoring"),
    PairingKind.REFERENT: Words("référent", "referent"),
}

PAIRING_METHODS: Table = {
    PairingMethod.BY_HAND: Words("à la main", "by hand"),
    PairingMethod.ASSIGNMENT: Words("sur proposition", "by proposal"),
}

PAIRING_END_REASONS: Table = {
    PairingEndReason.PROGRAMME_ENDED: Words("fin du programme", "end of the programme"),
    PairingEndReason.REPLACED: Words("remplacement", "replacement"),
    PairingEndReason.ORGANISATION_LEFT: Words("départ de l’organisation", "the organisation left"),
    PairingEndReason.PROJECT_LEFT: Words("départ du projet", "the project left"),
}

PROJECT_STATUSES: Table = {
    ProjectStatus.STRUCTURE_CREATED: Words("structure créée", "organisation created"),
    ProjectStatus.ASSOCIATION_PROGRESSING: Words(
        "association en développement", "association progressing"
    ),
    ProjectStatus.SCOP_OR_SCIC_IN_CREATION: Words(
        "Scop ou Scic en création", "Scop or Scic being created"
    ),
    ProjectStatus.IN_PROGRESS: Words("en cours", "in progress"),
    ProjectStatus.TO_MATERIALISE_LATER: Words("se concrétisera plus tard", "to materialise later"),
    ProjectStatus.HALTED: Words("en arrêt", "halted"),
    ProjectStatus.ABANDONED: Words("abandonné", "abandoned"),
}

ATTENDEE_ROLES: Table = {
    AttendeeRole.BEARER: Words("porteur de projet", "bearer"),
    AttendeeRole.GODPARENT: Words("parrain ou marraine", "godparent"),
    AttendeeRole.MENTOR: Words("mentor", "mentor"),
    AttendeeRole.SPEAKER: Words("intervenant", "speaker"),
    AttendeeRole.PARTNER: Words("partenaire", "partner"),
    AttendeeRole.TEAM: Words("membre de l’équipe", "member of the team"),
    AttendeeRole.GUEST: Words("invité", "guest"),
}

ATTENDEES: Table = {
    AttendeeRole.BEARER: Words("porteurs de projet", "bearers"),
    AttendeeRole.GODPARENT: Words("parrains et marraines", "godparents"),
    AttendeeRole.MENTOR: Words("mentors", "mentors"),
    AttendeeRole.SPEAKER: Words("intervenants", "speakers"),
    AttendeeRole.PARTNER: Words("partenaires", "partners"),
    AttendeeRole.TEAM: Words("équipe", "team"),
    AttendeeRole.GUEST: Words("invités", "guests"),
}
"""All those who are in a role, as in a figure."""
CHANNELS: Table = {Channel.EMAIL: Words("courriel", "e-mail")}
FAILURE_REASONS: Table = {
    FailureReason.NO_ADDRESS: Words("aucune adresse valable", "no usable address"),
    FailureReason.REFUSED_BY_SERVER: Words(
        "refusé par le serveur de courrier", "refused by the mail server"
    ),
    FailureReason.SERVER_UNREACHABLE: Words(
        "serveur de courrier injoignable", "mail server out of reach"
    ),
}

TEMPLATES: Table = {
    "application-received": Words("reçu de candidature", "receipt of an application"),
    "application-withdrawn": Words("retrait de candidature", "withdrawal of an application"),
    "application-decided": Words("décision du comité", "decision of the committee"),
    "reviews-assigned": Words("dossiers à noter", "applications to score"),
    "place-offered": Words("place proposée", "place offered"),
    "cohort-welcome": Words("bienvenue dans la promotion", "welcome to the cohort"),
    "session-convocation": Words("convocation", "convocation"),
    "session-moved": Words("changement de séance", "change of a session"),
    "session-cancelled": Words("annulation de séance", "cancellation of a session"),
    "session-reminder-7-days": Words("rappel sept jours avant", "reminder seven days before"),
    "session-reminder-1-day": Words("rappel la veille", "reminder the day before"),
    "pairing-made": Words("mise en relation", "introduction"),
    "trophy-awarded": Words("trophée", "trophy"),
    **cohort_words.TEMPLATES,
    "letter": Words("lettre", "letter"),
    **handover_words.TEMPLATES,
    "erasure-asked": Words("effacement demandé", "erasure asked"),
    "erasure-taken-back": Words("effacement retiré", "erasure taken back"),
    "webhook-failing": Words("webhook sans réponse", "webhook without an answer"),
    "webhook-stopped": Words("webhook désactivé", "webhook disabled"),
    "retention-announced": Words("données bientôt à effacer", "data soon to be erased"),
}
"""The texts that `message.sent` and `message.failed` name; a later version may name others."""

FACT_TYPES: Table = {
    "essaim.candidatures.partner.joined.v1": Words("partenaire engagé", "partner joined"),
    "essaim.candidatures.contact.replaced.v1": Words("relais passé", "contact replaced"),
    "essaim.candidatures.call.opened.v1": Words("appel ouvert", "call opened"),
    "essaim.candidatures.call.extended.v1": Words("appel prolongé", "call extended"),
    "essaim.candidatures.call.closed.v1": Words("appel clos", "call closed"),
    "essaim.candidatures.application.received.v1": Words(
        "candidature reçue", "application received"
    ),
    "essaim.candidatures.place.offered.v1": Words("place proposée", "place offered"),
    "essaim.candidatures.review.assigned.v1": Words("dossiers répartis", "applications assigned"),
    "essaim.candidatures.application.withdrawn.v1": Words(
        "candidature retirée", "application withdrawn"
    ),
    "essaim.candidatures.application.decided.v1": Words(
        "candidature décidée", "application decided"
    ),
    "essaim.candidatures.cohort.formed.v1": Words("promotion formée", "cohort formed"),
    "essaim.candidatures.cohort.changed.v1": Words("promotion modifiée", "cohort changed"),
    "essaim.candidatures.deliverable.handed_in.v1": Words(
        "livrable remis", "deliverable handed in"
    ),
    "essaim.candidatures.trophy.awarded.v1": Words("trophée remis", "trophy awarded"),
    **cohort_words.FACT_TYPES,
    **handover_words.FACT_TYPES,
    "essaim.candidatures.person.erased.v1": Words("personne effacée", "person erased"),
    "essaim.candidatures.erasure.changed.v1": Words(
        "effacement demandé ou retiré", "erasure asked or taken back"
    ),
    "essaim.candidatures.retention.changed.v1": Words(
        "durée de conservation changée", "retention changed"
    ),
    "essaim.scheduling.session.planned.v1": Words("séance planifiée", "session planned"),
    "essaim.scheduling.session.moved.v1": Words("séance déplacée", "session moved"),
    "essaim.scheduling.session.cancelled.v1": Words("séance annulée", "session cancelled"),
    "essaim.scheduling.session.held.v1": Words("séance tenue", "session held"),
    "essaim.scheduling.hours.granted.v1": Words("heures accordées", "hours granted"),
    "essaim.scheduling.hours.used.v1": Words("heures consommées", "hours used"),
    "essaim.scheduling.pairing.made.v1": Words("binôme formé", "pairing made"),
    "essaim.scheduling.pairing.ended.v1": Words("binôme terminé", "pairing ended"),
    "essaim.scheduling.project.progressed.v1": Words("point d’avancement", "progress report"),
    "essaim.notifications.message.sent.v1": Words("message envoyé", "message sent"),
    "essaim.notifications.message.failed.v1": Words("message abandonné", "message given up"),
    "essaim.scheduling.person.forgotten.v1": Words(
        "personne oubliée par l’accompagnement", "person forgotten by scheduling"
    ),
    "essaim.notifications.person.forgotten.v1": Words(
        "personne oubliée par les messages", "person forgotten by notifications"
    ),
    "essaim.reporting.person.forgotten.v1": Words(
        "personne oubliée par le bilan", "person forgotten by reporting"
    ),
    "essaim.candidatures.retention.announced.v1": Words(
        "effacements annoncés par les candidatures", "erasures announced by candidatures"
    ),
    "essaim.candidatures.retention.applied.v1": Words(
        "données effacées par les candidatures", "data erased by candidatures"
    ),
    "essaim.scheduling.retention.announced.v1": Words(
        "effacements annoncés par l’accompagnement", "erasures announced by scheduling"
    ),
    "essaim.scheduling.retention.applied.v1": Words(
        "données effacées par l’accompagnement", "data erased by scheduling"
    ),
    "essaim.notifications.retention.announced.v1": Words(
        "effacements annoncés par les messages", "erasures announced by notifications"
    ),
    "essaim.notifications.retention.applied.v1": Words(
        "données effacées par les messages", "data erased by notifications"
    ),
}

UNITS: Table = {
    "minutes": Words("minutes", "minutes"),
    "half_days": Words("demi-journées", "half-days"),
    "value_eur": Words("euros", "euros"),
    "jobs": Words("emplois", "jobs"),
    "score": Words("points sur 100", "points out of 100"),
}
"""What the number of a field counts, by how its name begins."""

_TABLES: dict[type[StrEnum], Table] = {
    ApplicantKind: APPLICANT_KINDS,
    AttendeeRole: ATTENDEE_ROLES,
    CallKind: CALL_KINDS,
    ChangeReason: CHANGE_REASONS,
    Channel: CHANNELS,
    CohortChange: COHORT_CHANGES,
    Commitment: COMMITMENTS,
    Decision: DECISIONS,
    DecisionReason: DECISION_REASONS,
    DeliverableKind: DELIVERABLE_KINDS,
    HandoverParty: handover_words.HANDOVER_PARTIES,
    ErasureAsker: ERASURE_ASKERS,
    ErasureChange: ERASURE_CHANGES,
    FailureReason: FAILURE_REASONS,
    FileVerdict: cohort_words.FILE_VERDICTS,
    GrantReason: GRANT_REASONS,
    HourKind: HOUR_KINDS,
    PairingEndReason: PAIRING_END_REASONS,
    PairingKind: PAIRING_KINDS,
    PairingMethod: PAIRING_METHODS,
    PrizeKind: PRIZE_KINDS,
    ProjectStatus: PROJECT_STATUSES,
    SessionKind: SESSION_KINDS,
    SessionMode: SESSION_MODES,
    SuspensionReason: SUSPENSION_REASONS,
    WithdrawalReason: WITHDRAWAL_REASONS,
}
