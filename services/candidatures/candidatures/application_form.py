"""What somebody writes in the form of a call, kept as she typed it and read when she sends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from essaim.refusal import Refusal, Refusals
from essaim.text.departments import DEPARTMENTS
from essaim.text.mail_address import canonical_address
from essaim.text.written import one_line
from essaim.text.written_number import plain_number, read_number
from essaim_contracts.candidatures import ApplicantKind

from candidatures.answer import (
    DATED,
    answer_field,
    dated_field,
    document_field,
    kept_answer,
    read_answer,
)
from candidatures.call import Call
from candidatures.eligibility import eligibility_field, not_eligible, not_passed
from candidatures.field_reader import JOBS, Content, FieldReader
from candidatures.form import DocumentAsked, codes_of
from candidatures.party import PARTY_FIELDS, check_parties
from candidatures.question import Question, QuestionKind, day_of
from candidatures.validity import wrong_dates

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
MAX_FIELD = 20_000


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


def fields_of(call: Call) -> tuple[str, ...]:
    """Every field of the form of a call, in order."""
    typed = (one for one in call.questions if one.kind != QuestionKind.FILE)
    before = (eligibility_field(one.code) for one in call.eligibility)
    parties = PARTY_FIELDS if ApplicantKind.GROUP in call.applicants else ()
    dated = (dated_field(one.code) for one in call.documents if one.is_dated)
    answers = (answer_field(question.code) for question in typed)
    return (*before, *FIELDS, *parties, *answers, *dated)


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
    return {name: _kept(value, name, questions.get(name)) for name, value in given.items()}


def _kept(value: object, name: str, question: Question | None) -> str:
    """As it is kept: an address, a number in their one form, as soon as they are right."""
    if question is not None:
        return kept_answer(question, value)
    if name.startswith(DATED) and (day := day_of(one_line(str(value)))):
        return day.isoformat()
    line = one_line(f"{value:f}" if isinstance(value, Decimal) else str(value))
    if name == "bearer_email" or (name in PARTY_FIELDS and name.endswith("-email")):
        return _address(line)
    number = read_number(line, JOBS) if name in ("jobs_min", "jobs_max") else None
    return line if number is None else plain_number(number)


def _address(line: str) -> str:
    try:
        return canonical_address(line)
    except ValueError:
        return line


def check_application(
    call: Call, content: Content, documents: set[str], today: date | None = None
) -> Checked:
    """Read what she wrote. `documents` are the codes of the documents uploaded.

    `today` is the day on which they must be valid, None for a draft.

    Raises:
        Refusals: one for each field that is missing or wrong.
    """
    checked, refusals = read_leniently(call, content, documents, today)
    if refusals:
        raise Refusals(refusals)
    return checked


def read_leniently(
    call: Call, content: Content, documents: set[str], today: date | None = None
) -> tuple[Checked, list[Refusal]]:
    """What it says as far as it can be read, and what is missing or wrong, in the form's order.

    A choice that is not offered, and a range that is no range, are then not said.
    """
    reader = FieldReader(content)
    kind = reader.choice("applicant_kind", [kind.value for kind in call.applicants])
    if kind == ApplicantKind.GROUP:
        check_parties(reader)
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
        answers={
            question.code: read_answer(reader, question, call.departments)
            for question in call.asked_in(content)
        },
    )
    reader.refusals += wrong_dates(call.documents, content, documents, today)
    reader.refusals += [not_eligible(one) for one in not_passed(call.eligibility, content)]
    refusals = reader.refusals + [
        document_missing(asked.code)
        for asked in files_asked(call, content)
        if asked.required and asked.code not in documents
    ]
    return checked, _in_order(refusals, fields_of(call))


def _in_order(refusals: list[Refusal], fields: Sequence[str]) -> list[Refusal]:
    """In the order of the form; documents come last."""
    places = {name: place for place, name in enumerate(fields)}
    return sorted(refusals, key=lambda refusal: places.get(refusal.field or "", len(places)))


def refusals_of(
    call: Call, content: Content, documents: set[str], today: date | None = None
) -> list[Refusal]:
    """What still keeps an application from being sent, in the order of the form."""
    return read_leniently(call, content, documents, today)[1]


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
    required |= {
        answer_field(one.code)
        for one in call.asked_in(content)
        if one.required and one.kind != QuestionKind.FILE
    }
    files = files_asked(call, content)
    return required | {document_field(one.code) for one in files if one.required}


def files_asked(call: Call, content: Content) -> list[DocumentAsked]:
    """The documents asked of who writes this, and the files that answer a question."""
    files = [one.as_document for one in call.asked_in(content) if one.kind == QuestionKind.FILE]
    return [*files, *call.documents]


def sent_content(call: Call, content: Content) -> Content:
    """What is kept of a draft that is sent: no answer to what was not asked."""
    asked = {answer_field(one.code) for one in call.asked_in(content)}
    unasked = {answer_field(one.code) for one in call.questions} - asked
    if content.get("applicant_kind") != ApplicantKind.GROUP:
        unasked |= set(PARTY_FIELDS)
    return {name: text for name, text in content.items() if name not in unasked}


# --- refusals


def unknown_question(call: Call, name: str) -> Refusal:
    return Refusal(
        "unknown_question",
        "« {title} » n’a pas de question « {question} ».",
        field=name,
        status=422,
        title=call.title.fr,
        question=name.removeprefix("answer-"),
    )


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
