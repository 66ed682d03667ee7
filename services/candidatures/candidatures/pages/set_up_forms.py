"""What is asked of each part of a programme in pages."""

from collections.abc import Mapping

from essaim.text.languages import N_

from candidatures.pages.set_up_form import Field, Form
from candidatures.programme_export import Definition

_CODED = (Field("label", N_("Intitulé"), "line"),)
_DEPARTMENT = Field("department", N_("Département"), "select", offers="departments")

FORMS = {
    "programme": Form(
        N_("Le programme"),
        "",
        (
            Field("name", N_("Nom du programme"), required=True),
            Field("steward", N_("Organisation pilote"), "select", required=True,
                  offers="organisations"),
            Field("contact.email", N_("Adresse où poser des questions"), "email"),
            Field("contact.phone", N_("Téléphone"), "tel"),
            Field("rules", N_("Page du règlement"), "url", N_("L’adresse entière, avec https://.")),
            Field("privacy", N_("Page sur les données personnelles"), "url"),
            Field("sectors", N_("Secteurs proposés"), "rows", rows=_CODED),
            Field("heard_from", N_("Comment avez-vous connu l’appel : réponses proposées"), "rows",
                  rows=_CODED),
            Field("tracks", N_("Parcours vers lesquels réorienter"), "rows", rows=_CODED),
            Field("departments", N_("Départements proposés"), "checkboxes",
                  N_("Aucun coché : toute la France."), offers="departments"),
        ),
    ),
    "organisations": Form(
        N_("Partenaire"),
        N_("Ajouter un partenaire"),
        (
            Field("name", N_("Nom de l’organisation"),
                  hint=N_("Laissez vide pour une personne experte, seule, et choisissez-la.")),
            Field("person", N_("Ou la personne experte"), "select", offers="people"),
            Field("commitments", N_("S’engage comme"), "checkboxes", required=True,
                  offers="commitments"),
            Field("status", N_("Où en est ce partenaire"), "select",
                  N_("Vide : confirmé. Seuls les partenaires confirmés sont publics."),
                  offers="partner_status"),
            Field("terms", N_("Ce que chaque engagement veut dire"), "rows",
                  rows=(
                      Field("commitment", N_("Engagement"), "select", offers="commitments"),
                      Field("detail", N_("En quoi il consiste"), "line"),
                      Field("since", N_("Depuis le"), "date"),
                      Field("until", N_("Jusqu’au"), "date"),
                  )),
            Field("left_on", N_("Dernier jour comme partenaire"), "date"),
            Field("joined_on", N_("Depuis le"), "date",
                  N_("Vide : depuis aujourd’hui, et à chaque changement d’engagement.")),
            Field("legal_form", N_("Forme juridique"), "code",
                  N_("Comme scop, scic ou association.")),
            _DEPARTMENT,
        ),
        named="name",
    ),
    "people": Form(
        N_("Personne"),
        N_("Ajouter une personne"),
        (
            Field("name", N_("Nom"), required=True),
            Field("email", N_("Adresse électronique"), "email",
                  N_("C’est avec elle que la personne se connecte.")),
            Field("phone", N_("Téléphone"), "tel"),
            Field("language", N_("Langue"), "select", required=True, offers="languages"),
            Field("roles", N_("Rôles"), "rows",
                  N_("Un rôle qui finit garde sa ligne, avec le jour où il finit."),
                  rows=(
                      Field("role", N_("Rôle"), "select", offers="roles"),
                      Field("organisation", N_("Pour"), "select", offers="organisations"),
                      Field("since", N_("Depuis le"), "date"),
                      Field("until", N_("Jusqu’au"), "date"),
                  )),
        ),
        named="name",
    ),
    "editions": Form(
        N_("Édition"),
        N_("Nouvelle édition"),
        (
            Field("year", N_("Année"), "number", required=True),
            Field("deliverables", N_("Dossiers à remettre"), "rows", rows=(
                Field("kind", N_("Dossier"), "select", offers="deliverables"),
                Field("label", N_("Nommé"), "line"),
                Field("due_on", N_("Au plus tard le"), "date"),
                Field("sections", N_("Ses parties"), "rows", rows=_CODED),
            )),
        ),
        below=("calls", "prizes"),
    ),
    "calls": Form(
        N_("Appel"),
        N_("Ajouter un appel"),
        (
            Field("title", N_("Titre"), "line", required=True),
            Field("kind", N_("Sorte d’appel"), "select", required=True, offers="calls"),
            Field("opens_at", N_("Ouvre le (heure de Paris)"), "datetime-local", required=True),
            Field("closes_at", N_("Ferme le (heure de Paris)"), "datetime-local",
                  N_("À cet instant, plus aucune candidature n’est reçue."), required=True),
            Field("places", N_("Places"), "number", N_("Vide : sans limite annoncée.")),
            Field("summary", N_("Présentation"), "paragraphs"),
            Field("applicants", N_("Qui peut candidater"), "checkboxes",
                  N_("Aucun coché : tout le monde."), offers="applicants"),
            Field("charter.text", N_("Charte acceptée des deux côtés"), "paragraphs",
                  N_("Ce à quoi s’engagent le programme et qui candidate. Vide : aucune charte.")),
            Field("charter.hours", N_("Heures demandées à qui est retenu"), "number"),
            Field("sections", N_("Parties du formulaire"), "rows",
                  N_("Les titres sous lesquels les questions se rangent, dans l’ordre."),
                  rows=(*_CODED, Field("hint", N_("Aide sous le titre"), "line"))),
            Field("rounds", N_("Tours du comité"), "rows",
                  N_("Un tour anonyme se lit sans noms, sans adresses et sans noms de fichiers."),
                  rows=(
                      Field("title", N_("Nom du tour"), "line"),
                      Field("anonymous", N_("Anonyme"), "checkbox"),
                      Field("criteria", N_("Critères notés"), "checkboxes",
                            N_("Aucun coché : tous, s’il n’y a qu’un tour."), offers="criteria"),
                      Field("due_on", N_("À noter au plus tard le"), "date"),
                  )),
            Field("quorum", N_("Membres présents qu’il faut pour décider"), "number",
                  N_("Vide : on décide sans procès-verbal.")),
            Field("track_code", N_("Parcours auquel l’appel mène"), "code",
                  N_("Un mot, comme premices."), required=True),
            Field("receipt_prefix", N_("Début des numéros de reçu"),
                  hint=N_("Comme PREM-2021. Vide : fait de l’adresse de l’appel.")),
        ),
        named="title",
        below=("eligibility", "questions", "documents", "criteria"),
    ),
    "eligibility": Form(
        N_("Question d’avant le formulaire"),
        N_("Ajouter une question d’avant le formulaire"),
        (
            Field("label", N_("Question"), "line", required=True),
            Field("hint", N_("Aide sous la question"), "line"),
            Field("passes", N_("Pour candidater, il faut répondre"), "select",
                  N_("Vide : oui. Si vous proposez d’autres réponses, cochez plutôt celles qui "
                     "permettent de candidater."), offers="yes_no"),
            Field("choices", N_("Autres réponses proposées"), "rows",
                  rows=(*_CODED, Field("passes", N_("Permet de candidater"), "checkbox"))),
            Field("stop", N_("Ce que lit qui ne peut pas candidater"), "paragraphs",
                  N_("Dites pourquoi, et où aller. Rien n’est gardé de sa visite."), required=True),
            Field("call", N_("Vers un autre appel"), "select", offers="other_calls"),
            Field("track", N_("Vers un parcours"), "select", offers="tracks"),
            Field("page", N_("Vers une page"), "url", N_("L’adresse entière, avec https://.")),
        ),
        named="label",
    ),
    "questions": Form(
        N_("Question"),
        N_("Ajouter une question"),
        (
            Field("label", N_("Question"), "line", required=True),
            Field("hint", N_("Aide sous la question"), "line"),
            Field("kind", N_("Réponse attendue"), "select", required=True, offers="questions"),
            Field("required", N_("Il faut y répondre"), "checkbox"),
            Field("identifying", N_("La réponse dit qui candidate : un tour anonyme ne la lit pas"),
                  "checkbox"),
            Field("choices", N_("Réponses proposées"), "rows", rows=_CODED, when="choice"),
            Field("max_length", N_("Longueur, au plus, en caractères"), "number", when="text"),
            Field("min", N_("Au moins"), "decimal",
                  N_("Un nombre, ou combien de réponses à cocher. Vide : 0."), when="count"),
            Field("max", N_("Au plus"), "decimal", when="count"),
            Field("decimals", N_("Chiffres après la virgule"), "number", when="number"),
            Field("unit", N_("Unité"), "line", N_("Comme euros, ou personnes."), when="number"),
            Field("earliest", N_("Pas avant le"), "date", when="date"),
            Field("latest", N_("Pas après le"), "date", when="date"),
            Field("allowed", N_("Sortes de fichiers acceptées"), "checkboxes",
                  N_("Aucune cochée : textes, tableaux, diapositives et images."), offers="files",
                  when="file"),
            Field("max_mb", N_("Taille, au plus, en Mo"), "number", when="file"),
            Field("section", N_("Partie du formulaire"), "select",
                  N_("Les questions sans partie viennent d’abord."), offers="sections"),
            Field("when", N_("Posée seulement si"), "answers",
                  N_("Cochez les réponses qui la font poser ; aucune : elle est posée à tout le "
                     "monde. Si plusieurs questions sont cochées, il faut une réponse de chacune."),
                  offers="answers"),
        ),
        named="label",
    ),
    "documents": Form(
        N_("Document demandé"),
        N_("Ajouter un document"),
        (
            Field("label", N_("Document"), "line", required=True),
            Field("hint", N_("Aide sous le document"), "line"),
            Field("required", N_("Il faut le joindre"), "checkbox"),
            Field("identifying", N_("Il dit qui candidate : un tour anonyme ne le lit pas"),
                  "checkbox"),
            Field("expires", N_("Demander jusqu’à quand il est valable"), "checkbox"),
            Field("max_months", N_("Ou son âge, au plus, en mois"), "number",
                  N_("Sa date est alors demandée.")),
            Field("allowed", N_("Sortes de fichiers acceptées"), "checkboxes",
                  N_("Aucune cochée : textes, tableaux, diapositives et images."), offers="files"),
            Field("max_mb", N_("Taille, au plus, en Mo"), "number"),
        ),
        named="label",
    ),
    "criteria": Form(
        N_("Critère"),
        N_("Ajouter un critère"),
        (
            Field("label", N_("Critère"), "line", required=True),
            Field("weight", N_("Poids"), "decimal",
                  N_("1 pour un poids ordinaire, 2 pour un double."), required=True),
            Field("max_score", N_("Note, au plus"), "number"),
        ),
        named="label",
    ),
    "prizes": Form(
        N_("Dotation"),
        N_("Ajouter une dotation"),
        (
            Field("title", N_("Dotation"), required=True),
            Field("contributor", N_("Donnée par"), "select", required=True, offers="organisations"),
            Field("kind", N_("Sorte"), "select", required=True, offers="prizes"),
            Field("value_eur", N_("Valeur en euros"), "number", required=True),
        ),
        named="title",
    ),
}  # fmt: skip
"""By the list of the file a part stands in."""

DEFAULTS: Mapping[str, Definition] = {
    "people": {"language": "fr"},
    "calls": {"kind": "call"},
    "criteria": {"weight": "1"},
}
"""What a new part says before somebody answered."""


def form_of(place: str) -> Form | None:
    """The form of the part at a place, or of a new one of the list at a place."""
    steps = place.split("/")
    kind = steps[-1] if len(steps) % 2 else steps[-2]
    return FORMS.get(kind)
