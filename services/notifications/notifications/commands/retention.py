"""How long personal data is kept here: the rules, and what they do at the end."""

from uuid import UUID

from essaim.retention.rule import Basis, Rule
from essaim.text.languages import N_
from essaim.work import Work

from notifications import store


def forget_letter(work: Work, message_id: UUID) -> None:
    store.message.forget_text(work.db, message_id)
    store.mailbox.forget(work.db, message_id)


def forget_bounced(work: Work, id: UUID) -> None:
    store.bounced.forget(work.db, id)


RULES = (
    Rule(
        code="letters",
        what=N_("Textes des messages écrits aux personnes, et qui ils nomment"),
        basis=Basis.INTEREST,
        starts=N_("le jour du message"),
        end=N_("Effacés. Restent le modèle, le jour et comment l’envoi a fini."),
        months=24,
        kept=store.retention.letters,
        forget=forget_letter,
    ),
    Rule(
        code="bounced",
        what=N_("Adresses d’où les messages reviennent"),
        basis=Basis.INTEREST,
        starts=N_("le jour où un message en est revenu"),
        end=N_("Effacées ; on y écrit de nouveau."),
        months=24,
        kept=store.bounced.kept,
        forget=forget_bounced,
    ),
    Rule(
        code="links",
        what=N_(
            "Liens de connexion ou de brouillon, dernier message à qui est effacé : leur adresse"
        ),
        basis=Basis.STEPS,
        starts=N_("Aussitôt : ils ne sont gardés que jusqu’à leur envoi"),
        end=N_("Effacés."),
    ),
    Rule(
        code="deliveries",
        what=N_("Envois aux webhooks : sans donnée personnelle"),
        basis=Basis.INTEREST,
        starts=N_("90 jours après la fin de l’envoi"),
        end=N_("Effacés."),
    ),
)
"""In the order in which they are forgotten."""
