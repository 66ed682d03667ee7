"""The envelope of a fact: CloudEvents 1.0.2 attributes, as headers of a NATS message.

We write binary mode (attributes in `ce-*` headers, the JSON payload as body) and read binary and
structured mode. An `Envelope` that exists is well formed, so what is written can always be read.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from urllib.parse import quote, unquote

from essaim_contracts.fact import TYPE_PATTERN, Fact
from essaim_contracts.own_headers import TRACEPARENT_FORM, UUID_FORM, values_of

NETWORK = "network"
"""What stands in the programme's place for facts of no single programme."""

JSON_TYPE = "application/json"
# The NATS binding knows no other format than JSON, so some writers leave the format out.
_STRUCTURED = ("application/cloudevents+json", "application/cloudevents")

UUID_TEXT = re.compile(UUID_FORM)
_AN_ID = "a UUID in lower case (version 7 when you make it)"
# CloudEvents forbids control characters and lone surrogates in any attribute.
FREE_TEXT = re.compile("[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_A_TEXT = "1 to 200 characters, none of them a control character"
_TRACEPARENT = re.compile(TRACEPARENT_FORM)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_UNENCODED = _PRINTABLE.replace('"', "").replace("%", "")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


class MalformedEnvelope(ValueError):
    """An attribute is missing or wrong. `attribute` names it as CloudEvents does, without `ce-`."""

    def __init__(self, attribute: str, value: object, expected: str) -> None:
        self.attribute = attribute
        shown = repr(value) if len(repr(value)) <= 120 else f"{repr(value)[:120]}…"
        stated = "is missing" if value is None else f"is {shown}"
        super().__init__(f"The CloudEvents attribute {attribute!r} {stated}: expected {expected}.")


class WrongSubject(MalformedEnvelope):
    """Headers and NATS subject disagree. Rights are by subject: headers that say otherwise would
    lend a partner another's voice."""

    def __init__(self, subject: str, envelope: "Envelope") -> None:
        self.attribute = "source"
        ValueError.__init__(
            self,
            f"It came on {subject}, its headers say {envelope.nats_subject}. Publish a fact on the "
            "subject its headers name.",
        )


class Attribute(NamedTuple):
    """One text attribute: its field in `Envelope`, its CloudEvents name, its form and meaning."""

    field: str
    name: str
    pattern: re.Pattern[str]
    expected: str
    meaning: str
    required: bool = True


ATTRIBUTES = (
    Attribute(
        "id",
        "id",
        UUID_TEXT,
        _AN_ID,
        "This telling of the fact by its source: drop a second one of both.",
    ),
    Attribute(
        "type",
        "type",
        TYPE_PATTERN,
        "essaim.<owner>.<entity>.<fact>.v<major>",
        "What happened, and the major version of the payload.",
    ),
    Attribute(
        "source",
        "source",
        re.compile("(?=/[^/]{1,60}/)/[a-z0-9]+(?:-[a-z0-9]+)*/[a-z]{1,60}"),
        "/<programme>/<owner>, each of at most 60 characters, such as /premices/candidatures",
        "The programme, and the service that says the fact.",
    ),
    Attribute(
        "key",
        "subject",
        UUID_TEXT,
        f"the id of the entity, {_AN_ID}",
        "The entity the fact is about; facts of one entity come in order.",
    ),
    Attribute(
        "correlation_id", "correlationid", FREE_TEXT, _A_TEXT, "Shared by all that follows one act."
    ),
    Attribute(
        "causation_id",
        "causationid",
        FREE_TEXT,
        _A_TEXT,
        "The fact or command that led to this fact.",
        required=False,
    ),
    Attribute(
        "actor",
        "actor",
        UUID_TEXT,
        f"the id of a person, {_AN_ID}",
        "The person who acted, by an opaque id.",
        required=False,
    ),
    Attribute(
        "traceparent",
        "traceparent",
        _TRACEPARENT,
        "a W3C trace context, 00-<trace id>-<span id>-<flags>",
        "The trace this fact belongs to.",
        required=False,
    ),
)
"""Every attribute we know but `specversion`, `time` and `datacontenttype`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What travels beside a fact's payload.

    `id` names this telling of the fact by its `source` (duplicates are dropped by both: another
    partner may use the same id), `key` the entity the fact is about. `time` is business time, kept
    in UTC. `correlation_id` is shared by all that follows from one act; `causation_id` names the
    fact or command that led to this one; `actor` is the opaque id of the person who acted.

    Raises:
        MalformedEnvelope: an attribute has a wrong value.
    """

    id: str
    type: str
    source: str
    key: str
    time: datetime
    correlation_id: str
    causation_id: str | None = None
    actor: str | None = None
    traceparent: str | None = None

    def __post_init__(self) -> None:
        for field, name, pattern, expected, _, required in ATTRIBUTES:
            value = getattr(self, field)
            if value is None and not required:
                continue
            if not isinstance(value, str) or pattern.fullmatch(value) is None:
                raise MalformedEnvelope(name, value, expected)
        if not self.type.startswith(f"essaim.{self.owner}."):
            raise MalformedEnvelope(
                "source", self.source, f"the owner that the type {self.type!r} names"
            )
        if self.time.tzinfo is not UTC:
            object.__setattr__(self, "time", _utc(self.time))

    @classmethod
    def of_checked(cls, *values: Any) -> Self:
        """Of values that were checked already, in the order of the fields."""
        envelope = cls.__new__(cls)
        for field, value in zip(_FIELDS, values, strict=True):
            _set(envelope, field, value)
        return envelope

    @property
    def programme(self) -> str:
        """The programme's slug, or `network` for facts of no single programme."""
        return self.source.split("/")[1]

    @property
    def owner(self) -> str:
        """The service that says this fact."""
        return self.source.split("/")[2]

    @property
    def identity(self) -> str:
        """What tells this fact from all others, `/<programme>/<owner>/<id>`."""
        return f"{self.source}/{self.id}"

    @property
    def nats_subject(self) -> str:
        """`essaim.<programme>.<owner>.<entity>.<fact>.v<major>.<key>`."""
        return f"essaim.{self.programme}.{self.type.removeprefix('essaim.')}.{self.key}"

    def check_key(self, fact: Fact) -> None:
        """See that the key names the entity of the payload: order and erasure are by key.

        Raises:
            MalformedEnvelope: it names another.
        """
        if self.key != str(fact.key):
            raise MalformedEnvelope(
                "subject", self.key, f"the {fact.key_field} of the payload, {fact.key}"
            )


_FIELDS = tuple(field.name for field in fields(Envelope))
_set = object.__setattr__


def subjects_of(fact_class: type[Fact]) -> str:
    """The wildcard subject of every fact of this class, in every programme."""
    return subjects_of_type(fact_class.type)


def subjects_of_type(type: str) -> str:
    """The same for a CloudEvents type, known to this version or not."""
    return f"essaim.*.{type.removeprefix('essaim.')}.*"


def to_headers(envelope: Envelope) -> dict[str, str]:
    """The NATS headers of a fact in binary mode; the payload's JSON is the message's body."""
    headers = {
        "Nats-Msg-Id": envelope.id,
        "content-type": JSON_TYPE,
        "ce-specversion": "1.0",
        "ce-datacontenttype": JSON_TYPE,
        "ce-id": envelope.id,
        "ce-type": envelope.type,
        "ce-source": envelope.source,
        "ce-subject": envelope.key,
        "ce-time": envelope.time.isoformat().replace("+00:00", "Z"),
        "ce-correlationid": quote(envelope.correlation_id, safe=_UNENCODED),
    }
    if envelope.causation_id is not None:
        headers["ce-causationid"] = quote(envelope.causation_id, safe=_UNENCODED)
    if envelope.actor is not None:
        headers["ce-actor"] = envelope.actor
    if envelope.traceparent is not None:
        # CloudEvents wants the prefix; every tracing library looks for the bare name.
        headers["ce-traceparent"] = headers["traceparent"] = envelope.traceparent
    return headers


def from_message(
    headers: Mapping[str, str] | None, body: bytes, *, subject: str | None = None
) -> tuple[Envelope, bytes]:
    """The envelope and the JSON payload of a message in binary or structured mode.

    Give the NATS `subject` it came on, where it came from a broker: that alone proves who said it.
    Header names are looked up in any case; extension attributes we do not know are ignored.

    Raises:
        WrongSubject: it came on another subject than its headers name.
        MalformedEnvelope: this is no CloudEvent of ours; the error says which attribute and why.
    """
    envelope, payload = _read_as_we_write(headers or {}, body) or _read(headers, body)
    if subject is not None and envelope.nats_subject != subject:
        raise WrongSubject(subject, envelope)
    return envelope, payload


def _read_as_we_write(headers: Mapping[str, str], body: bytes) -> tuple[Envelope, bytes] | None:
    """A message of our own kind, all checks in one pass; None for any other, or a wrong one."""
    values = values_of(headers)
    if values is None:
        return None
    id, type, source, key, said_at, *others = values
    try:
        time = datetime.fromisoformat(said_at)
    except ValueError:
        return None
    return Envelope.of_checked(id, type, source, key, time, *others), body


def _read(headers: Mapping[str, str] | None, body: bytes) -> tuple[Envelope, bytes]:
    found = {name.lower(): value for name, value in (headers or {}).items()}
    content_type = found.get("content-type", JSON_TYPE)
    if content_type.lower().startswith("application/cloudevents"):
        return _from_structured(content_type, body)
    attributes = {
        name: _decode(name, found[f"ce-{name}"]) for name in _KNOWN if f"ce-{name}" in found
    }
    attributes.setdefault("datacontenttype", content_type)
    if "traceparent" in found:
        attributes.setdefault("traceparent", found["traceparent"])
    return _envelope(attributes), body


_KNOWN = ("specversion", "time", "datacontenttype", *(attribute.name for attribute in ATTRIBUTES))


def _envelope(attributes: Mapping[str, str]) -> Envelope:
    version = attributes.get("specversion")
    if version != "1.0":
        raise MalformedEnvelope("specversion", version, "'1.0', as in every CloudEvent we read")
    media_type = attributes.get("datacontenttype", JSON_TYPE)
    if media_type.partition(";")[0].strip().lower() != JSON_TYPE:
        raise MalformedEnvelope("datacontenttype", media_type, JSON_TYPE)
    fields: dict[str, Any] = {
        attribute.field: attributes.get(attribute.name) for attribute in ATTRIBUTES
    }
    # A broken trace must never hold back a fact: W3C asks to start a new one.
    if fields["traceparent"] and not _TRACEPARENT.fullmatch(fields["traceparent"]):
        fields["traceparent"] = None
    return Envelope(time=_parse_time(attributes.get("time")), **fields)


def _from_structured(content_type: str, body: bytes) -> tuple[Envelope, bytes]:
    if content_type.partition(";")[0].strip().lower() not in _STRUCTURED:
        raise MalformedEnvelope(
            "datacontenttype", content_type, "application/cloudevents+json, or binary mode"
        )
    # The size and not the text: errors are logged, and a stranger's text may hold anything.
    size = f"{len(body)} bytes"
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedEnvelope("data", size, f"a CloudEvent in JSON; it has {error}") from error
    if not isinstance(event, dict):
        raise MalformedEnvelope("data", size, "a CloudEvent: a JSON object with its attributes")
    attributes = {name: event[name] for name in _KNOWN if event.get(name) is not None}
    for name, value in attributes.items():
        if not isinstance(value, str):
            raise MalformedEnvelope(name, value, "a string")
    return _envelope(attributes), _structured_data(event)


def _structured_data(event: dict[str, Any]) -> bytes:
    try:
        if "data_base64" in event:
            return b64decode(event["data_base64"], validate=True)
        if "data" in event:
            return json.dumps(event["data"], allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        held = type(event.get("data_base64", event.get("data"))).__name__
        raise MalformedEnvelope("data", held, f"the payload in JSON; it has {error}") from error
    raise MalformedEnvelope("data", None, "the payload of the fact")


def _decode(name: str, value: str) -> str:
    """Undo quoting, which old writers use, then one round of percent-encoding."""
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    if "%" not in value:
        return value
    if _BROKEN_ESCAPE.search(value):
        raise MalformedEnvelope(name, value, "two hexadecimal digits after each percent sign")
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedEnvelope(name, value, "UTF-8 once percent-decoded") from error


def _parse_time(text: str | None) -> datetime:
    expected = "an RFC 3339 instant, such as 2020-01-15T22:59:59Z"
    if text is None or _RFC_3339.fullmatch(text) is None:
        raise MalformedEnvelope("time", text, expected)
    try:
        return _utc(datetime.fromisoformat(text.upper()))
    except ValueError as error:
        raise MalformedEnvelope("time", text, expected) from error


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise MalformedEnvelope("time", time.isoformat(), "a time zone")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise MalformedEnvelope("time", time.isoformat(), "a year from 1 to 9999 UTC") from error
