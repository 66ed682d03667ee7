"""What somebody writes in the form of a call, kept as she typed it and read when she sends it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from essaim.refusal import Refusal, Refusals
from essaim.text.departments import DEPARTMENTS
from essaim.text.languages import N_
from essaim.text.mail_address import canonical_address
from essaim.text.written import cleaned, one_line
from essaim.text.written_number import Bounds, plain_number, read_number
from essaim_contracts.candidatures import ApplicantKind

from candidatures.call import Call
from candidatures.email_address import bad_email
from candidatures.form import Question, QuestionKind, codes_of

Content = Mapping[str, str]
"""Field -> text, right or wrong."""

FIELDS = (
    "project_title",
    "sector",
    "department",
    "jobs_min",
    "jobs_max",
    "bearer_name",
    "bearer_email",
    "bearer_phone",
    "applicant_kind",
    "organisation",
    "heard_from",
)
JOBS = Bounds(Decimal(0), Decimal(10_000))
MAX_FIELD = 20_000
_MAX_LINE = 200


@dataclass(frozen=True)
class Checked:
    """What a complete application says, in its types. `jobs_*` are both given or both None."""

    project_title: str
    bearer_name: str
    bearer_email: str
    applicant_kind: ApplicantKind
    bearer_phone: str | None = None
    organisation: str | None = None
    sector: str | None = None
    department: str | None = None
    heard_from: str | None = None
    jobs_min: int | None = None
    jobs_max: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


def answer_field(code: str) -> str:
    """The field of the answer to a question."""
    return f"answer-{code}"


def document_field(code: str) -> str:
    """The field of a document."""
    return f"document-{code}"


def fields_of(call: Call) -> tuple[str, ...]:
    """Every field of the form of a call, in order."""
    return (*FIELDS, *(answer_field(question.code) for question in call.questions))


def read_content(call: Call, written: Mapping[str, object]) -> Content:
    """What was written in the fields of a call's form, each as a text, whichever way it came in.

    A yes or no may come as a bool, a number as an int; None is no answer.

    Raises:
        Refusal: (422) a field the form of this call does not have.
    """
    known = set(fields_of(call))
    for name in written:
        if name not in known:
            raise unknown_question(call, name)
    questions = {answer_field(question.code): question for question in call.questions}
    given = {name: value for name, value in written.items() if value is not None}
    return {name: _text(value, name, questions.get(name)) for name, value in given.items()}


def _text(value: object, name: str, question: Question | None) -> str:
    """As it is kept: an address, a number in their one form, as soon as they are right."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if question is not None and question.kind == QuestionKind.LONG_TEXT:
        return cleaned(text)
    line = one_line(text)
    if name == "bearer_email":
        return _address(line)
    number = _number(name, line, question)
    return line if number is None else plain_number(number)


def _number(name: str, line: str, question: Question | None) -> Decimal | None:
    if question is not None and question.kind == QuestionKind.NUMBER:
        return question.read(line)
    return read_number(line, JOBS) if name in ("jobs_min", "jobs_max") else None


def _address(line: str) -> str:
    try:
        return canonical_address(line)
    except ValueError:
        return line


def check_application(call: Call, content: Content, documents: set[str]) -> Checked:
    """Read what she wrote. `documents` are the codes of the documents uploaded.

    Raises:
        Refusals: one for each field that is missing or wrong.
    """
    checked, refusals = read_leniently(call, content, documents)
    if refusals:
        raise Refusals(refusals)
    return checked


