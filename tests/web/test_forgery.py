from collections.abc import Callable
from html import unescape

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
    assert "n’est pas encore enregistré" in refused.text
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


TYPED = NOTICE | {"title": "Atelier « budget » & <co> pour tout le monde"}
FROM_OUR_PAGE = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://testserver"},
    {"Referer": "https://testserver"},
    {"Sec-Fetch-Site": "none"},
    {},
]


@pytest.mark.parametrize("headers", FROM_OUR_PAGE)
def test_a_form_whose_cookie_died_is_given_back_with_a_new_token(
    browser: TestClient, headers: dict[str, str]
) -> None:
    here = str(browser.base_url)
    headers = {name: here if "//" in value else value for name, value in headers.items()}
    old = hidden(browser.get("/gazette/accessibility").text, "csrf_token")
    browser.cookies.clear()

    given_back = browser.post("/gazette/pin", data=TYPED | {"csrf_token": old}, headers=headers)
    page = given_back.text
    fields = {name: unescape(hidden(page, name)) for name in (*TYPED, "csrf_token", "command_key")}
    sent = browser.post("/gazette/pin", data=fields, headers=headers)

    assert given_back.status_code == 403
    assert "rien n’est perdu" in page
    assert {name: fields[name] for name in TYPED} == TYPED
    assert '<form method="post" action="/gazette/pin">' in page
    assert sent.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://premices.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
    ],
)
def test_a_form_of_another_site_is_never_offered_again(
    browser: TestClient, headers: dict[str, str]
) -> None:
    refused = browser.post("/gazette/pin", data=TYPED, headers=headers)

    assert refused.status_code == 403
    assert "Atelier « budget »" not in refused.text
    assert "Envoyer à nouveau" not in refused.text


def test_a_form_given_back_says_that_its_files_are_to_be_chosen_again(browser: TestClient) -> None:
    given_back = browser.post(
        "/gazette/pin",
        data=TYPED,
        files={"file": ("plan.pdf", b"%PDF-")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert "vous les choisirez à nouveau" in given_back.text


def test_too_large_a_form_leads_back_to_its_page_with_a_sentence(browser: TestClient) -> None:
    page = f"{browser.base_url}/gazette/accessibility?q=1"
    headers = {"Referer": page, "Content-Length": "40000000"}

    sent_back = browser.post("/gazette/pin", data=NOTICE, headers=headers)
    assert (sent_back.status_code, sent_back.headers["location"]) == (303, "/gazette/accessibility")
    assert "dépasse 32" in browser.get("/gazette/accessibility").text
    elsewhere = browser.post(
        "/gazette/pin", data=NOTICE, headers=headers | {"Referer": "https://evil.example/x"}
    )
    assert elsewhere.status_code == 413


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
    token = hidden(browser.get("/gazette/accessibility").text, "csrf_token")
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
