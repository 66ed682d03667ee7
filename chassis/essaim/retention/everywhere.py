"""What every service keeps of people, whatever it is for; its own rules come beside these."""

from essaim.retention.rule import Basis, Rule
from essaim.text.languages import N_

_WITH_HER = N_("Sans terme propre : aussi longtemps que l’annuaire connaît la personne")

EVERYWHERE = (
    Rule(
        code="directory",
        what=N_("Copie de l’annuaire : ce qu’il dit à ce service de chaque personne"),
        basis=Basis.INTEREST,
        starts=_WITH_HER,
        end=N_("Effacée dès que l’annuaire l’efface, ce que le service confirme."),
    ),
    Rule(
        code="sign-ins",
        what=N_("Connexions : qui est connecté, depuis quand, avec quel navigateur"),
        basis=Basis.INTEREST,
        starts=N_("12 heures pour un navigateur ; jusqu’au jour choisi pour un jeton"),
        end=N_("Effacées."),
    ),
    Rule(
        code="requests",
        what=N_("Réponses aux envois de formulaires, pour qu’un double clic n’agisse qu’une fois"),
        basis=Basis.INTEREST,
        starts=N_("24 heures"),
        end=N_("Effacées."),
    ),
)
