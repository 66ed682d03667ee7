"""Asks a service each question that the contracts let others ask it, soundly and wrongly."""

import json
from typing import Any
from uuid import UUID

from essaim_contracts.questions import Failed, Question, Waits, WhatWaits, all_questions
from nats.aio.client import Client
from nats.errors import Error as NatsError

from essaim.broker.rights import asked_by
from essaim.consortium.partners import Consortium, Directory, Partner
from essaim.ids import new_id
from essaim.proving import rules
from essaim.proving.ground import Ground
from essaim.proving.rules import Rule, Verdict

PATIENCE = 5.0
"""Seconds after which whoever asks gives up."""
_WORDS = {
    "token": "conform-conform-conform-conform",
    "language": "fr",
    "email": "canari@exemple.fr",
    "call_title": "Un appel de l’essai",
    "programme_name": "Un programme de l’essai",
    "slug": "un-appel-de-l-essai",
    "closes_at": "2040-01-31T18:00:00+01:00",
    "answer_by": "2040-01-31",
    "missing": ("Une pièce de l’essai",),
    "programme": "conform",
    "organisation_id": None,
    "from_on": "2040-01-31",
    "proof": "conform",
}
"""What stands in a question's fields, by their name; ids are made."""
_UNREADABLE = (b"{", b"[]", b"{}", b'{"person_id": 1}')


async def check_questions(ground: Ground, partner: Partner, person_id: UUID) -> list[Verdict]:
    """`person_id` is somebody whom its directory holds, where it has one."""
    asked = _asked_of(ground.consortium, partner)
    asker = _asker(ground.consortium, partner)
    if not asked or asker is None:
        why = "nobody in this consortium may ask it" if asked else "the contracts ask it nothing"
        return [rules.ANSWERS.not_applicable(why), rules.REFUSES.not_applicable(why)]
    questions = {one.subject_at(partner.service): sound(one) for one in asked}
    signed = WhatWaits.subject_at(partner.service)
    forged, proof = questions.get(signed), ground.proof(partner.service, person_id)
    if forged is not None:
        questions[signed] = WhatWaits(proof=proof, language="fr")
    connection = await ground.connected_as(asker)
    try:
        silent = [await _trouble_of(connection, *one) for one in questions.items()]
        wrong = [await _wrongly_answered(connection, one) for one in questions]
        if forged is not None:
            wrong.append(await _wrongly_believed(connection, signed, forged))
        silent += [await _trouble_of(connection, *one) for one in questions.items()]
    finally:
        await connection.close()
    subjects = ", ".join(questions)
    return [_verdict(rules.ANSWERS, subjects, silent), _verdict(rules.REFUSES, subjects, wrong)]


def _asked_of(consortium: Consortium, partner: Partner) -> list[type[Question[Any]]]:
    """Those of its own, and what is asked of each service with pages, but of who asks it."""
    asked = [one for one in all_questions() if one.answered_by() == partner.service]
    is_keeper = partner.directory == Directory.KEEPS
    return [*asked, WhatWaits] if partner.knows_people and not is_keeper else asked


def _verdict(rule: Rule, subjects: str, found: list[str | None]) -> Verdict:
    wrong = list(dict.fromkeys(one for one in found if one is not None))
    return rule.broken("; ".join(wrong)) if wrong else rule.kept(subjects)


def _asker(consortium: Consortium, partner: Partner) -> str | None:
    """Who may ask: the keeper of the directory first, who alone may ask some things."""
    may = [
        one.service for one in consortium.partners if partner.service in asked_by(one, consortium)
    ]
    if partner.knows_people and partner.service != consortium.keeper:
        return consortium.keeper
    return min(may, key=lambda service: service != consortium.keeper, default=None)


def sound(question: type[Question[Any]]) -> Question[Any]:
    """
    Raises:
        KeyError: a field has no word to be asked with; a test sees that none lacks it.
    """
    values = {
        name: new_id() if field.annotation is UUID else _WORDS[name]
        for name, field in question.model_fields.items()
    }
    return question(**values)


async def _trouble_of(connection: Client, subject: str, question: Question[Any]) -> str | None:
    """What is wrong with the answer; None when it is as it should be."""
    try:
        body = question.model_dump_json().encode()
        answer = await connection.request(subject, body, timeout=PATIENCE)
        said = question.read_answer(answer.data)
    except (NatsError, TimeoutError) as error:
        return f"{subject}: {error or 'no answer in time'}"
    except ValueError as error:
        return f"{subject}: its answer is not as the contracts say ({error})"
    if isinstance(said, Failed):
        return f"{subject}: it failed with {said.failure!r}"
    return None


async def _wrongly_believed(connection: Client, subject: str, forged: Question[Any]) -> str | None:
    """Whether it says what waits for somebody whose sign-in nobody signed."""
    try:
        body = forged.model_dump_json().encode()
        said = forged.read_answer((await connection.request(subject, body, timeout=PATIENCE)).data)
    except (NatsError, TimeoutError, ValueError):
        return None  # it is told of the same question with a proof
    if isinstance(said, Failed) or said == Waits():
        return None
    return f"{subject}: it says what waits for somebody without a proof that the keeper signed"


async def _wrongly_answered(connection: Client, subject: str) -> str | None:
    """Which unreadable question was not refused."""
    for body in _UNREADABLE:
        try:
            answer = await connection.request(subject, body, timeout=PATIENCE)
            Failed.model_validate(json.loads(answer.data))
        except (NatsError, TimeoutError):
            return f"{subject}: no answer to {body.decode()}"
        except ValueError:
            return f"{subject}: it answers {body.decode()} as if it could be read"
    return None
