"""How tests visit the gazette: as a program with a token, or as a browser with a cookie."""

from uuid import UUID

import signing
from essaim.person import Person
from fastapi.testclient import TestClient


def bearer(person: Person) -> dict[str, str]:
    """The header of a program that acts for this person."""
    return signing.bearer("gazette", person.id)


def sign_in(browser: TestClient, person_id: UUID) -> None:
    signing.sign_in(browser, person_id)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = page.split(f'name="{name}" value="')
    assert len(found) > 1, f"no field {name} in this page"
    return found[-1].split('"')[0]