def read_leniently(
    call: Call, content: Content, documents: set[str]
) -> tuple[Checked, list[Refusal]]:
    """What it says as far as it can be read, and what is missing or wrong, in the form's order.

    A choice that is not offered, and a range that is no range, are then not said.
    """
    reader = _Reader(content)
    kind = reader.choice("applicant_kind", [kind.value for kind in ApplicantKind])
    jobs_min, jobs_max = reader.jobs()
    checked = Checked(
        project_title=reader.line("project_title") or "",
        bearer_name=reader.line("bearer_name") or "",
        bearer_email=reader.email("bearer_email"),
        bearer_phone=reader.line("bearer_phone", required=False),
        applicant_kind=ApplicantKind(kind) if kind else ApplicantKind.PERSON,
        organisation=reader.line("organisation", required=kind == ApplicantKind.ORGANISATION),
        sector=reader.choice("sector", codes_of(call.sectors), bool(call.sectors)),
        department=reader.choice("department", call.departments or tuple(DEPARTMENTS)),
        heard_from=reader.choice("heard_from", codes_of(call.heard_from), False),
        jobs_min=jobs_min,
        jobs_max=jobs_max,
        answers={question.code: reader.answer(question) for question in call.questions},
    )
    refusals = reader.refusals + [
        document_missing(asked.code)
        for asked in call.documents
        if asked.required and asked.code not in documents
    ]
    return checked, _in_order(refusals, fields_of(call))


def _in_order(refusals: list[Refusal], fields: Sequence[str]) -> list[Refusal]:
    """In the order of the form; documents come last."""
    places = {name: place for place, name in enumerate(fields)}
    return sorted(refusals, key=lambda refusal: places.get(refusal.field or "", len(places)))


def refusals_of(call: Call, content: Content, documents: set[str]) -> list[Refusal]:
    """What still keeps an application from being sent, in the order of the form."""
    try:
        check_application(call, content, documents)
    except Refusals as refusals:
        return list(refusals.all)
    return []


def missing_fields(call: Call, content: Content, documents: set[str]) -> set[str]:
    """The fields that still keep an application from being sent."""
    return {one.field for one in refusals_of(call, content, documents) if one.field}


def required_fields(call: Call, content: Content) -> set[str]:
    """The fields that must be filled, given what was written so far."""
    required = {"project_title", "bearer_name", "bearer_email", "applicant_kind", "department"}
    if call.sectors:
        required.add("sector")
    if content.get("applicant_kind") == ApplicantKind.ORGANISATION:
        required.add("organisation")
    required |= {answer_field(one.code) for one in call.questions if one.required}
    return required | {document_field(one.code) for one in call.documents if one.required}


