"""The French words of every value a fact can hold, as msgids, in the order pages show them."""

from essaim.web import N_

APPLICATION_STATES = {
    "selected": N_("Retenue"),
    "waiting_list": N_("Sur liste d'attente"),
    "reoriented": N_("Réorientée"),
    "refused": N_("Refusée"),
    "withdrawn": N_("Retirée par le porteur"),
    "pending": N_("En attente de réponse"),
}

DECISION_REASONS = {
    "meets_criteria": N_("répond aux critères"),
    "places_filled": N_("toutes les places sont prises"),
    "not_ess": N_("hors de l'économie sociale et solidaire"),
    "not_mature": N_("projet pas assez mûr"),
    "not_autonomous": N_("équipe pas assez autonome"),
    "out_of_scope": N_("hors du champ de l'appel"),
    "incomplete": N_("dossier incomplet"),
    "other_track_fits": N_("un autre parcours convient mieux"),
}

WITHDRAWAL_REASONS = {
    "bearer_choice": N_("choix du porteur"),
    "duplicate": N_("candidature en double"),
    "other_support": N_("autre accompagnement trouvé"),
}

APPLICANT_KINDS = {
    "person": N_("À titre individuel"),
    "organisation": N_("Au nom d'une structure"),
    "group": N_("En groupe, pas encore en structure"),
}

STATUSES = {
    "structure_created": N_("Structure créée"),
    "association_progressing": N_("Association en développement"),
    "scop_or_scic_in_creation": N_("Scop ou Scic en création"),
    "in_progress": N_("En cours"),
    "to_materialise_later": N_("Se concrétisera plus tard"),
    "halted": N_("En arrêt"),
    "abandoned": N_("Abandonné"),
    "not_reported": N_("Sans nouvelle"),
}

STATUS_TONES = {
    "structure_created": "success",
    "association_progressing": "success",
    "scop_or_scic_in_creation": "success",
    "halted": "warning",
    "abandoned": "danger",
}
"""The colour under the words of a status; neutral for the others."""

SESSION_KINDS = {
    "launch_day": N_("Journée de lancement"),
    "collective_day": N_("Journée collective"),
    "workshop": N_("Atelier"),
    "training": N_("Formation"),
    "webinar": N_("Webinaire"),
    "appointment": N_("Rendez-vous"),
    "mentoring": N_("Mentorat"),
    "pitch": N_("Pitch"),
    "ceremony": N_("Cérémonie"),
    "meeting": N_("Réunion"),
}

SESSION_MODES = {
    "on_site": N_("sur place"),
    "online": N_("en ligne"),
    "hybrid": N_("sur place et en ligne"),
}

SESSION_STATES = {
    "held": N_("tenue"),
    "planned": N_("prévue"),
    "cancelled": N_("annulée"),
}

CHANGE_REASONS = {
    "speaker": N_("intervenant"),
    "bearer": N_("porteur de projet"),
    "host": N_("lieu d'accueil"),
    "place_set": N_("lieu désormais connu"),
    "outside_event": N_("événement extérieur"),
    "other": N_("autre raison"),
}

HOUR_KINDS = {
    "mentoring": N_("Mentorat"),
    "referent": N_("Référent"),
    "legal": N_("Juridique"),
}

PAIRING_KINDS = {
    "godparent": N_("Parrainage"),
    "mentor": N_("Mentorat"),
    "referent": N_("Référent"),
}

PAIRING_END_REASONS = {
    "programme_ended": N_("fin du programme"),
    "replaced": N_("remplacement"),
    "organisation_left": N_("départ de l'organisation"),
    "project_left": N_("départ du projet"),
}

ATTENDEE_ROLES = {
    "bearer": N_("Porteurs de projet"),
    "godparent": N_("Parrains et marraines"),
    "mentor": N_("Mentors"),
    "speaker": N_("Intervenants"),
    "partner": N_("Partenaires"),
    "team": N_("Équipe"),
    "guest": N_("Invités"),
}

