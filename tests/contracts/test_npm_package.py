"""The npm package reads and writes what the Python package does, and installs alone."""

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import essaim_contracts
import pytest
from essaim_contracts.envelope import MalformedEnvelope, from_message
from essaim_contracts.examples import PROGRAMS, Example, golden_examples
from essaim_contracts.typescript import NPM as PACKAGE

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


def test_what_the_python_package_puts_aside_so_does_this_one(tmp_path: Path) -> None:
    subject = _example(HELD)["subject"]
    changed = [{**HELD.headers, **changes} for changes in SPOILT]
    messages = [
        {name: value for name, value in headers.items() if value is not None} for headers in changed
    ]
    for headers in messages:
        with pytest.raises(MalformedEnvelope):
            from_message(headers, HELD.body, subject=subject)

    read = _read(tmp_path, [_line(subject, headers, HELD.body) for headers in messages])

    assert [it.keys() for it in read] == [{"malformed"} for _ in SPOILT]


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
    lines = [
        _line(subject, shouted, HELD.body),
        structured,
        _line(subject, {**headers, **broken_trace}, HELD.body),
        of_later,
        _line(subject, headers, b'"a text"'),
        _line(subject, headers, b"\xff"),
    ]

    loud, whole, odd, unknown, a_text, no_text = _read(tmp_path, lines)

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
