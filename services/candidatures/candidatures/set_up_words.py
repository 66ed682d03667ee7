"""What is wrong in a part, in sentences for who fills a form: each beside its input.

The file's own sentences name its keys and lines; these do not.
"""

from collections.abc import Callable, Iterator

from essaim import Refusal
from essaim.refusal import Refusals
from essaim.text.file_check import FileFormat, Values
from essaim.text.file_errors import Path, WrongFile

from candidatures.programme_file import FORMAT


def refusals_in(wrong: WrongFile, path: Path) -> Refusals:
    """What is wrong, each where its input is; what is wrong elsewhere in the programme, with none.

    `path` is where the part stands.
    """
    return Refusals(list(_refusals(wrong, ".".join(map(str, path)))))


def _refusals(wrong: WrongFile, at: str) -> Iterator[Refusal]:
    for error in wrong.errors:
        inside = error.path == at or error.path.startswith(f"{at}.")
        other = _SAID.get(error.why.code)
        why = other(error.why) if other else error.why
        field = error.path[len(at) + 1 :] if inside else None
        yield Refusal(why.code, why.message, field=field or None, status=422, **why.values)


def _nothing(values: Values) -> Refusal:
    return Refusal("empty_answer", "Il faut une réponse ici.", **values)


def _too_long(values: Values) -> Refusal:
    return Refusal(
        "text_too_long",
        "C’est trop long : {max_length} caractères au plus. Raccourcissez.",
        **values,
    )


def _no_number(values: Values) -> Refusal:
    return Refusal(
        "not_a_number", "« {value} » n’est pas un nombre. Écrivez des chiffres.", **values
    )


def _at_least(values: Values) -> Refusal:
    least = values.get("ge", values.get("gt"))
    return Refusal("too_small", "« {value} » est trop petit.", **values, least=least)


def _no_date(values: Values) -> Refusal:
    return Refusal("not_a_date", "« {value} » n’est pas une date. Choisissez-en une.", **values)


def _no_instant(values: Values) -> Refusal:
    return Refusal(
        "bad_local_time", "« {value} » n’est pas un jour avec son heure. Choisissez-les.", **values
    )


def _not_offered(values: Values) -> Refusal:
    return Refusal(
        "not_offered", "« {value} » n’est pas proposé ici. Choisissez dans la liste.", **values
    )


def _name_or_person(values: Values) -> Refusal:
    return Refusal(
        "name_or_person",
        "Écrivez le nom d’une organisation, ou choisissez une personne experte : l’un des deux.",
        field="name",
        **values,
    )


def _closes_first(values: Values) -> Refusal:
    return Refusal(
        "closes_first",
        "L’appel fermerait avant d’ouvrir, ou au même instant. Fermez-le plus tard.",
        **values,
    )


def _round_criteria(values: Values) -> Refusal:
    return Refusal(
        "round_criteria",
        "Chaque critère se note dans un tour, et dans un seul. Cochez-les ainsi.",
        **values,
    )


def _choices_missing(values: Values) -> Refusal:
    return Refusal(
        "choices_missing",
        "Un choix a au moins deux réponses proposées. Ajoutez-les, ou attendez une autre réponse.",
        **values,
    )


def _choices_unwanted(values: Values) -> Refusal:
    return Refusal(
        "choices_unwanted",
        "Des réponses sont proposées, et la question n’est pas un choix. Videz-les, ou attendez un "
        "choix.",
        **values,
    )


def _bounds_unwanted(values: Values) -> Refusal:
    return Refusal(
        "bounds_unwanted",
        "Les bornes, les chiffres après la virgule et l’unité sont pour un nombre. Videz-les, ou "
        "attendez un nombre.",
        **values,
    )


def _bounds_order(values: Values) -> Refusal:
    return Refusal(
        "bounds_order",
        "Aucun nombre ne convient : le plus petit dépasse le plus grand. Sans plus petit, c’est 0.",
        **values,
    )


def _stops_nobody(values: Values) -> Refusal:
    return Refusal(
        "stops_nobody",
        "Cette question laisse passer tout le monde, ou personne. Cochez une réponse au moins, et "
        "pas toutes.",
        **values,
    )


def _term_unheld(values: Values) -> Refusal:
    return Refusal(
        "term_unheld",
        "Vous précisez un engagement qui n’est pas coché plus haut. Cochez-le, ou videz sa ligne.",
        **values,
    )


def _dated_twice(values: Values) -> Refusal:
    return Refusal(
        "dated_twice",
        "Demandez l’âge du document, ou jusqu’à quand il est valable : pas les deux.",
        **values,
    )


def _days_unwanted(values: Values) -> Refusal:
    return Refusal(
        "days_unwanted",
        "Le premier et le dernier jour sont pour une date. Videz-les, ou attendez une date.",
        **values,
    )


def _days_order(values: Values) -> Refusal:
    return Refusal(
        "days_order",
        "Aucune date ne convient : le premier jour est après le dernier. Échangez-les.",
        **values,
    )


