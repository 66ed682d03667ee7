"""A message to a person is sent, or given up."""

from collections.abc import Iterator

from essaim.hearing.projection import Row
from essaim.text.languages import Tongue
from essaim_contracts import words
from essaim_contracts.notifications import MessageFailed, MessageSent

from reporting.facts.kind import FactKind, Kinds, Values
from reporting.names import Names
from reporting.store.message import message


def _sent(fact: MessageSent, _: Tongue, names: Names) -> str:
    return _("Message envoyé : {template}.", template=_template(fact, _))


def _rows_of_sent(fact: MessageSent, said: Values, programme: str) -> Iterator[Row]:
    yield _row(fact, said, cause=fact.cause, cause_source=fact.cause_source, failure=None)


def _failed(fact: MessageFailed, _: Tongue, names: Names) -> str:
    return _(
        "Message abandonné : {template} ({reason}).",
        template=_template(fact, _),
        reason=words.words_of(fact.reason).say(_.language),
    )


def _rows_of_failed(fact: MessageFailed, said: Values, programme: str) -> Iterator[Row]:
    yield _row(fact, said, cause=None, cause_source=None, failure=fact.reason.value)


def _template(fact: MessageSent | MessageFailed, _: Tongue) -> str:
    return _(words.TEMPLATES.get(fact.template, fact.template))


def _row(fact: MessageSent | MessageFailed, said: Values, **outcome: str | None) -> Row:
    values = {
        "recipient_id": fact.recipient_id,
        "template": fact.template,
        "about_id": fact.about_id,
    }
    return Row(message, said | values | outcome)


KINDS: Kinds = (
    FactKind(MessageSent, _sent, _rows_of_sent),
    FactKind(MessageFailed, _failed, _rows_of_failed),
)
