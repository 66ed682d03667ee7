"""The npm package reads and writes what the Python package does, and installs alone."""

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import essaim_contracts
import pytest
from essaim_contracts import Fact, fact_type
from essaim_contracts.envelope import MalformedEnvelope, from_message
from essaim_contracts.examples import PROGRAMS, Example, golden_examples
from essaim_contracts.typescript import NPM as PACKAGE
from pydantic import ValidationError

from tests.contracts.node import NODE, NPM, compile_program, lend_modules, run, tsc

HERE = Path(__file__).parent / "npm"
EXAMPLES = list(golden_examples())
HELD = next(it for it in EXAMPLES if it.type == "essaim.scheduling.session.held.v1")
ANOTHER = "0170f4a2-6e8b-7c31-9b1e-3f2a5d7c9e10"


def _line(subject: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    return {"subject": subject, "headers": headers, "body": b64encode(body).decode()}


def _example(example: Example) -> dict[str, Any]:
    envelope, body = from_message(example.headers, example.body)
    return _line(envelope.nats_subject, example.headers, body)


def _read(folder: Path, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the package makes of these messages."""
    shutil.copy(HERE / "roundtrip.mjs", folder)
    lend_modules(folder)
    said = run(NODE, "roundtrip.mjs", cwd=folder, input="\n".join(map(json.dumps, lines)))
    return [json.loads(line) for line in said.splitlines()]


def test_every_golden_example_is_read_valid_and_written_again(tmp_path: Path) -> None:
    for example, read in zip(EXAMPLES, _read(tmp_path, list(map(_example, EXAMPLES))), strict=True):
        envelope, _ = from_message(example.headers, example.body)
        assert (read["body"], read["valid"]) == (example.data, True)
        assert (read["identity"], read["programme"]) == (envelope.identity, envelope.programme)
        assert read["key"] == envelope.key
        again = read["again"]
        assert again["subject"] == envelope.nats_subject
        assert json.loads(b64decode(again["body"])) == example.data
        written, _ = from_message(again["headers"], b64decode(again["body"]))
        if envelope.causation_id:  # without a cause the correlation begins anew
            assert asdict(written) == asdict(envelope)
            assert again["headers"] == example.headers


SPOILT: list[dict[str, str | None]] = [
    {"ce-time": "2021-02-29T10:00:00Z"},
    {"ce-time": "1900-02-29T10:00:00Z"},
    {"ce-time": "2020-02-30T10:00:00Z"},
    {"ce-time": "2020-00-10T10:00:00Z"},
    {"ce-time": "2020-01-00T10:00:00Z"},
    {"ce-time": "2020-01-10T24:00:00Z"},
    {"ce-time": "2020-01-10t24:00:00z"},
    {"ce-time": "2020-01-10T10:00:60Z"},
    {"ce-time": "2020-01-10T10:00:00+24:00"},
    {"ce-time": "0000-01-10T10:00:00Z"},
    {"ce-time": "0001-01-01T00:00:00+01:00"},
    {"ce-time": "9999-12-31T23:59:59-01:00"},
    {"ce-time": "2020-01-10 10:00:00Z"},
    {"ce-time": "2020-01-10T10:00:00Z\n"},
    {"ce-id": f"{ANOTHER}\n"},
    {"ce-type": "essaim.scheduling.session.held.v01"},
    {"ce-causationid": ""},
    {"ce-correlationid": "x" * 201},
    {"ce-correlationid": "%ed%a0%80"},
    {"content-type": "application/cloudevents-batch+json"},
    {"content-type": "Application/CloudEvents+Avro"},
    {"content-type": "application/cloudevents+json"},
    {"ce-datacontenttype": None, "content-type": "text/plain"},
    {"ce-id": None},
    {"ce-time": None},
    {"ce-specversion": "0.3"},
    {"ce-datacontenttype": "text/plain"},
    {"ce-id": "17"},
    {"ce-id": ANOTHER.upper()},
    {"ce-time": "2020-02-30T25:00:00Z"},
    {"ce-time": "yesterday"},
    {"ce-source": "/premices/candidatures"},
    {"ce-source": "/another/scheduling"},
    {"ce-source": "premices/scheduling"},
    {"ce-subject": ANOTHER},
    {"ce-type": "essaim.scheduling.session.held"},
    {"ce-type": "essaim.scheduling.session.moved.v1"},
    {"ce-correlationid": "%zz"},
    {"ce-correlationid": "%00"},
    {"ce-actor": "somebody"},
]


STRUCTURED = {"content-type": "application/cloudevents+json"}
EVENT: dict[str, Any] = {
    **{name.removeprefix("ce-"): it for name, it in HELD.headers.items() if name[:3] == "ce-"},
    "data": HELD.data,
}
OF_ANOTHER = json.dumps(HELD.data | {"session_id": ANOTHER}).encode()
BODIES: list[tuple[Mapping[str, str], bytes]] = [
    (HELD.headers, OF_ANOTHER),
    (HELD.headers, b"{}"),
    (HELD.headers, b"[]"),
    (HELD.headers, b"null"),
    (HELD.headers, b"\xef\xbb\xbf" + HELD.body),
    (HELD.headers, HELD.body + b"}"),
    (STRUCTURED, b"[]"),
    (STRUCTURED, b"nothing"),
    *(
        (STRUCTURED, json.dumps(EVENT | changes).encode())
        for changes in (
            {"data": None},
            {"data": [HELD.data]},
            {"data": HELD.data | {"session_id": ANOTHER}},
            {"data_base64": "e30="},
            {"data_base64": "not base64"},
            {"data_base64": None},
            {"traceparent": 7},
            {"specversion": 1.0},
            {"type": ["essaim.scheduling.session.held.v1"]},
            {"actor": ""},
        )
    ),
    (STRUCTURED, json.dumps({name: it for name, it in EVENT.items() if name != "data"}).encode()),
    (STRUCTURED, json.dumps({name: it for name, it in EVENT.items() if name != "id"}).encode()),
]
"""Messages that are no fact of ours, in their body or as a whole."""


def _spoilt() -> list[tuple[Mapping[str, str], bytes]]:
    changed = [{**HELD.headers, **changes} for changes in SPOILT]
    return [
        ({name: value for name, value in headers.items() if value is not None}, HELD.body)
        for headers in changed
    ]


def _read_by_python(subject: str, headers: Mapping[str, str], body: bytes) -> Fact | None:
    """The fact in a message, as every reader of ours has it; None of an unknown type."""
    envelope, payload = from_message(headers, body, subject=subject)
    kind = fact_type(envelope.type)
    if kind is None:
        return None
    fact = kind.read(payload)
    envelope.check_key(fact)
    return fact


def test_what_the_python_package_puts_aside_so_does_this_one(tmp_path: Path) -> None:
    subject, messages = _example(HELD)["subject"], [*_spoilt(), *BODIES]
    taken = []
    for headers, body in messages:
        with suppress(MalformedEnvelope, ValidationError):
            taken.append((headers, _read_by_python(subject, headers, body)))

    read = _read(tmp_path, [_line(subject, headers, body) for headers, body in messages])

    assert taken == []
    zipped = zip(messages, read, strict=True)
    assert [message for message, it in zipped if it.keys() != {"malformed"}] == []


def test_of_a_type_it_does_not_know_a_body_is_missing_all_the_same(tmp_path: Path) -> None:
    event = EVENT | {"type": HELD.type.replace(".held.", ".postponed.")}
    subject = _example(HELD)["subject"].replace(".held.", ".postponed.")
    without = {name: it for name, it in event.items() if name != "data"}
    bodies = [json.dumps(it).encode() for it in (event, without)]

    whole, broken = _read(tmp_path, [_line(subject, STRUCTURED, body) for body in bodies])

    assert _read_by_python(subject, STRUCTURED, bodies[0]) is None
    with pytest.raises(MalformedEnvelope):
        _read_by_python(subject, STRUCTURED, bodies[1])
    assert whole == {"unknown": True}
    assert broken.keys() == {"malformed"}


def test_what_may_be_written_otherwise_is_read_the_same(tmp_path: Path) -> None:
    subject, headers = _example(HELD)["subject"], HELD.headers
    broken_trace = {
        "ce-traceparent": "00-7-7-00",
        "ce-correlationid": '"Euro \\"fort\\" %e2%82%ac"',
    }
    shouted = {name.upper(): value for name, value in headers.items()}
    event = {
        name.removeprefix("ce-"): value for name, value in headers.items() if name[:3] == "ce-"
    }
    body = json.dumps({**event, "data": HELD.data}).encode()
    structured = _line(subject, {"content-type": "application/cloudevents+json"}, body)
    of_later = _line(
        subject.replace(".held.", ".postponed."),
        {**headers, "ce-type": HELD.type.replace(".held.", ".postponed.")},
        b"{}",
    )
    in_base_64 = {**EVENT, "data_base64": b64encode(HELD.body).decode()}
    bare = {name: it for name, it in headers.items() if name != "ce-traceparent"}
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    lines = [
        _line(
            subject, {"content-type": "Application/CloudEvents"}, json.dumps(in_base_64).encode()
        ),
        _line(subject, {**bare, "traceparent": trace, "ce-correlationid": "a\\b"}, HELD.body),
        _line(subject, {**headers, "ce-time": "2020-02-29t10:00:00.123456789z"}, HELD.body),
        _line(subject, shouted, HELD.body),
        structured,
        _line(subject, {**headers, **broken_trace}, HELD.body),
        of_later,
        _line(subject, headers, b'"a text"'),
        _line(subject, headers, b"\xff"),
    ]

    based, traced, leap, loud, whole, odd, unknown, a_text, no_text = _read(tmp_path, lines)

    assert based["body"] == leap["body"] == HELD.data
    assert traced["envelope"]["traceparent"] == trace
    assert traced["envelope"]["correlationId"] == "a\\b"
    assert loud["body"] == whole["body"] == HELD.data
    assert loud["envelope"] == whole["envelope"]
    assert odd["envelope"]["correlationId"] == 'Euro "fort" €'
    assert "traceparent" not in odd["envelope"]
    assert unknown == {"unknown": True}
    assert "no JSON object" in a_text["malformed"]
    assert no_text["malformed"] == "The body, 1 bytes, is no JSON object."


def test_the_package_is_what_its_types_say() -> None:
    assert tsc(HERE) == ""


def test_the_program_to_copy_compiles_and_with_a_wrong_name_it_does_not(tmp_path: Path) -> None:
    (tmp_path / "right").mkdir()
    (tmp_path / "wrong").mkdir()
    text = (PROGRAMS / "reader.mts").read_text()

    assert compile_program(tmp_path / "right", text) == ""
    with pytest.raises(AssertionError, match="Property 'value' does not exist on type 'Prize'"):
        compile_program(tmp_path / "wrong", text.replace("prize.value_eur", "prize.value"))


def test_the_packed_package_installs_alone_and_has_the_version_of_the_contracts(
    tmp_path: Path,
) -> None:
    (packed,) = json.loads(run(NPM, "pack", "--json", str(PACKAGE), cwd=tmp_path))

    run(NPM, "install", "--offline", "--no-audit", packed["filename"], cwd=tmp_path)

    assert packed["version"] == essaim_contracts.__version__
    assert sorted(it["path"] for it in packed["files"]) == sorted(
        it.name for it in PACKAGE.iterdir()
    )
    uses = 'import { HoursUsed, keys } from "@essaim/contracts"; console.log(keys[HoursUsed]);'
    assert run(NODE, "--input-type=module", "-e", uses, cwd=tmp_path) == "package_id\n"
