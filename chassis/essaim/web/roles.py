"""What the roles of a consortium are called, and what each one does there."""

from collections.abc import Iterator

from essaim.person import Role
from essaim.text.languages import N_

ROLES = {
    Role.BEARER: N_("Portage de projet"),
    Role.COORDINATOR: N_("Coordination"),
    Role.COMMITTEE_MEMBER: N_("Comité de sélection"),
    Role.SPEAKER: N_("Intervention"),
    Role.MENTOR: N_("Mentorat"),
    Role.GODPARENT: N_("Parrainage"),
    Role.FUNDER: N_("Financement"),
    Role.OPERATOR: N_("Exploitation"),
}

ACTS = {
    Role.OPERATOR: N_("Faire tourner les services et aider chacun à s’en servir."),
    Role.COORDINATOR: N_(
        "Ouvrir les appels, préparer et appliquer les décisions, planifier les journées, "
        "suivre les heures et publier le bilan."
    ),
    Role.COMMITTEE_MEMBER: N_("Lire les candidatures et les noter, critère par critère."),
    Role.SPEAKER: N_("Voir vos interventions et leurs participants, tenir l’émargement."),
    Role.MENTOR: N_("Voir vos rendez-vous, les tenir et suivre les heures restantes."),
    Role.GODPARENT: N_("Suivre le projet que votre coopérative parraine et noter vos échanges."),
    Role.BEARER: N_(
        "Déposer votre candidature, la compléter, suivre votre calendrier et remettre votre "
        "dossier final."
    ),
    Role.FUNDER: N_("Consulter le bilan, et les preuves derrière chaque chiffre."),
}


def who_does_what() -> Iterator[tuple[str, str]]:
    """What each role is called, and what it does."""
    return ((ROLES[role], ACTS[role]) for role in ROLES)
