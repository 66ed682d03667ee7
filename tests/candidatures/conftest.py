"""A programme file, the service on a real database, and people who may do things."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import signing
from essaim.ids import stable_id
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.web.app import build_app
from essaim_contracts.questions import Question, Queued
from fastapi.testclient import TestClient

from tests.candidatures.premices import AFTER, OPEN, PROGRAMME, received, set_clock


@pytest.fixture
def service() -> Service:
    from candidatures.main import service

    return service


@pytest.fixture
def premices(runtime: Runtime) -> Runtime:
    """The service with the small Prémices programme imported."""
    from candidatures.commands.programme import import_programme
    from candidatures.programme_file import read_programme

    with runtime.work() as work:
        import_programme(work, read_programme(PROGRAMME))
    return runtime


@pytest.fixture
def browser(premices: Runtime) -> TestClient:
    """A browser without cookies, which does not follow redirects by itself."""
    app = build_app([premices])
    return TestClient(app, base_url="https://premices.example", follow_redirects=False)


@pytest.fixture
def as_(premices: Runtime) -> Callable[..., dict[str, str]]:
    """`as_("alix")` are the headers of requests by this person of the programme file."""

    def headers(code: str, **more: str) -> dict[str, str]:
        person_id = stable_id("premices", "person", code)
        return signing.bearer("candidatures", person_id) | more

    return headers


@pytest.fixture
def asked(premices: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[Question[Any]]:
    """What was asked of the notifications service, which answers that it did it."""
    asked: list[Question[Any]] = []

    def ask(question: Question[Any]) -> Queued:
        asked.append(question)
        return Queued()

    monkeypatch.setattr(premices, "ask_blocking", ask)
    return asked


@pytest.fixture
def open_call(premices: Runtime) -> Runtime:
    set_clock(premices, OPEN)
    return premices


@pytest.fixture
def four(premices: Runtime) -> list[UUID]:
    """Four applications received; the call is closed and the committee meets."""
    set_clock(premices, OPEN)
    ids = [received(premices, nth) for nth in range(1, 5)]
    set_clock(premices, AFTER)
    premices.run_timers()
    return ids