def _files_unwanted(values: Values) -> Refusal:
    return Refusal(
        "files_unwanted",
        "Les sortes de fichiers et la taille sont pour un fichier. Videz-les, ou attendez un "
        "fichier.",
        **values,
    )


def _bad_code(values: Values) -> Refusal:
    return Refusal(
        "bad_code",
        "« {value} » ne convient pas : lettres sans accent, chiffres et tirets simples seulement.",
        **values,
    )


PAGE = FileFormat(
    FORMAT.name,
    FORMAT.page,
    {
        **FORMAT.rules,
        "missing": _nothing,
        "string_too_short": _nothing,
        "string_type": _nothing,
        "string_too_long": _too_long,
        "int_parsing": _no_number,
        "int_type": _no_number,
        "float_parsing": _no_number,
        "float_type": _no_number,
        "greater_than": _at_least,
        "greater_than_equal": _at_least,
        "date_type": _no_date,
        "date_parsing": _no_date,
        "bad_local_time": _no_instant,
        "enum": _not_offered,
        "literal_error": _not_offered,
        "too_short": _nothing,
        "string_pattern_mismatch": _bad_code,
        "name_or_person": _name_or_person,
        "closes_first": _closes_first,
        "round_criteria": _round_criteria,
        "choices_missing": _choices_missing,
        "choices_unwanted": _choices_unwanted,
        "bounds_unwanted": _bounds_unwanted,
        "bounds_order": _bounds_order,
        "stops_nobody": _stops_nobody,
        "term_unheld": _term_unheld,
        "dated_twice": _dated_twice,
        "days_unwanted": _days_unwanted,
        "days_order": _days_order,
        "files_unwanted": _files_unwanted,
    },
)


# --- what a file says of a part that does not fit the rest


def _twice(why: Refusal) -> Refusal:
    return Refusal(
        "code_twice",
        "« {value} » est déjà pris par une autre partie du programme. Donnez autre chose.",
        value=why.values["value"],
    )


def _prefix_twice(why: Refusal) -> Refusal:
    return Refusal(
        "prefix_twice",
        "Les reçus d’un autre appel commencent aussi par « {prefix} ». Donnez un autre début.",
        prefix=why.values["prefix"],
    )


def _unknown_code(why: Refusal) -> Refusal:
    return Refusal(
        "unknown_code",
        "« {value} » n’est pas, ou plus, du programme. Choisissez dans la liste.",
        value=why.values["value"],
    )


def _missing_commitment(why: Refusal) -> Refusal:
    return Refusal(
        "missing_commitment",
        "« {item} » doit s’engager pour cela : cochez-le d’abord parmi ses engagements.",
        item=why.values["item"],
    )


def _frozen(why: Refusal) -> Refusal:
    return Refusal(
        "call_frozen",
        "L’appel a ouvert : ceci ne change plus. Remettez {before}.",
        before=why.values["before"],
    )


def _shortened(why: Refusal) -> Refusal:
    return Refusal(
        "call_shortened",
        "L’appel est ouvert jusqu’au {at} : il peut fermer plus tard, jamais plus tôt.",
        at=why.values["at"],
    )


def _identity_kept(why: Refusal) -> Refusal:
    return Refusal(
        "identity_kept",
        "Cette personne, « {name} », n’est pas de ce programme seul : elle-même ou un opérateur "
        "change son nom, son adresse, son téléphone et sa langue. Remettez ce qui était là.",
        name=why.values["name"],
    )


def _erased(why: Refusal) -> Refusal:
    return Refusal(
        "person_erased",
        "Cette personne a demandé l’effacement de ses données : elle ne revient pas.",
    )


def _condition_not_earlier(why: Refusal) -> Refusal:
    return Refusal(
        "condition_not_earlier",
        "« {item} » dépend de « {asked} », qui doit venir avant elle et rester dans le formulaire. "
        "Changez d’abord quand elle est posée.",
        item=why.values["item"],
        asked=why.values["asked"],
    )


def _condition_unknown_answer(why: Refusal) -> Refusal:
    return Refusal(
        "condition_unknown_answer",
        "Une autre question n’est posée que si l’on répond « {answer} » à « {asked} » : changez "
        "d’abord quand elle est posée.",
        answer=why.values["answer"],
        asked=why.values["asked"],
    )


def _condition_untelling(why: Refusal) -> Refusal:
    return Refusal(
        "condition_untelling",
        "Une autre question dépend de ce que l’on répond à « {asked} » : gardez un choix, oui ou "
        "non, ou un département, ou changez d’abord quand elle est posée.",
        asked=why.values["asked"],
    )


_SAID: dict[str, Callable[[Refusal], Refusal]] = {
    "code_twice": _twice,
    "prefix_twice": _prefix_twice,
    "unknown_code": _unknown_code,
    "missing_commitment": _missing_commitment,
    "condition_not_earlier": _condition_not_earlier,
    "condition_unknown_answer": _condition_unknown_answer,
    "condition_untelling": _condition_untelling,
    "call_frozen": _frozen,
    "call_shortened": _shortened,
    "identity_kept": _identity_kept,
    "person_erased": _erased,
}
