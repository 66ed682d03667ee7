"""Asks a service each question that the contracts let others ask it, soundly and wrongly."""

import json
from typing import Any
from uuid import UUID

from essaim_contracts.questions import Failed, Question, all_questions
from nats.aio.client import Client
from nats.errors import Error as NatsError

from essaim.broker.rights import asked_by
from essaim.consortium.partners import Consortium, Partner
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
    "proof": "conform",
}
"""What stands in a question's fields, by their name; ids are made."""
_UNREADABLE = (b"{", b"[]", b"{}", b'{"person_id": 1}')


async def check_questions(ground: Ground, partner: Partner) -> list[Verdict]:
    asked = [one for one in all_questions() if one.answered_by() == partner.service]
    asker = _asker(ground.consortium, partner)
    if not asked or asker is None:
        why = "nobody in this consortium may ask it" if asked else "the contracts ask it nothing"
        return [rules.ANSWERS.not_applicable(why), rules.REFUSES.not_applicable(why)]
    connection = await ground.connected_as(asker)
    try:
        silent = [await _trouble_of(connection, sound(one)) for one in asked]
        wrong = [await _wrongly_answered(connection, one) for one in asked]
        silent += [await _trouble_of(connection, sound(one)) for one in asked]
    finally:
        await connection.close()
    return [_verdict(rules.ANSWERS, asked, silent), _verdict(rules.REFUSES, asked, wrong)]


def _verdict(rule: Rule, asked: list[type[Question[Any]]], found: list[str | None]) -> Verdict:
    wrong = list(dict.fromkeys(one for one in found if one is not None))
    if wrong:
        return rule.broken("; ".join(wrong))
    return rule.kept(", ".join(one.subject for one in asked))


def _asker(consortium: Consortium, partner: Partner) -> str | None:
    """Who may ask: the keeper of the directory first, who alone may ask some things."""
    may = [
        one.service for one in consortium.partners if partner.service in asked_by(one, consortium)
    ]
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


async def _trouble_of(connection: Client, question: Question[Any]) -> str | None:
    """What is wrong with the answer; None when it is as it should be."""
    try:
        body = question.model_dump_json().encode()
        answer = await connection.request(question.subject, body, timeout=PATIENCE)
        said = question.read_answer(answer.data)
    except (NatsError, TimeoutError) as error:
        return f"{question.subject}: {error or 'no answer in time'}"
    except ValueError as error:
        return f"{question.subject}: its answer is not as the contracts say ({error})"
    if isinstance(said, Failed):
        return f"{question.subject}: it failed with {said.failure!r}"
    return None


async def _wrongly_answered(connection: Client, question: type[Question[Any]]) -> str | None:
    """Which unreadable question was not refused."""
    for body in _UNREADABLE:
        try:
            answer = await connection.request(question.subject, body, timeout=PATIENCE)
            Failed.model_validate(json.loads(answer.data))
        except (NatsError, TimeoutError):
            return f"{question.subject}: no answer to {body.decode()}"
        except ValueError:
            return f"{question.subject}: it answers {body.decode()} as if it could be read"
    return None
