"""What may be chosen in the form of a part: (value, words) each."""

from collections.abc import Iterator
from typing import Any

from essaim import Role
from essaim.text.departments import DEPARTMENTS, department_name
from essaim.text.languages import LANGUAGES, N_, Tongue
from essaim.web.roles import ROLES
from essaim_contracts.words import (
    APPLICANT_KINDS,
    CALL_KINDS,
    COMMITMENTS,
    DELIVERABLE_KINDS,
    PRIZE_KINDS,
)

from candidatures.form import FileType
from candidatures.labels import PARTNER_STATUS
from candidatures.programme_export import Definition
from candidatures.question import TELLING, YES_NO, Question, QuestionKind

Offers = dict[str, list[tuple[str, str]]]

QUESTIONS = {
    QuestionKind.TEXT: N_("Un texte court"),
    QuestionKind.LONG_TEXT: N_("Un texte long"),
    QuestionKind.NUMBER: N_("Un nombre"),
    QuestionKind.RANGE: N_("Une fourchette : de … à …"),
    QuestionKind.CHOICE: N_("Un choix parmi des réponses"),
    QuestionKind.CHOICES: N_("Plusieurs choix parmi des réponses"),
    QuestionKind.YES_NO: N_("Oui ou non"),
    QuestionKind.DATE: N_("Une date"),
    QuestionKind.DEPARTMENT: N_("Un département"),
    QuestionKind.FILE: N_("Un fichier"),
}


def offers(
    definition: Definition,
    part: Definition,
    call: Definition,
    _: Tongue,
    *,
    by_operator: bool,
) -> Offers:
    """Of a programme, the part of it that is shown, and the call around it.

    A coordinator does not give the role of operator.
    """
    roles = (one for one in ROLES if by_operator or one != Role.OPERATOR)
    return {
        "organisations": _named(definition, "organisations"),
        "people": _named(definition, "people"),
        "departments": [(code, department_name(code) or code) for code in DEPARTMENTS],
        "commitments": _worded(COMMITMENTS, _),
        "partner_status": [(status.value, _(words)) for status, words in PARTNER_STATUS.items()],
        "languages": list(LANGUAGES.items()),
        "roles": [(role.value, _(ROLES[role])) for role in roles],
        "deliverables": _worded(DELIVERABLE_KINDS, _),
        "prizes": _worded(PRIZE_KINDS, _),
        "applicants": _worded(APPLICANT_KINDS, _),
        "calls": _worded(CALL_KINDS, _),
        "criteria": [(one["code"], _text(one["label"], _)) for one in part.get("criteria", [])],
        "questions": [(kind.value, _(words)) for kind, words in QUESTIONS.items()],
        "yes_no": [(code, text.say(_.language)) for code, text in YES_NO.items()],
        "other_calls": [
            (one["slug"], _text(one["title"], _))
            for edition in definition.get("editions", [])
            for one in edition.get("calls", [])
            if one["slug"] != call.get("slug")
        ],
        "tracks": [
            (one["code"], _text(one["label"], _))
            for one in definition["programme"].get("tracks", [])
        ],
        "sections": [(one["code"], _text(one["label"], _)) for one in call.get("sections", [])],
        "answers": list(_earlier_answers(definition, call, part.get("code"), _)),
        "files": [(kind.value, kind.value.upper()) for kind in FileType],
    }


def _earlier_answers(
    definition: Definition, call: Definition, code: str | None, _: Tongue
) -> Iterator[tuple[str, str]]:
    """Each answer on which a question of the call may depend, with the question it answers."""
    for question in call.get("questions", []):
        if question["code"] == code:
            break
        asked = Question.model_validate(question)
        if asked.kind not in TELLING:
            continue
        where = definition["programme"].get("departments") or DEPARTMENTS
        offered = asked.offered() or dict.fromkeys(where)
        for answer in offered:
            words = asked.in_words(answer, _.language)
            yield f"{asked.code}={answer}", f"{asked.label.say(_.language)} {words}"


def _text(text: str | dict[str, str], _: Tongue) -> str:
    return text if isinstance(text, str) else text.get(_.language) or text["fr"]


def _worded(table: Any, _: Tongue) -> list[tuple[str, str]]:
    return [(kind.value, _(words)) for kind, words in table.items()]


def _named(definition: Definition, kind: str) -> list[tuple[str, str]]:
    """The parts of a list; an expert who is alone is called as her person is."""
    people = {one["code"]: one["name"] for one in definition.get("people", [])}
    return [
        (one["code"], one.get("name") or people.get(one.get("person")) or one["code"])
        for one in definition.get(kind, [])
    ]
