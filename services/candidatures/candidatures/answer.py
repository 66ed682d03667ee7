"""What somebody answers to a question: how it is kept, and whether it is what was asked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from essaim import Refusal
from essaim.text.departments import DEPARTMENTS
from essaim.text.written import cleaned, one_line
from essaim.text.written_number import plain_number

from candidatures.field_reader import (
    FieldReader,
    half_a_range,
    no_number,
    not_offered,
    range_reversed,
)
from candidatures.form import codes_of
from candidatures.question import (
    AND,
    TO,
    YES_NO,
    Question,
    QuestionKind,
    chosen_in,
    day_of,
    ends_of,
)


def answer_field(code: str) -> str:
    """The field of the answer to a question."""
    return f"answer-{code}"


def document_field(code: str) -> str:
    """The field of a document."""
    return f"document-{code}"


DATED = "dated-"


def dated_field(code: str) -> str:
    """The field of the date of a document."""
    return f"{DATED}{code}"


def kept_answer(question: Question, value: object) -> str:
    """An answer in the one form of its kind as soon as it is right; as it was typed until then."""
    text = _text(question, value)
    if question.kind == QuestionKind.LONG_TEXT:
        return cleaned(text)
    line = one_line(text)
    match question.kind:
        case QuestionKind.NUMBER:
            return _number(question, line)
        case QuestionKind.RANGE if TO in line:
            ends = [_number(question, end) for end in ends_of(line)]
            return TO.join(ends) if any(ends) else ""
        case QuestionKind.DATE:
            day = day_of(line)
            return day.isoformat() if day else line
        case _:
            return line


def _text(question: Question, value: object) -> str:
    """Whichever way it came in: several choices as a list, a range as its two ends."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case Mapping():
            return TO.join(_text(question, value.get(end, "")) for end in ("from", "to"))
        case list() | tuple():
            between = TO if question.kind == QuestionKind.RANGE else AND
            return between.join(_text(question, one) for one in value)
        case None:
            return ""
        case _:
            return str(value)


def _number(question: Question, line: str) -> str:
    number = question.read(line)
    return line if number is None else plain_number(number)


def read_answer(reader: FieldReader, question: Question, departments: Sequence[str]) -> str:
    """An answer that is right, empty where there is none; what is wrong with it goes to `reader`.

    `departments` are those offered, none for all of France.
    """
    name, required = answer_field(question.code), question.required
    match question.kind:
        case QuestionKind.CHOICE:
            return reader.choice(name, codes_of(question.choices), required) or ""
        case QuestionKind.YES_NO:
            return reader.choice(name, list(YES_NO), required) or ""
        case QuestionKind.DEPARTMENT:
            return reader.choice(name, departments or tuple(DEPARTMENTS), required) or ""
        case QuestionKind.NUMBER:
            number = reader.number(name, question.bounds, question.read, required)
            return "" if number is None else plain_number(number)
        case QuestionKind.FILE:
            return ""
    text = reader.text(name, required, question.max_length) or ""
    if text and (wrong := _wrong(question, name, text)):
        reader.refusals.append(wrong)
    return text


def _wrong(question: Question, name: str, text: str) -> Refusal | None:
    match question.kind:
        case QuestionKind.RANGE:
            return _wrong_range(question, name, text)
        case QuestionKind.CHOICES:
            return _wrong_choices(question, name, chosen_in(text))
        case QuestionKind.DATE:
            return _wrong_day(question, name, text)
        case _:
            return None


def _wrong_range(question: Question, name: str, text: str) -> Refusal | None:
    low, high = ends_of(text)
    for end in (low, high):
        if end and question.read(end) is None:
            return no_number(name, end, question.bounds)
    least, most = question.read(low), question.read(high)
    if least is None or most is None:
        return half_a_range(name)
    return range_reversed(name, least, most) if most < least else None


def _wrong_choices(question: Question, name: str, chosen: Collection[str]) -> Refusal | None:
    offered = codes_of(question.choices)
    for one in chosen:
        if one not in offered:
            return not_offered(name, one)
    if not question.fewest <= len(chosen) <= question.most:
        return choices_out_of_bounds(name, len(chosen), question.fewest, question.most)
    return None


def _wrong_day(question: Question, name: str, text: str) -> Refusal | None:
    day = day_of(text)
    if day is None:
        return not_a_day(name, text)
    if question.earliest and day < question.earliest:
        return day_too_early(name, day, question.earliest)
    if question.latest and day > question.latest:
        return day_too_late(name, day, question.latest)
    return None


# --- refusals, each at its field


def choices_out_of_bounds(name: str, count: int, fewest: int, most: int) -> Refusal:
    return Refusal(
        "choices_out_of_bounds",
        "Vous en avez coché {count} : il en faut de {fewest} à {most}.",
        field=name,
        status=422,
        count=count,
        fewest=fewest,
        most=most,
    )


def not_a_day(name: str, text: str) -> Refusal:
    return Refusal(
        "not_a_day",
        "« {text} » n’est pas une date. Écrivez-la comme 15/01/2020.",
        field=name,
        status=422,
        text=text[:40],
    )


def day_too_early(name: str, day: date, earliest: date) -> Refusal:
    return Refusal(
        "day_too_early",
        "Le {day} est trop tôt : la date demandée est le {earliest} ou après.",
        field=name,
        status=422,
        day=day,
        earliest=earliest,
    )


def day_too_late(name: str, day: date, latest: date) -> Refusal:
    return Refusal(
        "day_too_late",
        "Le {day} est trop tard : la date demandée est le {latest} ou avant.",
        field=name,
        status=422,
        day=day,
        latest=latest,
    )
