"""Whatever the four services are sent, they answer as they should: none of it breaks them.

Schemathesis asks the APIs all that follows from their descriptions; the pages are asked with what
browsers and strangers send. The same requests each time; `make fuzz` asks many times more.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import httpx
import pytest
from essaim.people.directory import all_people
from essaim.person import Role
from essaim.running.embedded import Embedded
from essaim.service import installed_services
from essaim_demo.client import tokens_of
from essaim_demo.stage import Stage
from fastapi.routing import APIRoute
from hypothesis import given, settings
from hypothesis import strategies as st

SERVICES = tuple(sorted(installed_services()))
CONFIG = Path(__file__).with_name("schemathesis.toml")
ANSWERS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
# That all which follows the description is taken: most names what does not exist, or asks what
# cannot be now, and is refused as it should be.
UNKNOWABLE = "positive_data_acceptance"

Asking = Callable[..., None]


@pytest.fixture(scope="module")
def people(embedded: Embedded, played: Stage) -> dict[Role, UUID]:
    """Somebody of each role, at the end of the edition: what is asked may erase others."""
    with embedded.runtimes["candidatures"].read() as db:
        return {held.role: one.id for one in all_people(db) for held in one.roles}


@pytest.fixture
def ask(
    embedded: Embedded, people: dict[Role, UUID], tmp_path: Path, request: pytest.FixtureRequest
) -> Asking:
    """Asks a service everything its description has, as somebody who holds a role, or nobody."""
    token_for = tokens_of(embedded.runtimes["candidatures"])
    examples = request.config.getoption("--fuzz-examples")

    def asked(service: str, role: Role | None, *how: str) -> None:
        address = f"{embedded.address}/{service}"
        command = [
            str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run",
            f"{address}/api/openapi.json", "--url", address, "--max-examples", str(examples),
            "--seed", "1", "--generation-deterministic", "--continue-on-failure", "--no-color",
            *how,
        ]  # fmt: skip
        if role is not None:
            token = token_for(service, people[role])
            command += ["--header", f"Authorization: Bearer {token}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-20_000:]

    return asked


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("candidatures", None),
        ("notifications", Role.COORDINATOR),
        ("reporting", Role.COMMITTEE_MEMBER),
        ("scheduling", Role.BEARER),
    ],
)
def test_an_api_answers_everybody_as_it_describes(
    ask: Asking, service: str, role: Role | None
) -> None:
    ask(service, role, "--phases", "fuzzing", "--checks", ANSWERS)


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_answers_an_operator_as_it_describes_and_takes_nothing_else(
    ask: Asking, service: str
) -> None:
    every = ("--checks", "all", "--exclude-checks", UNKNOWABLE)
    ask(service, Role.OPERATOR, "--phases", "coverage,fuzzing", *every)


# What has broken a service somewhere: ends of the calendar and of numbers, signs that show nothing.
ODD = (
    "", " ", "0", "-1", "1.5", "1e999", "NaN", "²", "٣", "9" * 30, "9" * 5000, "true", "null", "[]",
    "9999-12-31", "0001-01-01", "2020-02-30", "9999-12-31T20:00-12:00", "0001-01-01T00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00", "2020-03-29T02:30", "2020-10-25T02:30", "\x00", "\u200b",
    "\u202e", "\u3164", "e\u0301", "ﷺ" * 50, "%", "_", "'", '"', "<b>", "{{ 7 }}", "{x}", "%s",
    "../", "//evil.example", "javascript:x", "=1+1", "\r\nSet-Cookie: a=b", "-sort", "project",
    "-project", "csv", "xlsx", "premices", "premices-2020", "final_file",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
ASKED = (
    "q", "sort", "page", "size", "format", "state", "kind", "when", "decision", "sector",
    "template",
    "department", "as_of", "part", "type", "after", "lang", "case", "next", "new", "draft", "check",
)  # fmt: skip
HEADERS = (
    "Accept-Language", "Range", "If-None-Match", "If-Modified-Since", "Idempotency-Key", "Cookie",
    "Content-Type", "HX-Request", "X-Draft-Token", "X-CSRF-Token", "X-Forwarded-For", "traceparent",
    "X-Correlation-Id", "Accept", "Authorization",
)  # fmt: skip
odd = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=20)
pairs = st.lists(st.tuples(st.sampled_from(ASKED) | odd, odd), max_size=4)
headers = st.dictionaries(
    st.sampled_from(HEADERS), odd.map(lambda text: text.encode()), max_size=2
)  # what a client may not send at all, httpx refuses


def routes_of(service: str) -> list[tuple[str, str]]:
    """Methods and paths of a service's own pages and APIs."""
    return [
        (method, route.path)
        for router in installed_services()[service].routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


BODIES = (
    b"", b"null", b"1", b'""', b"[]", b"{", b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"title": "\\ud800", "label": "\\udfff", "name": "\\u0000"}', b'{"code": 1, "code": 2}',
    b"\xff\xfe{\x00}\x00", b'{"version": 1e400, "minutes": NaN}',
    b'{"version": ' + b"9" * 5000 + b"}",
)  # fmt: skip
TYPES = ("application/json", "application/yaml", "text/plain", "multipart/form-data", "odd", "")


