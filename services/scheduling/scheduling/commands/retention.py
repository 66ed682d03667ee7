"""How long personal data is kept here: the rules, and what they do at the end."""

from uuid import UUID

from essaim.retention.rule import Basis, Rule, of_public_money
from essaim.text.languages import N_
from essaim.work import Work

from scheduling import store


def forget_attendance(work: Work, session_id: UUID) -> None:
    store.retention.forget_attendance(work.db, session_id)


def forget_exchange(work: Work, exchange_id: UUID) -> None:
    store.retention.forget_exchange(work.db, exchange_id)


RULES = (
    of_public_money(
        "attendance",
        N_("Convocations et émargements : qui était attendu, est intervenu ou est venu"),
        N_("Effacés. Restent la séance, sa durée et le nombre de personnes."),
        store.retention.attendance,
        forget_attendance,
    ),
    Rule(
        code="exchanges",
        what=N_("Notes prises lors des échanges d’accompagnement"),
        basis=Basis.INTEREST,
        starts=N_("le jour de l’échange"),
        end=N_("Effacées."),
        months=24,
        kept=store.retention.exchanges,
        forget=forget_exchange,
    ),
    Rule(
        code="feeds",
        what=N_("Adresses privées des calendriers que chacun se donne"),
        basis=Basis.INTEREST,
        starts=N_("Sans terme : jusqu’à ce que la personne les retire, ou soit effacée"),
        end=N_("Effacées aussitôt."),
    ),
)
"""In the order in which they are forgotten."""
