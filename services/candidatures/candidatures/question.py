"""A question of a call: what answers it, when it is asked, and how its answer is read.

An answer is kept as one text, whatever its kind: a range as `2..5`, several choices as `a,b`, a
day as `2020-01-15`. That of a file is a document under the question's code.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from essaim.text import formats
from essaim.text.departments import department_name
from essaim.text.file_values import Day, Exact, Whole, YesNo
from essaim.text.typography import NBSP
from essaim.text.written_number import Bounds, read_number
from essaim_contracts.fact import Slug
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from candidatures.form import Choice, DocumentAsked, FileType, Part, Text

FARTHEST = Decimal(999_999_999_999)
"""No answer goes farther from zero, whatever a question asks."""

TO, AND = "..", ","
"""What stands between the ends of a range, and between several choices."""


AnswerCode = Annotated[
    str, StringConstraints(pattern=r"^[a-zA-Z0-9]+([_-][a-z0-9]+)*$", max_length=60)
]
"""A choice, yes or no, or a department."""


class QuestionKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    RANGE = "range"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    DEPARTMENT = "department"
    FILE = "file"
    YES_NO = "yes_no"


COUNTED = (QuestionKind.NUMBER, QuestionKind.RANGE)
OFFERING = (QuestionKind.CHOICE, QuestionKind.CHOICES)
TELLING = (*OFFERING, QuestionKind.YES_NO, QuestionKind.DEPARTMENT)
"""The kinds whose answers may decide whether another question is asked."""

YES_NO = {"yes": Text(fr="Oui", en="Yes"), "no": Text(fr="Non", en="No")}


class Section(Choice):
    """A part of the form, under a title; its questions name it."""

    hint: Text | None = None


class Question(Part):
    code: Slug
    label: Text
    kind: QuestionKind
    section: Slug | None = None
    """The section it stands in; those of none come first."""
    required: YesNo = False
    max_length: Annotated[Whole, Field(ge=1, le=20_000)] = 4000
    """The longest answer to a text, in characters."""
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    """What can be answered to a question of kind choice or choices, and only to one."""
    min: Annotated[Exact, Field(ge=-FARTHEST, le=FARTHEST)] | None = None
    """The least number that answers a number or a range, 0 when absent; how many choices, least."""
    max: Annotated[Exact, Field(ge=-FARTHEST, le=FARTHEST)] | None = None
    decimals: Annotated[Whole, Field(ge=0, le=6)] = 0
    """How many decimals an answer may have."""
    unit: Text | None = None
    """What is counted: shown beside the field, and after the answer."""
    earliest: Day | None = None
    """The first day that answers a date, itself included, as `latest`, the last one."""
    latest: Day | None = None
    allowed: tuple[FileType, ...] = ()
    """What kinds of files answer one of kind file: those of a document where none is said."""
    max_mb: Annotated[Whole, Field(ge=1, le=30)] | None = None
    when: Mapping[Slug, Annotated[tuple[AnswerCode, ...], Field(min_length=1)]] = {}
    """Earlier questions by code, and the answers of each of which one must be given."""
    identifying: YesNo = False
    """Whether an answer says who applies: an anonymous round does not read it."""

    @model_validator(mode="after")
    def _choices_belong_to_a_choice(self) -> Self:
        if self.kind in OFFERING and len(self.choices) < 2:
            raise PydanticCustomError(
                "choices_missing", "two choices at least", {"item": self.code}
            )
        if self.kind not in OFFERING and self.choices:
            raise PydanticCustomError("choices_unwanted", "not a choice", {"item": self.code})
        return self

    @model_validator(mode="after")
    def _bounds_belong_to_a_number(self) -> Self:
        bounded = self.min is not None or self.max is not None
        measured = bool(self.decimals or self.unit)
        if measured and self.kind not in COUNTED:
            raise PydanticCustomError("bounds_unwanted", "not a number", {"item": self.code})
        if bounded and self.kind not in (*COUNTED, QuestionKind.CHOICES):
            raise PydanticCustomError("bounds_unwanted", "not a number", {"item": self.code})
        if self.bounds.least > self.bounds.most:
            raise PydanticCustomError("bounds_order", "no number fits", {"item": self.code})
        if self.kind == QuestionKind.CHOICES and self.fewest > self.most:
            raise PydanticCustomError("bounds_order", "no number fits", {"item": self.code})
        return self

    @model_validator(mode="after")
    def _days_belong_to_a_date(self) -> Self:
        if (self.earliest or self.latest) and self.kind != QuestionKind.DATE:
            raise PydanticCustomError("days_unwanted", "not a date", {"item": self.code})
        if self.earliest and self.latest and self.latest < self.earliest:
            raise PydanticCustomError("days_order", "no day fits", {"item": self.code})
        return self

    @model_validator(mode="after")
    def _files_belong_to_a_file(self) -> Self:
        if (self.allowed or self.max_mb) and self.kind != QuestionKind.FILE:
            raise PydanticCustomError("files_unwanted", "not a file", {"item": self.code})
        return self

    @property
    def bounds(self) -> Bounds:
        """What a number that answers is between."""
        least = Decimal(0) if self.min is None else self.min
        return Bounds(least, FARTHEST if self.max is None else self.max, self.decimals)

    @property
    def is_several(self) -> bool:
        """Whether its answer is more than one value of a form: two ends, or choices."""
        return self.kind in (QuestionKind.RANGE, QuestionKind.CHOICES)

    @property
    def fewest(self) -> int:
        """How many choices are to be ticked, where any is."""
        return max(int(self.min or 0), 1)

    @property
    def most(self) -> int:
        return len(self.choices) if self.max is None else min(int(self.max), len(self.choices))

    @property
    def as_document(self) -> DocumentAsked:
        """The file that answers it, as a document that is asked."""
        limits = {
            name: value
            for name, value in (("allowed", self.allowed), ("max_mb", self.max_mb))
            if value
        }
        return DocumentAsked(
            code=self.code,
            label=self.label,
            required=self.required,
            hint=self.hint,
            identifying=self.identifying,
            **limits,
        )

    def read(self, answer: str) -> Decimal | None:
        """The number an answer writes, with its unit or without; None when it is none asked."""
        units = (self.unit.fr, self.unit.en or "") if self.unit else ()
        for unit in units:
            answer = answer.removesuffix(unit)
        return read_number(answer, self.bounds)

    def offered(self) -> dict[str, Text]:
        """What may be answered, by code, where that is known beforehand."""
        if self.kind == QuestionKind.YES_NO:
            return YES_NO
        return {choice.code: choice.label for choice in self.choices}

    def in_words(self, answer: str, language: str) -> str:
        """An answer as people read it; what is none asked, as it stands."""
        match self.kind:
            case QuestionKind.NUMBER:
                written = self._number(answer, language)
                return answer if self.read(answer) is None else self._measured(written, language)
            case QuestionKind.RANGE if TO in answer:
                low, high = (self._number(end, language) or "?" for end in ends_of(answer))
                between = "from {} to {}" if language == "en" else "de {} à {}"
                return self._measured(between.format(low, high), language)
            case QuestionKind.DATE:
                day = day_of(answer)
                return formats.day(day, language) if day else answer
            case QuestionKind.DEPARTMENT:
                return department_name(answer) or ""
            case QuestionKind.CHOICE | QuestionKind.CHOICES | QuestionKind.YES_NO:
                offered = self.offered()
                known = (offered.get(one, Text(fr=one)) for one in chosen_in(answer))
                return ", ".join(one.say(language) for one in known)
            case _:
                return answer

    def _number(self, answer: str, language: str) -> str:
        number = self.read(answer)
        return answer if number is None else formats.number(number, language)

    def _measured(self, written: str, language: str) -> str:
        return f"{written}{NBSP}{self.unit.say(language)}" if self.unit else written


def ends_of(answer: str) -> tuple[str, str]:
    """The ends of a range, as they are written."""
    low, _, high = answer.partition(TO)
    return low.strip(), high.strip()


def chosen_in(answer: str) -> list[str]:
    """The codes of several choices."""
    return [one for one in answer.split(AND) if one]


def day_of(answer: str) -> date | None:
    """The day an answer writes: 2020-01-15, or as people write it, 15/01/2020."""
    day, slash, rest = answer.partition("/")
    month, _, year = rest.partition("/")
    try:
        return date.fromisoformat(f"{year:>04}-{month:>02}-{day:>02}" if slash else answer)
    except ValueError:
        return None


def in_sections(
    questions: Sequence[Question], sections: Sequence[Section]
) -> Iterator[tuple[Section | None, list[Question]]]:
    """The questions of each section that has some, in order; those of none first."""
    known = {section.code for section in sections}
    for section in (None, *sections):
        wanted = section.code if section else None
        found = [
            one for one in questions if (one.section if one.section in known else None) == wanted
        ]
        if found:
            yield section, found


def asked_of(questions: Sequence[Question], answers: Mapping[str, str]) -> list[Question]:
    """The questions that are asked of who answers this; `answers` are by code.

    What a question that is not asked was answered counts for nothing.
    """
    found: list[Question] = []
    given: dict[str, list[str]] = {}
    for question in questions:
        if all(set(given.get(code, ())) & set(wanted) for code, wanted in question.when.items()):
            found.append(question)
            given[question.code] = chosen_in(answers.get(question.code, ""))
    return found
