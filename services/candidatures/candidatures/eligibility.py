"""The questions before the form: whoever cannot apply learns it at once, and where to go.

Nothing is kept of who stops here. What those answered who go on is kept with their application.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Self
from urllib.parse import urlsplit

from essaim import Refusal
from essaim.refusal import Refusals
from essaim.text.file_values import YesNo
from essaim_contracts.fact import Slug
from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from candidatures.form import Choice, Part, Text
from candidatures.question import YES_NO, AnswerCode


def _page_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    whole = parts.scheme in ("http", "https") and parts.hostname
    if not whole or " " in text or not text.isprintable():
        raise PydanticCustomError("bad_page_address", "not the address of a page")
    return text


PageAddress = Annotated[str, StringConstraints(max_length=500), AfterValidator(_page_address)]


class PassingChoice(Choice):
    passes: YesNo = False
    """Whether who chooses it may apply."""


class EligibilityQuestion(Part):
    """Asked of all before the form. Without choices it is answered by yes or no."""

    code: Slug
    label: Text
    hint: Text | None = None
    choices: tuple[PassingChoice, ...] = ()
    passes: AnswerCode = "yes"
    """Of yes and no, the answer that goes on."""
    stop: Text
    """What is said to who cannot apply."""
    call: Slug | None = None
    """Another call, to which who stops is led; beside it a track and a page."""
    track: Slug | None = None
    page: PageAddress | None = None

    @model_validator(mode="after")
    def _lets_some_pass_and_stops_others(self) -> Self:
        let = self.passing
        if not let or not set(self.offered) - let:
            raise PydanticCustomError("stops_nobody", "all or none", {"item": self.code})
        return self

    @property
    def offered(self) -> dict[str, Text]:
        """What may be answered."""
        if not self.choices:
            return YES_NO
        return {choice.code: choice.label for choice in self.choices}

    @property
    def passing(self) -> set[str]:
        """The answers that go on."""
        if not self.choices:
            return {self.passes} & set(YES_NO)
        return {choice.code for choice in self.choices if choice.passes}


def eligibility_field(code: str) -> str:
    """The field of the answer to such a question."""
    return f"eligibility-{code}"


def stopped_by(
    questions: Sequence[EligibilityQuestion], content: Mapping[str, str]
) -> EligibilityQuestion | None:
    """The first question whose answer ends it, None where all go on; `content` is by field.

    Raises:
        Refusals: one for each that is not answered, or with what it does not offer.
    """
    refusals = []
    for question in questions:
        name = eligibility_field(question.code)
        if content.get(name) not in question.offered:
            refusals.append(answer_first(name))
    if refusals:
        raise Refusals(refusals)
    for question in questions:
        if content[eligibility_field(question.code)] not in question.passing:
            return question
    return None


def not_passed(
    questions: Sequence[EligibilityQuestion], content: Mapping[str, str]
) -> list[EligibilityQuestion]:
    """Those that an application does not answer as who may apply does."""
    return [one for one in questions if content.get(eligibility_field(one.code)) not in one.passing]


# --- refusals


def answer_first(name: str) -> Refusal:
    return Refusal("missing", "Choisissez une réponse pour continuer.", field=name, status=422)


def not_eligible(question: EligibilityQuestion) -> Refusal:
    return Refusal(
        "not_eligible",
        "Répondez d’abord à « {question} », sur la page d’avant le formulaire.",
        field=eligibility_field(question.code),
        status=422,
        question=question.label.fr,
    )
