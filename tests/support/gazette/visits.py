"""How tests visit the gazette: as a program with a token, or as a browser with a cookie."""

from uuid import UUID

from essaim.person import Person
from essaim.web import tokens
from fastapi.testclient import TestClient

SIGNING = "a text that signs nothing outside these tests"


def bearer(person: Person) -> dict[str, str]:
    """The header of a program that acts for this person."""
    return {"Authorization": f"Bearer {tokens.issue(SIGNING, person.id, days=1)}"}


def sign_in(browser: TestClient, person_id: UUID) -> None:
    browser.cookies.set(
        "essaim_sign_in", tokens.sign_in_cookie(SIGNING, person_id), domain="premices.example"
    )


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = page.split(f'name="{name}" value="')
    assert len(found) > 1, f"no field {name} in this page"
    return found[-1].split('"')[0]
