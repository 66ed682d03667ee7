"""What is put in the stream for a service to hear: sound facts, odd ones, wrong ones, forged ones.

All of it is made from the contracts: an edition is one invented fact of each type, about things
that are new in each edition.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from essaim_contracts import Fact, fact_type
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK, UUID_TEXT, Envelope, to_headers
from essaim_contracts.examples import golden_examples
from essaim_contracts.fact import PersonId, facts_as_told
from essaim_contracts.first_examples import What, invented
from pydantic import BaseModel

from essaim.consortium.partners import Consortium, Partner
from essaim.ids import new_id, stable_id
from essaim.person import Person, Role, RoleHeld

BEGINNING = datetime(2020, 3, 2, 8, tzinfo=UTC)
UNTOLD = "un-mot-qui-ne-se-repete-pas-5cd1"
"""Stands in fields and headers that no version knows: nobody may say it again."""


@dataclass(frozen=True)
class Line:
    """One message of the script. `what` says in the report what it is."""

    subject: str
    headers: dict[str, str]
    body: bytes
    what: str

    def with_headers(self, what: str, **changed: str | None) -> "Line":
        """The same with these headers otherwise, `_` for `-`; None leaves one out."""
        headers: dict[str, str | None] = dict(self.headers)
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        kept = {name: value for name, value in headers.items() if value is not None}
        return replace(self, headers=kept, what=f"{self.what}, {what}")

    def with_body(self, what: str, body: bytes) -> "Line":
        return replace(self, body=body, what=f"{self.what}, {what}")

    def as_elsewhere(self, id: str) -> "Line":
        """The same said in no programme, under the id of another fact."""
        owner = self.subject.split(".")[2]
        theirs = self.with_headers(
            "under a known id", ce_id=id, Nats_Msg_Id=None, ce_source=f"/{NETWORK}/{owner}"
        )
        _, _, *rest = self.subject.split(".")
        return replace(theirs, subject=".".join(("essaim", NETWORK, *rest)))

    @property
    def again(self) -> "Line":
        """As it comes to those whose server does not drop duplicates."""
        return self.with_headers("again", Nats_Msg_Id=None)


@dataclass(frozen=True)
class Script:
    """What one service hears. It says its own facts itself, so they are not played."""

    consortium: Consortium
    partner: Partner

    @property
    def programme(self) -> str:
        """One that it is told of."""
        return min(self.partner.programmes or {"premices"})

    @property
    def heard(self) -> frozenset[str] | None:
        """The types its consumer brings; None for all."""
        return self.consortium.heard_by(self.partner)

    @property
    def classes(self) -> list[type[Fact]]:
        """The facts it hears from others, in the order they are told; no erasure."""
        return [fact for fact in facts_as_told() if self._is_played(fact)]

    @property
    def hears_erasures(self) -> bool:
        return self._hears(PersonErased) and PersonErased.owner != self.partner.service

    @property
    def unplayed(self) -> list[str]:
        """Types it hears of which the contracts installed here know nothing, or nobody says."""
        played = {PersonErased.type, *(fact.type for fact in self.classes)}
        own = f"essaim.{self.partner.service}."
        return sorted(
            type for type in self.heard or () if type not in played and not type.startswith(own)
        )

    def golden(self) -> Iterator[Line]:
        """Every example kept of the types it hears, of every version."""
        heard = {fact.type for fact in self.classes}
        for example in golden_examples():
            if example.type in heard:
                owner, *rest = example.type.removeprefix("essaim.").split(".")
                programme, key = example.headers["ce-source"].split("/")[1], "ce-subject"
                subject = ".".join(("essaim", programme, owner, *rest, example.headers[key]))
                what = f"the golden example {example.type} {example.path.stem}"
                yield Line(subject, dict(example.headers), example.body, what)

    def edition(self, number: int, what: What = "full") -> Iterator[Line]:
        """One fact of each type, about the things of this edition."""
        for place, fact_class in enumerate(self.classes):
            fact = self.fact(number, fact_class, what)
            at = BEGINNING + timedelta(days=number, minutes=place)
            yield line(fact, self.programme, at, f"{fact.type} ({what})")

    def fact(self, number: int, fact_class: type[Fact], what: What = "full") -> Fact:
        """The invented fact of an edition: the same ids in all its facts, others elsewhere."""
        text = invented(fact_class, what).model_dump_json(exclude_unset=True)
        return fact_class.model_validate_json(
            UUID_TEXT.sub(lambda id: str(stable_id("proof", str(number), id[0])), text)
        )

    def erasure(self, person_id: UUID, programme: str | None = None) -> Line:
        fact = PersonErased(person_id=person_id, erased_at=BEGINNING)
        return line(fact, programme or self.programme, BEGINNING, "person.erased")

    def later(self, number: int) -> Iterator[Line]:
        """As a later version says the facts of an edition; and types that come later."""
        for one in self.edition(number):
            yield of_later(one)
        if self.heard is None:
            yield from self._of_unknown_types()

    def _of_unknown_types(self) -> Iterator[Line]:
        owner = next(
            one.service for one in self.consortium.partners if one.service != self.partner.service
        )
        for type in (f"essaim.{owner}.lune.decrochee.v1", f"essaim.{owner}.person.erased.v9"):
            envelope = Envelope(
                id=str(new_id()),
                type=type,
                source=f"/{self.programme}/{owner}",
                key=str(new_id()),
                time=BEGINNING,
                correlation_id=str(new_id()),
            )
            body = json.dumps({"note": UNTOLD}).encode()
            yield Line(envelope.nats_subject, to_headers(envelope), body, f"{type}, unknown")

    def malformed(self, number: int) -> Iterator[Line]:
        """What no reader can read, one of each kind for a fact of each type."""
        kinds = list(_MALFORMED.items())
        for place, one in enumerate(self.edition(number)):
            # Each type meets some of them, each of them meets some type.
            for what, spoil in kinds[place % 3 :: 3] if len(self.classes) > 2 else kinds:
                yield spoil(_anew(one), what)

    def forged(self, number: int) -> Iterator[Line]:
        """What the partner whose subject it came on did not say so."""
        for one in self.edition(number):
            yield from forgeries(one, self._another(one))

    def _another(self, line: Line) -> str | None:
        """The name of a partner who does not own this fact."""
        owner = line.subject.split(".")[2]
        return next((one for one in self.consortium.services if one != owner), None)

    def forged_erasures(self) -> Iterator[Line]:
        """Each about somebody else, so that who was believed is seen."""
        other = self._another(self.erasure(new_id()))
        count = len(list(forgeries(self.erasure(new_id()), other)))
        for place in range(count):
            yield list(forgeries(self.erasure(new_id()), other))[place]

    def malformed_erasures(self, person_id: UUID) -> list[Line]:
        return [spoil(self.erasure(person_id), what) for what, spoil in _MALFORMED.items()]

    def _hears(self, fact: type[Fact]) -> bool:
        return self.heard is None or fact.type in self.heard

    def _is_played(self, fact: type[Fact]) -> bool:
        is_others = fact.owner != self.partner.service and fact.owner in self.consortium.services
        return is_others and fact is not PersonErased and self._hears(fact)


def line(fact: Fact, programme: str, at: datetime, what: str) -> Line:
    envelope = Envelope(
        id=str(new_id()),
        type=fact.type,
        source=f"/{programme}/{fact.owner}",
        key=str(fact.key),
        time=at,
        correlation_id=str(new_id()),
        causation_id=str(new_id()),
    )
    body = fact.model_dump_json(exclude_unset=True).encode()
    return Line(envelope.nats_subject, to_headers(envelope), body, what)


def of_later(line: Line) -> Line:
    """With a field at each level, and a header, that no version knows yet."""
    data = _with_unknown_fields(json.loads(line.body))
    later = line.with_headers("as a later version says it", ce_tocome=UNTOLD)
    return replace(later, body=json.dumps(data).encode())


def _with_unknown_fields(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_unknown_fields(one) for one in value]
    if isinstance(value, dict):
        known = {name: _with_unknown_fields(one) for name, one in value.items()}
        return {"a_venir": {"note": UNTOLD}} | known
    return value


def forgeries(line: Line, other: str | None) -> Iterator[Line]:
    """`line` with another subject, header or body than the two others say."""
    head, key = line.subject.rsplit(".", 1)
    programme, owner = line.subject.split(".")[1:3]
    elsewhere = replace(line, subject=f"{head}.{new_id()}")
    yield _anew(replace(elsewhere, what=f"{line.what} on the subject of another key"))
    if other is not None:
        yield _anew(line).with_headers(
            "with the source of another partner", ce_source=f"/{programme}/{other}"
        )
        theirs = line.headers["ce-type"].replace(f".{owner}.", f".{other}.")
        yield _anew(line).with_headers("with a type of another partner", ce_type=theirs)
    yield _anew(line).with_headers(
        "with the source of another programme", ce_source=f"/{NETWORK}/{owner}"
    )
    yield _anew(line).with_headers("with another key in its headers", ce_subject=str(new_id()))
    about_another = line.body.replace(key.encode(), str(new_id()).encode())
    yield _anew(line).with_body("with another key in its body", about_another)


def _anew(line: Line) -> Line:
    """With an id of its own: it is told once."""
    id = str(new_id())
    return replace(line, headers=line.headers | {"ce-id": id, "Nats-Msg-Id": id})


def _without_a_field(line: Line, what: str) -> Line:
    data = json.loads(line.body)
    kind = fact_type(line.headers["ce-type"])
    required = [name for name in data if kind and kind.model_fields[name].is_required()]
    data.pop(required[-1])
    return line.with_body(what, json.dumps(data).encode())


def _with_a_wrong_value(line: Line, what: str) -> Line:
    data = json.loads(line.body)
    kind = fact_type(line.headers["ce-type"])
    required = [name for name in data if kind and kind.model_fields[name].is_required()]
    return line.with_body(what, json.dumps(data | {required[-1]: {"not": "this"}}).encode())


def _body(body: bytes) -> Callable[[Line, str], Line]:
    return lambda line, what: line.with_body(what, body)


def _header(**changed: str | None) -> Callable[[Line, str], Line]:
    return lambda line, what: line.with_headers(what, **changed)


_MALFORMED: dict[str, Callable[[Line, str], Line]] = {
    "without a required field": _without_a_field,
    "with an object where a value stands": _with_a_wrong_value,
    "without a body": _body(b""),
    "with a body cut short": _body(b'{"'),
    "with a list as body": _body(b"[]"),
    "with null as body": _body(b"null"),
    "with a body that is no UTF-8": _body(b'{"\xff\xfe": 1}'),
    "with a body nested without end": _body(b"[" * 20_000),
    "without ce-id": _header(ce_id=None, Nats_Msg_Id=None),
    "without ce-source": _header(ce_source=None),
    "without ce-type": _header(ce_type=None),
    "of another CloudEvents version": _header(ce_specversion="0.3"),
    "without ce-time": _header(ce_time=None),
    "with a ce-time that is none": _header(ce_time="hier"),
    "with a ce-id that is none": _header(ce_id="x" * 300),
    "with broken percent-encoding": _header(ce_correlationid="%zz"),
    "without any header": lambda line, what: replace(line, headers={}, what=f"{line.what}, {what}"),
}
"""What is wrong with a message, and how a sound one becomes so."""


def persons_in(model: BaseModel) -> Iterator[UUID]:
    """The persons that a fact names by their ids."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, BaseModel):
                yield from persons_in(one)
            elif isinstance(one, UUID) and _is_a_persons(field.rebuild_annotation()):
                yield one


def _is_a_persons(annotation: Any) -> bool:
    return bool(annotation == PersonId) or any(map(_is_a_persons, get_args(annotation)))


def canary(id: UUID, programme: str) -> Person:
    """Somebody of whom nothing may be said."""
    word = id.hex[-12:]
    phone = f"+336{id.int % 10**8:08}"
    role = RoleHeld(Role.BEARER, programme)
    return Person(id, f"Canari {word}", f"canari-{word}@exemple.fr", phone, roles=(role,))
