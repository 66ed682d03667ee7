"""What somebody writes in the form of a call, kept as she typed it and read when she sends it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from essaim.refusal import Refusal, Refusals
from essaim.text.departments import DEPARTMENTS
from essaim_contracts.candidatures import ApplicantKind

from candidatures.call import Call
from candidatures.email_address import normalised_email
from candidatures.form import Question, QuestionKind

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
MAX_JOBS = 10_000
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


def check_application(call: Call, content: Content, documents: set[str]) -> Checked:
    """Read what she wrote. `documents` are the codes of the documents uploaded.

    Raises:
        Refusals: one for each field that is missing or wrong.
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
        sector=reader.choice(
            "sector", [choice.code for choice in call.sectors], bool(call.sectors)
        ),
        department=reader.choice("department", call.departments or tuple(DEPARTMENTS)),
        heard_from=reader.choice("heard_from", [choice.code for choice in call.heard_from], False),
        jobs_min=jobs_min,
        jobs_max=jobs_max,
        answers={question.code: reader.answer(question) for question in call.questions},
    )
    for document in call.documents:
        if document.required and document.code not in documents:
            reader.refuse(
                document_field(document.code),
                Refusal("document_missing", "Ajoutez ce document : il est obligatoire."),
            )
    reader.finish(fields_of(call))
    return checked


def missing_fields(call: Call, content: Content, documents: set[str]) -> set[str]:
    """The fields that still keep an application from being sent."""
    try:
        check_application(call, content, documents)
    except Refusals as refusals:
        return {one.field for one in refusals.all if one.field}
    return set()


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

    def refuse(self, name: str, refusal: Refusal) -> None:
        refusal.field, refusal.status = name, 422
        self.refusals.append(refusal)

    def finish(self, order: Sequence[str]) -> None:
        """Raise what was gathered, in the order of the form; documents come last."""
        if self.refusals:
            places = {name: place for place, name in enumerate(order)}
            last = len(places)
            raise Refusals(
                sorted(self.refusals, key=lambda refusal: places.get(refusal.field or "", last))
            )

    def text(self, name: str, required: bool) -> str | None:
        text = self.content.get(name, "").strip()
        if not text and required:
            self.refuse(name, Refusal("missing", "Remplissez ce champ : il est obligatoire."))
        return text or None

    def line(self, name: str, required: bool = True) -> str | None:
        text = self.text(name, required)
        if text and len(text) > _MAX_LINE:
            self.refuse(
                name,
                Refusal(
                    "too_long",
                    "Ce texte a {count} caractères, au plus {most} sont acceptés. "
                    "Raccourcissez-le.",
                    count=len(text),
                    most=_MAX_LINE,
                ),
            )
        return text

    def email(self, name: str) -> str:
        text = self.text(name, required=True)
        if not text:
            return ""
        try:
            return normalised_email(text)
        except ValueError:
            self.refuse(
                name,
                Refusal(
                    "bad_email",
                    "« {text} » n'est pas une adresse. Écrivez-la ainsi, sans accent avant l'@ : "
                    "nom@domaine.fr.",
                    text=text,
                ),
            )
            return text

    def choice(self, name: str, offered: Collection[str], required: bool = True) -> str | None:
        text = self.text(name, required)
        if text is None or text in offered:
            return text
        self.refuse(
            name,
            Refusal(
                "not_offered", "« {text} » n'est pas dans la liste. Choisissez-y.", text=text[:40]
            ),
        )
        return None

    def number(self, name: str, required: bool = False) -> int | None:
        text = self.text(name, required)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or int(text[:9]) > MAX_JOBS or len(text) > 9:
            self.refuse(
                name,
                Refusal(
                    "not_a_number",
                    "« {text} » n'est pas un nombre entier de 0 à {most}. Écrivez des chiffres.",
                    text=text[:40],
                    most=MAX_JOBS,
                ),
            )
            return None
        return int(text)

    def jobs(self) -> tuple[int | None, int | None]:
        """The range of jobs expected: both ends, or neither."""
        refused = len(self.refusals)
        low, high = self.number("jobs_min"), self.number("jobs_max")
        if len(self.refusals) > refused:
            return None, None
        if (low is None) != (high is None):
            empty = "jobs_min" if low is None else "jobs_max"
            self.refuse(
                empty,
                Refusal(
                    "missing", "Écrivez les deux nombres, le plus bas et le plus haut, ou aucun."
                ),
            )
        elif low is not None and high is not None and high < low:
            self.refuse(
                "jobs_max",
                Refusal(
                    "range_reversed",
                    "Le nombre le plus haut ({high}) est plus petit que le plus bas ({low}). "
                    "Échangez-les.",
                    high=high,
                    low=low,
                ),
            )
        return low, high

    def answer(self, question: Question) -> str:
        name = answer_field(question.code)
        match question.kind:
            case QuestionKind.CHOICE:
                codes = [choice.code for choice in question.choices]
                return self.choice(name, codes, question.required) or ""
            case QuestionKind.YES_NO:
                return self.choice(name, ["yes", "no"], question.required) or ""
            case QuestionKind.NUMBER:
                number = self.number(name, question.required)
                return "" if number is None else str(number)
            case _:
                return self._free_answer(name, question)

    def _free_answer(self, name: str, question: Question) -> str:
        text = self.text(name, question.required) or ""
        if len(text) > question.max_length:
            self.refuse(
                name,
                Refusal(
                    "too_long",
                    "Ce texte a {count} caractères, au plus {most} sont acceptés. "
                    "Raccourcissez-le.",
                    count=len(text),
                    most=question.max_length,
                ),
            )
        return text
