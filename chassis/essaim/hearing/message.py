"""A message of the stream on its way in, and the fact in it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from essaim_contracts import Fact, fact_type
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import Envelope, MalformedEnvelope, from_message
from nats.aio.msg import Msg
from pydantic import ValidationError

LEEWAY = timedelta(minutes=1)
"""How far the clocks of machines may differ without anybody being wrong."""


@dataclass(frozen=True)
class Message:
    """A message as it came: its place in the stream, and its bytes.

    `nth` is its place in its consumer, `pending` how many facts stood behind it when it was sent;
    both are 0 for one that was kept in the database meanwhile. `taken_ns` is when the stream took
    it, in nanoseconds since 1970, 0 where nobody knows. `raw` is what acknowledges it.
    """

    seq: int
    subject: str
    headers: Mapping[str, str]
    body: bytes
    nth: int = 0
    pending: int = 0
    taken_ns: int = 0
    raw: Msg | None = field(default=None, repr=False, compare=False)

    @cached_property
    def id(self) -> str:
        """The fact's id, or what stands for it where there is none; fits its column."""
        found = self.headers.get("ce-id") or self.headers.get("Nats-Msg-Id") or f"seq-{self.seq}"
        return storable(found, 64)

    @property
    def taken(self) -> datetime:
        return datetime.fromtimestamp(self.taken_ns / 1e9, UTC)

    @property
    def identity(self) -> str:
        """What tells it from all others, as its subject proves it: another owner may use its id."""
        return identity_of(self.subject, self.id)

    @property
    def type(self) -> str:
        """What it says it is, by its subject; a fact's envelope says the same."""
        return storable(f"essaim.{'.'.join(self.subject.split('.')[2:6])}", 120)

    @property
    def key(self) -> str:
        """The last word of its subject."""
        return storable(self.subject.rsplit(".", 1)[-1], 64)

    @property
    def queue(self) -> str:
        """Facts of one queue keep their order: those of one key, said by one owner.

        What a partner says wrongly of a key holds back nobody else's facts of it, and nothing
        that was said of a person holds back that she is erased.
        """
        owner, *what = self.subject.split(".")[2:6] or [""]
        is_erasure = f"essaim.{owner}.{'.'.join(what)}" == PersonErased.type
        return storable(f"{owner}{' erased' if is_erasure else ''} {self.key}", 120)

    async def acknowledge(self) -> None:
        """Tell the broker that this one and all before it are handled."""
        if self.raw is not None:
            await self.raw.ack()

    async def hold(self) -> None:
        """Tell the broker that we still work on it."""
        if self.raw is not None:
            await self.raw.in_progress()


@dataclass(frozen=True)
class Heard:
    """The fact in a message: `seq` is its place in the stream."""

    fact: Fact
    envelope: Envelope
    seq: int


@dataclass(frozen=True)
class Passing:
    """A fact as it passes by, of a type that this version knows or not: who says what of what."""

    envelope: Envelope
    seq: int


class Unreadable(Exception):
    """A message that is not a fact: broken envelope, JSON or fields."""


def message_of(raw: Msg) -> Message:
    """What nats-py gave us, at a third of what `raw.metadata` costs.

    Its reply address is $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.
    <time>.<pending>, with two more words before the stream where the server names its domain.
    """
    words = raw.reply.split(".")
    at = 5 if len(words) == 9 else 7
    seq, nth, taken_ns, pending = map(int, words[at : at + 4])
    return Message(seq, raw.subject, raw.headers or {}, raw.data, nth, pending, taken_ns, raw)


def identity_of(subject: str, id: str) -> str:
    """The same as `Envelope.identity`, of a message on this subject."""
    programme, owner = [*subject.split("."), "", ""][1:3]
    return storable(f"/{programme}/{owner}/{id}", 200)


def read_envelope(message: Message) -> tuple[Envelope, bytes]:
    """The envelope of a fact and its payload, of a type that this version knows or not.

    What is told has happened: a time after the stream took it is of a wrong clock, and it happened
    when it was taken.

    Raises:
        Unreadable: the envelope is wrong; says which attribute.
    """
    try:
        found = from_message(message.headers, message.body, subject=message.subject)
    except MalformedEnvelope as error:
        raise Unreadable(str(error)) from error
    if is_to_come(found[0], message):
        return replace(found[0], time=message.taken), found[1]
    return found


def is_to_come(envelope: Envelope, message: Message) -> bool:
    """Whether it says that it happens after the stream took it."""
    return bool(
        message.taken_ns and envelope.time.timestamp() > message.taken_ns / 1e9 + LEEWAY.seconds
    )


def read_fact(message: Message, said: Set[str] | None = None) -> Heard | None:
    """The fact in a message, or None when this version does not know its type.

    `said` are the types that the partners' entries allow; None where nobody says which they are.

    Raises:
        Unreadable: the envelope, the JSON or a field is wrong, or its publisher may not say it;
            says which.
    """
    envelope, payload = read_envelope(message)
    kind = fact_type(envelope.type)
    if kind is None:
        return None
    if said is not None and envelope.type not in said:
        raise Unreadable(
            f"{envelope.owner} may not say {envelope.type}: the « says » of its entry in the "
            "consortium file does not name it. If it should, the operator adds it there, and the "
            "letter is retried."
        )
    try:
        fact = kind.read(payload)
        envelope.check_key(fact)
    except MalformedEnvelope as error:
        raise Unreadable(str(error)) from error
    except ValidationError as error:
        # The input itself stays out: what a stranger sent may hold anything.
        details = "; ".join(
            f"{'.'.join(map(str, detail['loc'])) or 'payload'}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        )
        raise Unreadable(f"{envelope.type}: {details}") from error
    return Heard(fact, envelope, message.seq)


def storable(text: str, most: int) -> str:
    """A stranger's text: PostgreSQL knows no NUL, UTF-8 no half pair, and no column is endless."""
    if text.isascii() and text.isprintable():
        return text[:most]
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()[:most]