@pytest.fixture(scope="module")
def known(embedded: Embedded, people: dict[Role, UUID]) -> list[str]:
    """Ids of what is there."""
    token = tokens_of(embedded.runtimes["candidatures"])
    found = set()
    with httpx.Client(base_url=embedded.address) as http:
        for service in SERVICES:
            mine = {"Authorization": f"Bearer {token(service, people[Role.OPERATOR])}"}
            for address in ("cohorts", "sessions", "messages", "editions", "people", "facts"):
                answer = http.get(f"/{service}/api/{address}", headers=mine)
                found |= set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.text)[:20])
    return sorted(found)


@pytest.fixture(scope="module")
def http(embedded: Embedded) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=embedded.address, timeout=30) as client:
        yield client


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_that_is_sent_to_a_page_or_an_api_breaks_it(
    service: str,
    http: httpx.Client,
    embedded: Embedded,
    people: dict[Role, UUID],
    known: list[str],
    request: pytest.FixtureRequest,
) -> None:
    examples = 30 * request.config.getoption("--fuzz-examples")
    token = tokens_of(embedded.runtimes["candidatures"])(service, people[Role.OPERATOR])
    place = st.sampled_from(known) | odd

    @settings(max_examples=examples)
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        method, path = data.draw(st.sampled_from(routes_of(service)))
        filled = re.sub(r"\{[^}]*\}", lambda _: quote(data.draw(place) or "-", safe=""), path)
        query, form = data.draw(pairs), data.draw(pairs)
        sent: dict[str, Any] = {"Authorization": f"Bearer {token}"} | data.draw(headers)
        if method in ("POST", "PUT"):
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        try:
            answer = http.request(
                method,
                f"/{service}{filled}?{urlencode(query)}",
                content=urlencode(form) if method in ("POST", "PUT") else None,
                headers=sent,
            )
        except (httpx.LocalProtocolError, httpx.InvalidURL):
            return
        assert answer.status_code < 500, (method, filled, query, form, sent, answer.text[:500])

    ask()


@pytest.mark.parametrize("service", SERVICES)
def test_a_body_that_is_none_breaks_nothing(
    service: str, http: httpx.Client, embedded: Embedded, people: dict[Role, UUID]
) -> None:
    token = tokens_of(embedded.runtimes["candidatures"])(service, people[Role.OPERATOR])
    mine = {"Authorization": f"Bearer {token}"}
    taking = [one for one in routes_of(service) if one[0] in ("POST", "PUT")]

    for number, (method, path) in enumerate(taking):
        address = f"/{service}" + re.sub(r"{[^}]*}", str(people[Role.OPERATOR]), path)
        for place, body in enumerate(BODIES):
            kind = {"Content-Type": TYPES[(number + place) % len(TYPES)]}
            for sent in ({"Content-Type": "application/json"}, kind):
                answer = http.request(method, address, content=body, headers=mine | sent)
                assert answer.status_code < 500, (path, body[:80], sent, answer.text[:300])