DELIVERABLE_KINDS = {
    "final_file": N_("Dossier final"),
    "interim_file": N_("Dossier intermédiaire"),
}

PRIZE_KINDS = {
    "money": N_("Argent"),
    "video": N_("Vidéo"),
    "website": N_("Site internet"),
    "software": N_("Logiciel"),
    "expertise": N_("Expertise"),
    "feasibility_study": N_("Étude de faisabilité"),
}

COMMITMENTS = {
    "steward": N_("Pilote du programme"),
    "technical_partner": N_("Partenaire technique"),
    "financial_partner": N_("Partenaire financier"),
    "funder": N_("Financeur"),
    "godparent": N_("Parrain ou marraine"),
    "mentor": N_("Mentor"),
    "coach": N_("Coach"),
    "speaker": N_("Intervenant"),
    "host": N_("Hôte"),
    "contributor": N_("Contributeur"),
}

FAILURES = {
    "no_address": N_("Pas d'adresse"),
    "refused_by_server": N_("Refusé par le serveur"),
    "server_unreachable": N_("Serveur injoignable"),
}

MESSAGES = {
    "application-received": N_("Récépissé de candidature"),
    "application-decided": N_("Décision du comité"),
    "cohort-welcome": N_("Bienvenue dans la promotion"),
    "session-convocation": N_("Convocation"),
    "session-moved": N_("Changement de séance"),
    "session-cancelled": N_("Annulation de séance"),
    "session-reminder-7-days": N_("Rappel sept jours avant"),
    "session-reminder-1-day": N_("Rappel la veille"),
    "pairing-made": N_("Mise en relation"),
    "trophy-awarded": N_("Trophée"),
}

FACT_TYPES = {
    "essaim.candidatures.partner.joined.v1": N_("Partenaire engagé"),
    "essaim.candidatures.call.opened.v1": N_("Appel ouvert"),
    "essaim.candidatures.call.closed.v1": N_("Appel clos"),
    "essaim.candidatures.application.received.v1": N_("Candidature reçue"),
    "essaim.candidatures.application.withdrawn.v1": N_("Candidature retirée"),
    "essaim.candidatures.application.decided.v1": N_("Candidature décidée"),
    "essaim.candidatures.cohort.formed.v1": N_("Promotion formée"),
    "essaim.candidatures.cohort.changed.v1": N_("Promotion modifiée"),
    "essaim.candidatures.deliverable.handed_in.v1": N_("Livrable remis"),
    "essaim.candidatures.trophy.awarded.v1": N_("Trophée remis"),
    "essaim.candidatures.person.erased.v1": N_("Personne effacée"),
    "essaim.scheduling.session.planned.v1": N_("Séance planifiée"),
    "essaim.scheduling.session.moved.v1": N_("Séance déplacée"),
    "essaim.scheduling.session.cancelled.v1": N_("Séance annulée"),
    "essaim.scheduling.session.held.v1": N_("Séance tenue"),
    "essaim.scheduling.hours.granted.v1": N_("Heures accordées"),
    "essaim.scheduling.hours.used.v1": N_("Heures consommées"),
    "essaim.scheduling.pairing.made.v1": N_("Binôme formé"),
    "essaim.scheduling.pairing.ended.v1": N_("Binôme terminé"),
    "essaim.scheduling.project.progressed.v1": N_("Point d'avancement"),
    "essaim.notifications.message.sent.v1": N_("Message envoyé"),
    "essaim.notifications.message.failed.v1": N_("Message abandonné"),
    "essaim.scheduling.person.forgotten.v1": N_("Personne oubliée par l'accompagnement"),
    "essaim.notifications.person.forgotten.v1": N_("Personne oubliée par les messages"),
    "essaim.reporting.person.forgotten.v1": N_("Personne oubliée par le bilan"),
}
