"""Questions between services: what travels is as it always was, and a secret stays one."""

import json
import re
from uuid import UUID

import pytest
from essaim_contracts.questions import (
    Failed,
    Question,
    Queued,
    SendAddressLink,
    SendDraftLink,
    SendSignInLink,
)
from pydantic import BaseModel, ValidationError

TOKEN = "a-secret-token-of-a-link"
URL = f"https://premices.example/candidatures/resume/{TOKEN}"
SIGN_IN = SendSignInLink(
    person_id=UUID("016f0c3d-1a2b-7d4e-8f60-718293a4b5c6"), token=TOKEN, language="fr"
)
DRAFT = SendDraftLink(
    email="camille@exemple.fr",
    token="a-secret-token-of-a-draft",
    call_title="Prémices 2020",
    language="en",
)
ADDRESS = SendAddressLink(
    person_id=SIGN_IN.person_id, email="camille@exemple.fr", token=TOKEN, language="fr"
)
every_question = pytest.mark.parametrize(
    "question", [SIGN_IN, DRAFT, ADDRESS], ids=lambda question: type(question).__name__
)


def test_the_wire_of_the_questions_is_the_one_services_speak() -> None:
    assert SIGN_IN.subject == "essaim.ask.notifications.sign_in_link"
    assert json.loads(SIGN_IN.model_dump_json()) == {
        "person_id": "016f0c3d-1a2b-7d4e-8f60-718293a4b5c6",
        "token": TOKEN,
        "language": "fr",
    }
    assert DRAFT.subject == "essaim.ask.notifications.draft_link"
    assert json.loads(DRAFT.model_dump_json()) == {
        "email": "camille@exemple.fr",
        "token": "a-secret-token-of-a-draft",
        "call_title": "Prémices 2020",
        "language": "en",
    }


def test_the_wire_of_the_answers_is_the_one_services_speak() -> None:
    assert Queued().model_dump_json() == '{"queued":true}'
    assert Failed(failure="KeyError").model_dump_json() == '{"failure":"KeyError"}'


@every_question
def test_a_question_arrives_as_it_was_asked(question: Question[Queued]) -> None:
    assert type(question).model_validate_json(question.model_dump_json()) == question


@every_question
def test_a_question_names_where_it_is_asked_and_the_answer_of_its_type(
    question: Question[Queued],
) -> None:
    assert re.fullmatch(r"essaim\.ask\.[a-z]+\.[a-z_]+", question.subject)
    (parent,) = type(question).__bases__
    assert issubclass(parent, BaseModel)
    assert parent.__pydantic_generic_metadata__["args"] == (question.answer,)


@every_question
def test_an_asker_gets_the_answer_or_why_there_is_none(question: Question[Queued]) -> None:
    assert question.read_answer(b'{"queued": true, "of_a_later_version": 1}') == Queued()
    assert question.read_answer(b'{"failure": "KeyError"}') == Failed(failure="KeyError")


@every_question
@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\xff", b"[]", b"null", b'{"queued": false}', b'{"failure": null}']
)
def test_what_is_no_answer_is_not_taken_for_one(question: Question[Queued], body: bytes) -> None:
    with pytest.raises(ValueError):
        question.read_answer(body)


@every_question
def test_neither_an_error_nor_a_print_of_a_question_shows_the_link(
    question: Question[Queued],
) -> None:
    asked = json.loads(question.model_dump_json())
    with pytest.raises(ValidationError) as missing:
        type(question).model_validate({**asked, "language": None, "langage": URL})
    with pytest.raises(ValidationError) as broken:
        type(question).model_validate_json(question.model_dump_json()[:-1])

    shown = f"{question!r} {question} {missing.value!r} {broken.value!r}"
    assert TOKEN not in shown
    assert DRAFT.token not in shown
