"""What is asked of each part of a programme in pages, and how its file says the answers.

An input is called as the path of its value below the part: `contact.email`, `label.fr`,
`roles.0.since`; so an error of the file stands beside its input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from essaim.text.languages import N_
from starlette.datastructures import FormData

from candidatures.programme_export import Definition
from candidatures.set_up import code_for

MOST_ROWS = 200
SPARE_ROWS = 3
"""How many empty rows stand below those that are filled."""


@dataclass(frozen=True)
class Field:
    """One question of a form.

    `shape` is that of the macro `field`, or `line` and `paragraphs`, a text in French and English,
    `code`, one made of what is written, or `rows`, a list whose every element answers `rows`.
    `offers` names what may be chosen. `when` is the sort of answer it is asked for alone: `text`,
    `number` or `choice`.
    """

    name: str
    label: str
    shape: str = "text"
    hint: str = ""
    required: bool = False
    offers: str = ""
    rows: tuple["Field", ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Form:
    """The form of a kind of part. `named` is the field a new part's code is made of.

    `below` are the lists of parts that have pages of their own.
    """

    title: str
    new: str
    fields: tuple[Field, ...]
    named: str = ""
    below: tuple[str, ...] = ()


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
        below=("questions", "documents", "criteria"),
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
            Field("min", N_("Nombre, au moins"), "decimal", N_("Vide : 0."), when="number"),
            Field("max", N_("Nombre, au plus"), "decimal", when="number"),
            Field("decimals", N_("Chiffres après la virgule"), "number", when="number"),
            Field("unit", N_("Unité"), "line", N_("Comme euros, ou personnes."), when="number"),
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


# --- from inputs to the file


def read_part(form: FormData, asked: Form, before: Definition) -> Definition:
    """The part as its inputs say it now; what the form does not ask stays as it was."""
    part = dict(before)
    for field in asked.fields:
        said = _read(form, field, field.name)
        if field.shape == "checkboxes":
            said = _in_order(said, _value_in(before, field.name) or [])
        _put(part, field.name, said)
    return part


def _in_order(ticked: list[str], before: list[str]) -> list[str]:
    """What was ticked before stays in its order; the rest follows."""
    kept = [one for one in before if one in ticked]
    return kept + [one for one in ticked if one not in kept]


def _put(part: Definition, name: str, value: Any) -> None:
    above, _, last = name.rpartition(".")
    owner = dict(part.get(above, {})) if above else part
    if value in (None, "", []):
        owner.pop(last, None)
    else:
        owner[last] = value
    if above:
        _put(part, above, owner or None)


def _read(form: FormData, field: Field, name: str) -> Any:
    if field.shape == "rows":
        return _read_rows(form, field, name)
    if field.shape in ("line", "paragraphs"):
        french, english = _text(form, f"{name}.fr"), _text(form, f"{name}.en")
        if english:
            return {"fr": french, "en": english}
        return french or ({"fr": ""} if field.required else None)
    if field.shape == "checkboxes":
        return [str(one) for one in form.getlist(name) if one]
    value = _text(form, name)
    if field.shape == "code":
        return code_for(value, ()) if value else ""
    if field.shape in ("decimal", "number"):
        return "".join(value.split()).replace(",", ".")
    return value.replace("T", " ") if field.shape == "datetime-local" else value


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _read_rows(form: FormData, field: Field, name: str) -> list[Definition]:
    """The filled rows. A new one gets a code where its kind has one."""
    rows: list[Definition] = []
    for nth in range(MOST_ROWS):
        at = f"{name}.{nth}"
        row: Definition = {}
        for one in field.rows:
            _put(row, one.name, _read(form, one, f"{at}.{one.name}"))
        if row:
            rows.append({"code": _text(form, f"{at}.code"), **row} if field.rows == _CODED else row)
    taken = {row.get("code", "") for row in rows}
    for row in rows:
        if row.get("code") == "":
            row["code"] = code_for(french_of(row["label"]), taken)
            taken.add(row["code"])
    return rows


def french_of(text: Any) -> str:
    """A text of the file in French."""
    return str(text["fr"] if isinstance(text, dict) else text)


# --- from the file to inputs


def inputs_of(part: Definition, asked: Form) -> dict[str, Any]:
    """What stands in each input, by its name."""
    values: dict[str, Any] = {}
    for field in asked.fields:
        _show(values, field, field.name, _value_in(part, field.name))
    return values


def _value_in(part: Definition, name: str) -> Any:
    here: Any = part
    for step in name.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _show(values: dict[str, Any], field: Field, name: str, value: Any) -> None:
    if field.shape == "rows":
        values[name] = len(value or [])
        for nth, row in enumerate(value or []):
            values[f"{name}.{nth}.code"] = row.get("code", "")
            for one in field.rows:
                _show(values, one, f"{name}.{nth}.{one.name}", row.get(one.name))
    elif field.shape in ("line", "paragraphs"):
        texts = value if isinstance(value, dict) else {"fr": value}
        values |= {f"{name}.{language}": texts.get(language) for language in ("fr", "en")}
    elif field.shape == "datetime-local" and value:
        values[name] = value.replace(" ", "T")
    else:
        values[name] = value


def differing(
    now: Mapping[str, Any], typed: Mapping[str, Any], asked: Form
) -> list[tuple[str, str]]:
    """What is kept where something else was typed, each with the label of its question."""
    found = []
    for field in asked.fields:
        for name, value in now.items():
            inside = name == field.name or name.startswith(f"{field.name}.")
            shown = ", ".join(value) if isinstance(value, list) else value
            if inside and isinstance(shown, str) and not name.endswith(".code"):
                found += [(field.label, shown)] if value != typed.get(name) else []
    return found
