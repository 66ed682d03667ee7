"""What a service said, held against the contracts: values in, verdicts out."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from essaim_contracts import fact_type
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import Envelope, MalformedEnvelope, from_message
from pydantic import ValidationError

from essaim.consortium.partners import Partner, is_forgetting
from essaim.hearing.message import LEEWAY, Heard, Message, Unreadable, is_to_come, read_fact
from essaim.proving import rules
from essaim.proving.rules import Rule, Verdict

_SHOWN = 3
"""Of so many types one wrong thing is told; it is mostly enough to mend the others."""


@dataclass(frozen=True)
class Said:
    """One message under its name, and the envelope in it, None where there is none."""

    message: Message
    envelope: Envelope | None
    trouble: str | None
    """What the envelope lacks."""

    @property
    def where(self) -> str:
        type = self.envelope.type if self.envelope else self.message.subject
        return f"{type} at {self.message.seq}"


class Answer(NamedTuple):
    """A type of fact said because of another one, by its id; and of whom where one is forgotten."""

    cause: str
    type: str
    person: str


@dataclass(frozen=True)
class Stream:
    """All that the stream holds: what `partner` said, and what it heard of the others."""

    messages: tuple[Message, ...]
    partner: Partner

    @cached_property
    def said(self) -> list[Said]:
        return [_read(one) for one in self.messages if self._is_its_own(one)]

    @cached_property
    def believed(self) -> dict[str, Heard]:
        """What a sound reader believes of all the others said, by identity, the first of each."""
        found: dict[str, Heard] = {}
        for message in self.messages:
            heard = _believed(message)
            if heard is not None and not self._is_its_own(message):
                found.setdefault(message.identity, heard)
        return found

    @cached_property
    def by_id(self) -> dict[str, list[Heard]]:
        """The same by ce-id, which is what a cause is named by, though not by its source."""
        found: dict[str, list[Heard]] = {}
        for heard in self.believed.values():
            found.setdefault(heard.envelope.id, []).append(heard)
        return found

    def cause_of(self, one: "Said") -> Heard | None:
        """What it follows from; of two with one id, the one it shares its correlation with."""
        if one.envelope is None or one.envelope.causation_id is None:
            return None
        may_be = self.by_id.get(one.envelope.causation_id, [])
        correlation = one.envelope.correlation_id
        like = (heard for heard in may_be if heard.envelope.correlation_id == correlation)
        return next(like, may_be[0] if may_be else None)

    def counted(self, types: frozenset[str] | None) -> Counter[str]:
        """How many facts of each type a sound reader of these types counts, its own included."""
        found = {
            message.identity: heard.envelope.type
            for message in self.messages
            if (heard := _believed(message)) is not None
        }
        return Counter(type for type in found.values() if types is None or type in types)

    @property
    def has_answered(self) -> bool:
        """Whether anything it said follows from what it heard; what it says by itself shows nothing
        of that."""
        return any(self.cause_of(one) is not None for one in self.said)

    @property
    def repeats_a_key(self) -> bool:
        """Whether it said more than one thing of a type about one key, because of facts."""
        about = Counter(
            (one.envelope.type, one.envelope.key)
            for one in self.said
            if one.envelope is not None and self.cause_of(one) is not None
        )
        return any(count > 1 for count in about.values())

    def forgotten(self) -> Counter[UUID]:
        """How often it confirmed that it forgot whom."""
        return Counter(
            UUID(one.envelope.key)
            for one in self.said
            if one.envelope is not None and is_forgetting(one.envelope.type)
        )

    def answers(self) -> Counter[Answer]:
        """How often it said something of a type because of a fact."""
        return Counter(
            Answer(
                one.envelope.causation_id or "",
                one.envelope.type,
                one.envelope.key if is_forgetting(one.envelope.type) else "",
            )
            for one in self.said
            if one.envelope is not None
        )

    def erased(self) -> set[UUID]:
        """Who was soundly erased."""
        facts = (heard.fact for heard in self.believed.values())
        return {fact.person_id for fact in facts if isinstance(fact, PersonErased)}

    def named(self, erased: Collection[UUID]) -> str:
        """How many these are, and where the first of them stands in the stream."""
        first = next(
            one
            for one in self.believed.values()
            if isinstance(one.fact, PersonErased) and one.fact.person_id in erased
        )
        such = f"person.erased at {first.seq}, ce-id {first.envelope.id}"
        return f"{len(erased)} erased persons (the first by {such})"

    def owed(self, floor: int) -> set[UUID]:
        """Who was soundly erased up to this place in the stream, of whom it has not answered."""
        erased = {
            heard.fact.person_id
            for heard in self.believed.values()
            if isinstance(heard.fact, PersonErased) and heard.seq <= floor
        }
        return erased - self.forgotten().keys()

    def since(self, place: int) -> "Stream":
        """Its end, from this place on."""
        return Stream(tuple(one for one in self.messages if one.seq >= place), self.partner)

    def _is_its_own(self, message: Message) -> bool:
        return message.subject.split(".")[2] == self.partner.service


def check_said(stream: Stream, secrets: Collection[str]) -> Iterator[Verdict]:
    """One verdict a rule. `secrets` are words that nobody may say again."""
    checks: Mapping[Rule, Callable[[Stream], Iterable[str]]] = {
        rules.SPEAKS: _wrong_form,
        rules.OWN: _not_its_own,
        rules.IDS: _wrong_ids,
        rules.NOT_TWICE: _said_twice,
        rules.ORDER: _out_of_order,
        rules.CAUSES: _wrong_causes,
        rules.TIME: _wrong_times,
        rules.NOBODY: lambda stream: _secrets_told(stream, secrets),
    }
    for rule, check in checks.items():
        wrong = list(check(stream))
        if not stream.said:
            yield rule.not_applicable("it said nothing; a command given with --act may make it")
        elif rule is rules.ORDER and not stream.repeats_a_key:
            yield rule.not_applicable("it said nothing twice about one key")
        elif wrong:
            yield rule.broken(_some(wrong))
        else:
            yield rule.kept(_what_was_said(stream) if rule is rules.SPEAKS else "")


def _read(message: Message) -> Said:
    try:
        # Not yet its subject: that is another rule's.
        envelope, _ = from_message(message.headers, message.body)
    except MalformedEnvelope as error:
        return Said(message, None, str(error))
    return Said(message, envelope, None)


def _believed(message: Message) -> Heard | None:
    try:
        return read_fact(message)
    except Unreadable:
        return None


def _wrong_form(stream: Stream) -> Iterator[str]:
    for one in stream.said:
        if one.trouble is not None or one.envelope is None:
            yield f"{one.where}: {one.trouble}"
            continue
        if not any(name.lower() == "ce-id" for name in one.message.headers):
            yield f"{one.where}: in structured mode, which not all read; say it in binary mode"
            continue
        kind = fact_type(one.envelope.type)
        if kind is None:
            continue
        try:
            # Writers are held to what readers are not: no unknown field.
            fact = kind.model_validate_json(one.message.body)
            one.envelope.check_key(fact)
        except MalformedEnvelope as error:
            yield f"{one.where}: {error}"
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)[0]
            yield f"{one.where}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"


def _not_its_own(stream: Stream) -> Iterator[str]:
    for one in stream.said:
        if one.envelope is None:
            continue
        if one.envelope.nats_subject != one.message.subject:
            yield (
                f"{one.where} came on {one.message.subject}, its headers say "
                f"{one.envelope.nats_subject}"
            )
        elif one.envelope.type not in stream.partner.says:
            yield f"{one.where} is not among what it says"


def _wrong_ids(stream: Stream) -> Iterator[str]:
    seen: dict[str, Said] = {}
    for one in stream.said:
        if one.envelope is None:
            continue
        first = seen.setdefault(one.envelope.identity, one)
        if first is not one:
            yield f"{one.where} has the id of {first.where}, {one.envelope.id}"
        given = one.message.headers.get("Nats-Msg-Id")
        if given != one.envelope.id:
            yield f"{one.where} has the Nats-Msg-Id {given}, its ce-id is {one.envelope.id}"


def _said_twice(stream: Stream) -> Iterator[str]:
    seen: dict[tuple[str, ...], Said] = {}
    for one in stream.said:
        cause = stream.cause_of(one)
        if one.envelope is None or cause is None:
            continue
        what = (cause.envelope.identity, one.envelope.type, one.envelope.key)
        first = seen.setdefault(what, one)
        # Two things of one kind may follow from a fact; that a person is forgotten does so once.
        is_same = first.message.body == one.message.body or is_forgetting(one.envelope.type)
        if first is not one and is_same:
            yield f"{one.where} says again what {first.where} said, because of the same fact"


def _out_of_order(stream: Stream) -> Iterator[str]:
    last: dict[tuple[str, str], Said] = {}
    for one in stream.said:
        cause = stream.cause_of(one)
        if cause is None or one.envelope is None:
            continue
        what = (one.envelope.type, one.envelope.key)
        before = last.get(what)
        earlier = stream.cause_of(before) if before else None
        if before is not None and earlier is not None and earlier.seq > cause.seq:
            yield (
                f"{one.where} follows from the fact at {cause.seq}, and came after "
                f"{before.where}, which follows from {earlier.seq}"
            )
        last[what] = one


def _wrong_causes(stream: Stream) -> Iterator[str]:
    erasures = {heard.envelope.id for heard in stream.believed.values() if _erases(heard)}
    for one in stream.said:
        cause = stream.cause_of(one)
        if one.envelope is None:
            continue
        if cause is not None and cause.envelope.correlation_id != one.envelope.correlation_id:
            yield (
                f"{one.where} has the ce-correlationid {one.envelope.correlation_id}, its cause "
                f"{cause.envelope.correlation_id}"
            )
        elif is_forgetting(one.envelope.type) and one.envelope.causation_id not in erasures:
            yield f"{one.where} names no person.erased as its cause"


def _wrong_times(stream: Stream) -> Iterator[str]:
    for one in stream.said:
        if one.envelope is None:
            continue
        cause, at = stream.cause_of(one), one.envelope.time.isoformat()
        if is_to_come(one.envelope, one.message):
            yield f"{one.where} says {at}, the broker took it at {one.message.taken.isoformat()}"
        elif cause is not None and one.envelope.time < cause.envelope.time - LEEWAY:
            yield f"{one.where} says {at}, its cause {cause.envelope.time.isoformat()}"


def _erases(heard: Heard) -> bool:
    return isinstance(heard.fact, PersonErased)


def _secrets_told(stream: Stream, secrets: Collection[str]) -> Iterator[str]:
    for one in stream.said:
        written = " ".join((one.message.subject, *one.message.headers.values()))
        everything = written.encode() + one.message.body
        for secret in secrets:
            if secret.encode() in everything:
                yield f"{one.where} holds {secret!r}"


def _what_was_said(stream: Stream) -> str:
    counts = Counter(one.envelope.type for one in stream.said if one.envelope)
    told = ", ".join(f"{count} × {type}" for type, count in sorted(counts.items()))
    never = sorted(stream.partner.says - counts.keys())
    return f"{told}." + (f" Never said: {', '.join(never)}." if never else "")


def _some(wrong: list[str]) -> str:
    """One of each type, which is the first word of each."""
    of_types: dict[str, str] = {}
    for one in wrong:
        of_types.setdefault(one.split()[0], one)
    told = list(of_types.values())[:_SHOWN]
    more = f" (and {len(wrong) - len(told)} more)" if len(wrong) > len(told) else ""
    return "; ".join(told) + more
