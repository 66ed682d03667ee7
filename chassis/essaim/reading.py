"""What a message of the stream says: a fact, nothing this version knows, or nothing readable."""

from essaim_contracts import fact_type
from essaim_contracts.envelope import MalformedEnvelope, from_message
from pydantic import ValidationError

from essaim.dead import Letter
from essaim.handling import Heard


class Unreadable(Exception):
    """A message that is not a fact: broken envelope, JSON or fields."""


def read_fact(letter: Letter) -> Heard | None:
    """The fact in a letter, or None when this version does not know its type.

    Raises:
        Unreadable: the envelope, the JSON or a field is wrong; says which.
    """
    try:
        envelope, payload = from_message(letter.headers, letter.body)
    except MalformedEnvelope as error:
        raise Unreadable(str(error)) from error
    if envelope.nats_subject != letter.subject:
        # Rights are by subject: headers that say otherwise would lend a partner another's voice.
        raise Unreadable(
            f"it came on {letter.subject}, its headers say {envelope.nats_subject}; publish a fact "
            "on the subject its headers name"
        )
    kind = fact_type(envelope.type)
    if kind is None:
        return None
    try:
        return Heard(kind.read(payload), envelope, letter.seq)
    except ValidationError as error:
        # The input itself stays out: what a stranger sent may hold anything.
        details = "; ".join(
            f"{'.'.join(map(str, detail['loc'])) or 'payload'}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise Unreadable(f"{envelope.type}: {details}") from error
