"""The envelope of a fact: what is written can be read, by us and by the official library."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from essaim_contracts.candidatures import ApplicationReceived
from essaim_contracts.envelope import (
    Envelope,
    MalformedEnvelope,
    from_message,
    subjects_of,
    to_headers,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.strategies import FREE_TEXTS, envelopes

AN_ID = "0170f4a2-6e8b-7c31-9b1e-3f2a5d7c9e10"
A_KEY = "016f0c3d-1a2b-7d4e-8f60-718293a4b5c6"
BODY = b'{"minutes": 120}'
RECEIVED = Envelope(
    id=AN_ID,
    type="essaim.candidatures.application.received.v1",
    source="/premices/candidatures",
    key=A_KEY,
    time=datetime(2020, 1, 15, 22, 59, 59, tzinfo=UTC),
    correlation_id="import Prémices 2020",
)


@given(envelopes(), st.binary())
def test_what_is_written_is_read_back_the_same(envelope: Envelope, body: bytes) -> None:
    assert from_message(to_headers(envelope), body) == (envelope, body)


@given(envelopes())
def test_every_header_is_printable_ascii_without_spaces(envelope: Envelope) -> None:
    for value in to_headers(envelope).values():
        assert all("\x21" <= character <= "\x7e" for character in value)
        assert '"' not in value


@given(envelopes(), st.randoms(use_true_random=False))
def test_header_names_are_found_in_any_case(envelope: Envelope, random: Any) -> None:
    headers = {
        "".join(random.choice((letter.upper(), letter.lower())) for letter in name): value
        for name, value in to_headers(envelope).items()
    }

    assert from_message(headers, BODY) == (envelope, BODY)


def test_the_headers_of_a_fact_are_those_of_the_cloudevents_nats_binding() -> None:
    assert to_headers(RECEIVED) == {
        "Nats-Msg-Id": AN_ID,
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-datacontenttype": "application/json",
        "ce-id": AN_ID,
        "ce-type": "essaim.candidatures.application.received.v1",
        "ce-source": "/premices/candidatures",
        "ce-subject": A_KEY,
        "ce-time": "2020-01-15T22:59:59Z",
        "ce-correlationid": "import%20Pr%C3%A9mices%202020",
    }


def test_a_fact_travels_on_the_subject_of_its_programme_owner_and_key() -> None:
    assert RECEIVED.nats_subject == (
        f"essaim.premices.candidatures.application.received.v1.{A_KEY}"
    )
    assert subjects_of(ApplicationReceived) == "essaim.*.candidatures.application.received.v1.*"


def test_business_time_is_kept_in_utc_whatever_the_zone_it_came_in() -> None:
    headers = to_headers(RECEIVED) | {"ce-time": "2020-01-15T23:59:59+01:00"}

    envelope, _ = from_message(headers, BODY)

    assert to_headers(envelope)["ce-time"] == "2020-01-15T22:59:59Z"


def test_attributes_and_headers_we_do_not_know_are_ignored() -> None:
    headers = to_headers(RECEIVED) | {"ce-partitionkey": "%zz", "Nats-Stream": "ESSAIM"}

    assert from_message(headers, BODY) == (RECEIVED, BODY)


# --- percent-encoding


@given(FREE_TEXTS)
def test_the_official_library_encodes_and_decodes_attributes_as_we_do(text: str) -> None:
    ours = to_headers(replace(RECEIVED, correlation_id=text))
    theirs = to_binary(_official(RECEIVED, {"correlationid": text}), JSONFormat())

    assert ours["ce-correlationid"] == theirs.headers["ce-correlationid"]


def test_the_example_of_the_specification_is_encoded_as_it_says() -> None:
    euro = replace(RECEIVED, correlation_id="Euro € 😀")

    assert to_headers(euro)["ce-correlationid"] == "Euro%20%E2%82%AC%20%F0%9F%98%80"


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("%45uro%20%e2%82%ac", "Euro €"),  # lower case, and encoded without need
        ('"Euro \\"fort\\""', 'Euro "fort"'),  # quoted, as old writers do
        ("100%25", "100%"),  # one round only
        ("%2525", "%25"),
    ],
)
def test_what_other_writers_may_encode_otherwise_is_understood(header: str, read: str) -> None:
    envelope, _ = from_message(to_headers(RECEIVED) | {"ce-correlationid": header}, BODY)

    assert envelope.correlation_id == read


@pytest.mark.parametrize("header", ["%C0%A0", "%E2%82", "100%", "%zz", "%00", "%0D%0A"])
def test_an_encoding_that_is_not_utf_8_text_is_refused(header: str) -> None:
    headers = to_headers(RECEIVED) | {"ce-correlationid": header}

    with pytest.raises(MalformedEnvelope) as refused:
        from_message(headers, BODY)

    assert refused.value.attribute == "correlationid"


# --- refusals


@pytest.mark.parametrize(
    "name",
    ["specversion", "id", "type", "source", "subject", "time", "correlationid"],
)
def test_a_message_without_a_required_attribute_is_refused_by_name(name: str) -> None:
    headers = to_headers(RECEIVED)
    del headers[f"ce-{name}"]

    with pytest.raises(MalformedEnvelope, match=f"attribute '{name}' is missing") as refused:
        from_message(headers, BODY)

    assert refused.value.attribute == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("datacontenttype", "text/xml"),
        ("id", "42"),
        ("id", AN_ID.upper()),
        ("id", f"{AN_ID}\n"),
        ("type", "com.example.someevent"),
        ("type", "essaim.candidatures.application.received"),
        ("type", "essaim.candidatures.application.received.v0"),
        ("source", "candidatures"),
        ("source", "/Prémices/candidatures"),
        ("source", "/premices/scheduling"),  # not the owner that the type names
        ("subject", "*"),
        ("subject", "dupont"),
        ("time", "2020-01-15"),
        ("time", "2020-01-15T22:59:59"),
        ("time", "2020-13-15T22:59:59Z"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "٢٠٢٠-01-15T22:59:59Z"),
        ("correlationid", ""),
        ("correlationid", "x" * 201),
        ("actor", "jeanne"),
    ],
)
def test_a_malformed_attribute_is_refused_with_its_name_and_value(name: str, value: str) -> None:
    headers = to_headers(RECEIVED) | {f"ce-{name}": value}

    with pytest.raises(MalformedEnvelope) as refused:
        from_message(headers, BODY)

    assert refused.value.attribute == name
    assert repr(value)[:100] in str(refused.value)
    assert "expected" in str(refused.value)


@given(st.dictionaries(st.text(), st.text()) | st.none(), st.binary())
def test_a_message_that_is_no_fact_is_never_more_than_malformed(
    headers: dict[str, str] | None, body: bytes
) -> None:
    with pytest.raises(MalformedEnvelope):
        from_message(headers, body)


@given(envelopes(), st.data())
def test_a_spoilt_header_is_read_as_written_or_refused(envelope: Envelope, data: Any) -> None:
    headers = to_headers(envelope)
    name = data.draw(st.sampled_from(sorted(headers)))
    headers[name] = data.draw(st.text())

    try:
        read, _ = from_message(headers, BODY)
    except MalformedEnvelope:
        return
    assert from_message(to_headers(read), BODY) == (read, BODY)


@given(envelopes(), st.data())
def test_one_pass_over_our_own_headers_reads_what_one_attribute_after_the_other_does(
    envelope: Envelope, data: Any
) -> None:
    headers = to_headers(envelope)
    if data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(headers)))
        headers[name] = data.draw(st.text(max_size=3) | st.sampled_from(sorted(headers.values())))

    # A header that nobody knows is ignored, and no message of ours has one.
    assert _outcome(headers) == _outcome(headers | {"x-other": "1"})


def _outcome(headers: dict[str, str]) -> Envelope | str:
    try:
        return from_message(headers, BODY)[0]
    except MalformedEnvelope as refused:
        return str(refused)


def test_a_naive_time_is_refused_before_it_can_be_written() -> None:
    with pytest.raises(MalformedEnvelope, match="expected a time zone"):
        replace(RECEIVED, time=datetime(2020, 1, 15))


def test_a_broken_trace_does_not_hold_back_a_fact() -> None:
    headers = to_headers(RECEIVED) | {"traceparent": "nonsense"}

    assert from_message(headers, BODY) == (RECEIVED, BODY)


def test_the_trace_of_a_library_that_writes_no_prefix_is_kept() -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    headers = to_headers(RECEIVED) | {"traceparent": trace}

    assert from_message(headers, BODY) == (replace(RECEIVED, traceparent=trace), BODY)


# --- structured mode


def _official(envelope: Envelope, more: dict[str, Any] | None = None) -> CloudEvent:
    attributes = {
        "specversion": "1.0",
        "id": envelope.id,
        "type": envelope.type,
        "source": envelope.source,
        "subject": envelope.key,
        "time": envelope.time,
        "datacontenttype": "application/json",
        "correlationid": envelope.correlation_id,
        "causationid": envelope.causation_id,
        "actor": envelope.actor,
        "traceparent": envelope.traceparent,
    }
    given = {
        name: value for name, value in (attributes | (more or {})).items() if value is not None
    }
    return CloudEvent(given, {"minutes": 120})


@given(envelopes())
def test_the_official_library_reads_what_we_write(envelope: Envelope) -> None:
    event = from_binary(HTTPMessage(to_headers(envelope), BODY), JSONFormat())

    assert event.get_attributes() == _official(envelope).get_attributes()
    assert event.get_data() == {"minutes": 120}


@pytest.mark.parametrize("write", [to_binary, to_structured])
@given(envelope=envelopes())
def test_we_read_what_the_official_library_writes(
    write: Callable[[CloudEvent, JSONFormat], HTTPMessage], envelope: Envelope
) -> None:
    message = write(_official(envelope), JSONFormat())

    read, body = from_message(message.headers, message.body)

    assert read == envelope
    assert json.loads(body) == {"minutes": 120}


def _structured(**changes: Any) -> bytes:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": AN_ID,
        "type": RECEIVED.type,
        "source": RECEIVED.source,
        "subject": A_KEY,
        "time": "2020-01-15T22:59:59Z",
        "correlationid": RECEIVED.correlation_id,
        "data": {"minutes": 120},
    }
    return json.dumps({k: v for k, v in (event | changes).items() if v is not ...}).encode()


STRUCTURED = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}


def test_a_refusal_does_not_repeat_the_payload_which_may_hold_anything() -> None:
    for body in (b'{"data": "Jeanne"', b'"Jeanne"', _structured(data=..., data_base64="Jeanne!")):
        with pytest.raises(MalformedEnvelope) as refused:
            from_message(STRUCTURED, body)
        assert "Jeanne" not in str(refused.value)


def test_structured_mode_is_json_even_when_the_writer_does_not_say_so() -> None:
    headers = {"CONTENT-TYPE": "application/cloudevents"}

    assert from_message(headers, _structured()) == (RECEIVED, BODY)


def test_a_payload_in_base_64_is_read_in_structured_mode() -> None:
    body = _structured(data=..., data_base64="eyJtaW51dGVzIjogMTIwfQ==", actor=None)

    assert from_message(STRUCTURED, body) == (RECEIVED, BODY)


@pytest.mark.parametrize(
    ("attribute", "body"),
    [
        pytest.param("data", b"{", id="broken JSON"),
        pytest.param("data", b"[" * 100_000, id="nested too deep"),
        pytest.param("data", b'"a text"', id="no object"),
        pytest.param("data", _structured(data=...), id="no payload"),
        pytest.param("data", _structured(data=..., data_base64="é"), id="no base 64"),
        pytest.param("data", _structured(data=..., data_base64=12), id="base 64 as a number"),
        pytest.param("data", _structured(data=float("nan")), id="a payload that is not JSON"),
        pytest.param("id", _structured(id=42), id="an id that is a number"),
        pytest.param("specversion", _structured(specversion=1.0), id="a version as a number"),
        pytest.param("subject", _structured(subject=...), id="no subject"),
    ],
)
def test_a_malformed_structured_message_is_refused(attribute: str, body: bytes) -> None:
    with pytest.raises(MalformedEnvelope) as refused:
        from_message(STRUCTURED, body)

    assert refused.value.attribute == attribute


@pytest.mark.parametrize(
    "content_type", ["application/cloudevents-batch+json", "application/cloudevents+avro"]
)
def test_formats_that_nats_does_not_carry_are_refused(content_type: str) -> None:
    with pytest.raises(MalformedEnvelope, match="expected application/cloudevents"):
        from_message({"content-type": content_type}, _structured())
