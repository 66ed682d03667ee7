from collections.abc import Callable

import pytest
from essaim.person import Person, Role
from fastapi.testclient import TestClient
from gazette.visits import hidden, sign_in

Somebody = Callable[..., Person]

NOTICE = {"title": "Atelier budget", "places": "12"}

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_form_without_its_token_is_refused_and_changes_nothing(browser: TestClient) -> None:
    refused = browser.post("/gazette/pin", data=NOTICE)

    assert refused.status_code == 403
    assert "Rien n’a été enregistré" in refused.text.replace("&#39;", "'")
    assert browser.get("/gazette/api/notices").json()["total"] == 0


def test_a_token_given_to_another_browser_is_refused(browser: TestClient) -> None:
    stolen = hidden(browser.get("/gazette/accessibility").text, "csrf_token")
    browser.cookies.clear()
    browser.get("/gazette/accessibility")

    refused = browser.post("/gazette/pin", data=NOTICE | {"csrf_token": stolen})

    assert refused.status_code == 403


def test_a_token_from_before_signing_in_is_refused_afterwards(
    browser: TestClient, somebody: Somebody
) -> None:
    earlier = hidden(browser.get("/gazette/accessibility").text, "csrf_token")
    sign_in(browser, somebody(Role.BEARER).id)

    refused = browser.post("/gazette/pin", data=NOTICE | {"csrf_token": earlier})

    assert refused.status_code == 403


def test_a_request_made_in_the_background_brings_the_token_as_a_header(browser: TestClient) -> None:
    token = hidden(browser.get("/gazette/accessibility").text, "csrf_token")

    pinned = browser.post("/gazette/pin", data=NOTICE, headers={"X-CSRF-Token": token})

    assert pinned.status_code == 303


def test_an_api_call_that_rides_on_a_cookie_needs_the_token_too(
    browser: TestClient, somebody: Somebody
) -> None:
    sign_in(browser, somebody(Role.COORDINATOR).id)
    notice = {"title": "Atelier budget", "places": 12}

    refused = browser.post("/gazette/api/notices", json=notice)
    token = hidden(browser.get("/gazette/pin").text, "csrf_token")
    added = browser.post("/gazette/api/notices", json=notice, headers={"X-CSRF-Token": token})

    assert (refused.status_code, refused.json()["code"]) == (403, "form_expired")
    assert added.status_code == 201


@pytest.mark.parametrize(
    ("charset", "answer"),
    [
        *(("unicode_escape", rb"\ud800"), ("punycode", b"\xff-\xff"), ("utf-7", b"+2AA-")),
        *(("nothing", b"\xff"), ("utf-8", b"\xed\xa0\x80\x00")),
    ],
)
@pytest.mark.parametrize("field", ["title", "csrf_token", "command_key"])
def test_a_form_in_an_odd_encoding_is_refused_and_no_error_of_ours(
    browser: TestClient, charset: str, answer: bytes, field: str
) -> None:
    token = hidden(browser.get("/gazette/sign-in").text, "csrf_token")
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = part % (field.encode(), answer)
    if field != "csrf_token":
        body += part % (b"csrf_token", token.encode())

    refused = browser.post(
        "/gazette/pin",
        content=body + b"--b--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"},
    )

    assert refused.status_code in (403, 415, 422)
