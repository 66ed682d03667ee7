"""A small real service, gazette, served from a real database; only messages leave the house."""

from collections.abc import Callable
from datetime import date
from typing import Any

import gazette.main
import pytest
from essaim.ids import new_id
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.web.app import build_app
from essaim_contracts.questions import Question, Queued
from fastapi.testclient import TestClient


@pytest.fixture
def service() -> Service:
    return gazette.main.service


@pytest.fixture
def browser(runtime: Runtime) -> TestClient:
    """A browser without cookies, which does not follow redirects by itself."""
    app = build_app([runtime])
    return TestClient(app, base_url="https://premices.example", follow_redirects=False)


@pytest.fixture
def sent(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[Question[Any]]:
    """What was asked of the notifications service, which answers that it did it."""
    asked: list[Question[Any]] = []

    def ask(question: Question[Any]) -> Queued:
        asked.append(question)
        return Queued()

    monkeypatch.setattr(runtime, "ask_blocking", ask)
    return asked


@pytest.fixture
def somebody(runtime: Runtime) -> Callable[..., Person]:
    """`somebody(Role.BEARER)` is a person of the directory who holds these roles in Prémices."""

    def add(*roles: Role, name: str = "Camille Roussel", until: date | None = None) -> Person:
        id = new_id()
        held = tuple(RoleHeld(role, "premices", until=until) for role in roles)
        person = Person(id, name, email=f"{id.hex}@exemple.fr", roles=held)
        with runtime.work() as work:
            save_person(work.db, person, share=False)
        return person

    return add
