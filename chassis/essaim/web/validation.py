"""What pydantic finds wrong with a value, said to people in their language."""

from typing import Any

from essaim.refusal import Refusal
from essaim.text.languages import N_

_SENTENCES = {
    "missing": N_("Ce champ est obligatoire."),
    "extra_forbidden": N_("Ce champ n’existe pas ici. Vérifiez son nom."),
    "none_required": N_("Ce champ doit rester vide."),
    "string_type": N_("Écrivez un texte."),
    "string_too_short": N_("Ce texte est trop court (minimum de caractères : {min_length})."),
    "string_too_long": N_("Écrivez au plus {max_length} caractères."),
    "string_pattern_mismatch": N_("Ce texte n’a pas la forme attendue."),
    "int_type": N_("Écrivez un nombre entier."),
    "int_parsing": N_("Écrivez un nombre entier, en chiffres."),
    "int_from_float": N_("Écrivez un nombre entier, sans décimales."),
    "float_type": N_("Écrivez un nombre."),
    "float_parsing": N_("Écrivez un nombre, en chiffres."),
    "decimal_parsing": N_("Écrivez un nombre, en chiffres."),
    "bool_type": N_("Répondez par oui ou par non."),
    "bool_parsing": N_("Répondez par oui ou par non."),
    "greater_than": N_("Donnez une valeur supérieure à {gt}."),
    "greater_than_equal": N_("Donnez une valeur d’au moins {ge}."),
    "less_than": N_("Donnez une valeur inférieure à {lt}."),
    "less_than_equal": N_("Donnez une valeur d’au plus {le}."),
    "enum": N_("Choisissez l’une des valeurs proposées : {expected}."),
    "literal_error": N_("Choisissez l’une des valeurs proposées : {expected}."),
    "list_type": N_("Donnez une liste."),
    "too_short": N_("Il n’y a pas assez d’éléments (minimum : {min_length})."),
    "too_long": N_("Il y a trop d’éléments (maximum : {max_length})."),
    "dict_type": N_("Donnez un objet."),
    "model_type": N_("Donnez un objet."),
    "model_attributes_type": N_("Donnez un objet."),
    "uuid_type": N_("Donnez un identifiant de la forme 01890a5d-ac96-774b-bcce-b302099a8057."),
    "uuid_parsing": N_("Donnez un identifiant de la forme 01890a5d-ac96-774b-bcce-b302099a8057."),
    "date_type": N_("Donnez une date, comme 2020-01-15."),
    "date_parsing": N_("Donnez une date, comme 2020-01-15."),
    "date_from_datetime_parsing": N_("Donnez une date, comme 2020-01-15."),
    "datetime_type": N_("Donnez un jour et une heure, comme 2020-01-15T18:00+01:00."),
    "datetime_parsing": N_("Donnez un jour et une heure, comme 2020-01-15T18:00+01:00."),
    "datetime_from_date_parsing": N_("Donnez un jour et une heure, comme 2020-01-15T18:00+01:00."),
    "time_skipped": N_(
        "Cette heure n’existe pas : cette nuit-là les horloges de Paris passent de 2 h à 3 h."
    ),
    "time_twice": N_(
        "Cette heure existe deux fois : cette nuit-là les horloges de Paris reculent de 3 h à 2 h."
    ),
    "timezone_aware": N_("Ajoutez le fuseau horaire, comme 2020-01-15T18:00+01:00."),
    "far_time": N_("Donnez une année de {first} à {last}."),
    "time_parsing": N_("Donnez une heure, comme 18:00."),
    "url_parsing": N_("Donnez une adresse complète, comme https://exemple.fr."),
    "url_scheme": N_("Donnez une adresse complète, comme https://exemple.fr."),
    "json_invalid": N_("Le corps de la requête n’est pas du JSON valide."),
}
_OTHERWISE = N_("Cette valeur ne convient pas.")


def refusal_of_error(error: dict[str, Any]) -> Refusal:
    """One entry of `ValidationError.errors()` as a refusal (422) of the field it names."""
    where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    kind = error["type"]
    context = {key: value for key, value in error.get("ctx", {}).items() if key != "error"}
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ")
    if kind == "value_error" and "@" in str(error.get("msg")):
        message = N_("Donnez une adresse électronique complète, comme nom@exemple.fr.")
    else:
        message = _SENTENCES.get(kind, _OTHERWISE)
    field = ".".join(where) if kind != "json_invalid" else None
    return Refusal(kind, message, field=field or None, status=422, **context)
