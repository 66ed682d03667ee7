"""What a person may choose not to be written, by category; and what always comes, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from essaim.refusal import Refusal
from essaim.text.languages import N_

from notifications.message import REMINDERS, Template


@dataclass(frozen=True)
class Category:
    """Letters that are chosen together. `why` says why they always come; None: one may choose."""

    code: str
    title: str
    says: str
    templates: frozenset[Template]
    why: str | None = None


CATEGORIES = (
    Category(
        "letters",
        N_("Nouvelles du programme"),
        N_("Les lettres que la coordination écrit à plusieurs personnes."),
        frozenset({Template.LETTER}),
    ),
    Category(
        "reminders",
        N_("Rappels"),
        N_("Sept jours et un jour avant une rencontre. La convocation, elle, vient toujours."),
        REMINDERS,
    ),
    Category(
        "congratulations",
        N_("Félicitations"),
        N_("Quand un projet reçoit un trophée."),
        frozenset({Template.TROPHY_AWARDED}),
    ),
    Category(
        "answers",
        N_("Candidature et réponses"),
        N_("Reçu, décision du comité, place proposée, retrait."),
        frozenset(
            {
                Template.APPLICATION_RECEIVED,
                Template.APPLICATION_WITHDRAWN,
                Template.APPLICATION_DECIDED,
                Template.PLACE_OFFERED,
            }
        ),
        why=N_("Vous avez demandé une réponse : la taire vous priverait d’un droit."),
    ),
    Category(
        "sessions",
        N_("Convocations et changements"),
        N_("Une rencontre à laquelle on vous attend est fixée, déplacée ou annulée."),
        frozenset(
            {
                Template.SESSION_CONVOCATION,
                Template.SESSION_MOVED,
                Template.SESSION_CANCELLED,
            }
        ),
        why=N_("On vous attend, ou on ne vous attend plus : vous vous déplaceriez pour rien."),
    ),
    Category(
        "account",
        N_("Connexion et données personnelles"),
        N_("Liens que vous demandez, changement d’adresse, effacement."),
        frozenset(
            {
                Template.SIGN_IN_LINK,
                Template.DRAFT_LINK,
                Template.ADDRESS_LINK,
                Template.ADDRESS_NOTICE,
                Template.ERASURE_ASKED,
                Template.ERASURE_TAKEN_BACK,
                Template.ERASURE_DONE,
            }
        ),
        why=N_("Ils protègent votre compte et vos données."),
    ),
)
"""In the order in which a page shows them. What is in none always comes: it is one’s own work."""

_BY_TEMPLATE: Mapping[Template, Category] = {
    template: one for one in CATEGORIES for template in one.templates
}


def category_of(template: Template) -> Category | None:
    """The category somebody may switch off, of which this letter is; None: it always comes."""
    found = _BY_TEMPLATE.get(template)
    return found if found and found.why is None else None


def choosable(code: str) -> Category:
    """
    Raises:
        Refusal: (422) there is no such category, or it always comes.
    """
    for one in CATEGORIES:
        if one.code == code and one.why is None:
            return one
    raise not_choosable()


def not_choosable() -> Refusal:
    return Refusal(
        "not_choosable",
        "Ces messages viennent toujours : la page dit pourquoi. Choisissez parmi les autres.",
        status=422,
    )


def unsubscribe_link_wrong() -> Refusal:
    return Refusal(
        "unsubscribe_link_wrong",
        "Ce lien n’est pas entier. Ouvrez-le depuis le message, ou choisissez sur la page « Ce que "
        "je reçois », une fois connecté.",
        status=404,
    )