class _Reader:
    """Reads the fields of a content one by one and gathers what is wrong with them."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.refusals: list[Refusal] = []

    def text(self, name: str, required: bool, most: int | None = None) -> str | None:
        text = self.content.get(name, "").strip()
        if not text and required:
            self.refusals.append(missing(name))
        if most is not None and len(text) > most:
            self.refusals.append(too_long(name, text, most))
        return text or None

    def line(self, name: str, required: bool = True) -> str | None:
        return self.text(name, required, _MAX_LINE)

    def email(self, name: str) -> str:
        text = self.text(name, required=True) or ""
        try:
            return canonical_address(text) if text else ""
        except ValueError:
            self.refusals.append(bad_email(text, name))
            return text

    def choice(self, name: str, offered: Collection[str], required: bool = True) -> str | None:
        text = self.text(name, required)
        if text is None or text in offered:
            return text
        self.refusals.append(not_offered(name, text))
        return None

    def number(
        self,
        name: str,
        bounds: Bounds,
        read: Callable[[str], Decimal | None],
        required: bool = False,
    ) -> Decimal | None:
        text = self.text(name, required)
        if text is None:
            return None
        number = read(text)
        if number is None:
            wrong = not_a_number if bounds.decimals else not_a_whole_number
            self.refusals.append(wrong(name, text, bounds))
        return number

    def jobs(self) -> tuple[int | None, int | None]:
        """The range of jobs expected: both ends, or neither."""
        refused = len(self.refusals)
        low, high = self._jobs("jobs_min"), self._jobs("jobs_max")
        if len(self.refusals) > refused:
            return None, None
        if (low is None) != (high is None):
            self.refusals.append(half_a_range("jobs_min" if low is None else "jobs_max"))
        elif low is not None and high is not None and high < low:
            self.refusals.append(range_reversed("jobs_max", low, high))
        return (low, high) if len(self.refusals) == refused else (None, None)

    def _jobs(self, name: str) -> int | None:
        number = self.number(name, JOBS, lambda text: read_number(text, JOBS))
        return None if number is None else int(number)

    def answer(self, question: Question) -> str:
        name, required = answer_field(question.code), question.required
        match question.kind:
            case QuestionKind.CHOICE:
                return self.choice(name, codes_of(question.choices), required) or ""
            case QuestionKind.YES_NO:
                return self.choice(name, ["yes", "no"], required) or ""
            case QuestionKind.NUMBER:
                number = self.number(name, question.bounds, question.read, required)
                return "" if number is None else plain_number(number)
            case _:
                return self.text(name, required, question.max_length) or ""


# --- refusals, each at its field


def unknown_question(call: Call, name: str) -> Refusal:
    return Refusal(
        "unknown_question",
        "« {title} » n’a pas de question « {question} ».",
        field=name,
        status=422,
        title=call.title.fr,
        question=name.removeprefix("answer-"),
    )


def missing(name: str) -> Refusal:
    return Refusal("missing", "Remplissez ce champ : il est obligatoire.", field=name, status=422)


def document_missing(code: str) -> Refusal:
    return Refusal(
        "document_missing",
        "Ajoutez ce document : il est obligatoire.",
        field=document_field(code),
        status=422,
    )


def choose_again(field: str) -> Refusal:
    return Refusal(
        "choose_again",
        "Ce fichier n’a pas été gardé, car autre chose était à régler. Choisissez-le à nouveau.",
        field=field,
        status=422,
    )


def too_long(name: str, text: str, most: int) -> Refusal:
    return Refusal(
        "too_long",
        "Ce texte a {count} caractères, au plus {most} sont acceptés. Raccourcissez-le.",
        field=name,
        status=422,
        count=len(text),
        most=most,
    )


def not_offered(name: str, text: str) -> Refusal:
    return Refusal(
        "not_offered",
        "« {text} » n’est pas dans la liste. Choisissez-y.",
        field=name,
        status=422,
        text=text[:40],
    )


def not_a_whole_number(name: str, text: str, bounds: Bounds) -> Refusal:
    return Refusal(
        "not_a_number",
        "« {text} » n’est pas un nombre entier de {least} à {most}. Écrivez-le en chiffres.",
        field=name,
        status=422,
        text=text[:40],
        least=bounds.least,
        most=bounds.most,
    )


_ONE_DECIMAL = N_(
    "« {text} » n’est pas un nombre de {least} à {most}, avec une décimale au plus. Écrivez-le en "
    "chiffres."
)
_MANY_DECIMALS = N_(
    "« {text} » n’est pas un nombre de {least} à {most}, avec {decimals} décimales au plus. "
    "Écrivez-le en chiffres."
)


def not_a_number(name: str, text: str, bounds: Bounds) -> Refusal:
    return Refusal(
        "not_a_number",
        _ONE_DECIMAL if bounds.decimals == 1 else _MANY_DECIMALS,
        field=name,
        status=422,
        text=text[:40],
        least=bounds.least,
        most=bounds.most,
        decimals=bounds.decimals,
    )


def half_a_range(name: str) -> Refusal:
    return Refusal(
        "missing",
        "Écrivez les deux nombres, le plus bas et le plus haut, ou aucun.",
        field=name,
        status=422,
    )


def range_reversed(name: str, low: int, high: int) -> Refusal:
    return Refusal(
        "range_reversed",
        "Le nombre le plus haut ({high}) est plus petit que le plus bas ({low}). Échangez-les.",
        field=name,
        status=422,
        high=high,
        low=low,
    )
