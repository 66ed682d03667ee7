import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from essaim.keeping.database import Database
from essaim.person import Person, Role
from essaim.running.runtime import Runtime
from essaim.web import security
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from gazette.visits import bearer, hidden
from structlog.testing import capture_logs

Somebody = Callable[..., Person]

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_refusal_is_a_problem_in_french_with_its_values_written_out(
    browser: TestClient, somebody: Somebody
) -> None:
    full = browser.post(
        "/gazette/api/notices",
        json={"title": "complet", "places": 1},
        headers=bearer(somebody(Role.COORDINATOR)),
    )

    sentence = (
        "Le tableau est plein depuis le vendredi 1er novembre 2019 à 9\u00a0h\u00a000\u00a0: "
        "retirez une annonce avant complet."
    )
    assert full.headers["content-type"] == "application/problem+json"
    assert full.headers["content-language"] == "fr"
    assert full.json() == {
        "type": "about:blank",
        "title": "Impossible pour le moment",
        "status": 409,
        "detail": sentence,
        "code": "board_full",
        "field": "title",
        "errors": [{"field": "title", "message": sentence}],
    }


def test_a_refusal_is_a_problem_in_english_for_who_asks_for_it(
    browser: TestClient, somebody: Somebody
) -> None:
    headers = {"Accept-Language": "de, en-GB;q=0.8, fr;q=0.5"}
    full = browser.post(
        "/gazette/api/notices",
        json={"title": "complet", "places": 1},
        headers=bearer(somebody(Role.COORDINATOR)) | headers,
    )

    assert full.headers["content-language"] == "en"
    assert full.json()["title"] == "Not possible for now"
    assert full.json()["detail"] == (
        "The board has been full since Friday 1 November 2019 at 09:00: "
        "remove a notice before complet."
    )


def test_wrong_values_are_named_field_by_field_in_both_languages(
    browser: TestClient, somebody: Somebody
) -> None:
    def errors(language: str) -> list[dict[str, str]]:
        refused = browser.post(
            "/gazette/api/notices",
            json={"title": "ab", "tone": "loud", "places": "many", "colour": "red"},
            headers=bearer(somebody(Role.COORDINATOR)) | {"Accept-Language": language},
        )
        assert refused.status_code == 422
        found: list[dict[str, str]] = refused.json()["errors"]
        return found

    assert errors("fr") == [
        {"field": "title", "message": "Ce texte est trop court (minimum de caractères\u00a0: 3)."},
        {
            "field": "tone",
            "message": "Choisissez l’une des valeurs proposées\u00a0: 'calm', 'urgent'.",
        },
        {"field": "places", "message": "Écrivez un nombre entier, en chiffres."},
        {"field": "colour", "message": "Ce champ n’existe pas ici. Vérifiez son nom."},
    ]
    assert errors("en") == [
        {"field": "title", "message": "This text is too short (minimum of characters: 3)."},
        {"field": "tone", "message": "Choose one of the values offered: 'calm', 'urgent'."},
        {"field": "places", "message": "Write a whole number, in digits."},
        {"field": "colour", "message": "This field does not exist here. Check its name."},
    ]


def test_a_body_that_is_not_json_is_refused_in_words(
    browser: TestClient, somebody: Somebody
) -> None:
    headers = bearer(somebody(Role.COORDINATOR)) | {"Content-Type": "application/json"}
    refused = browser.post("/gazette/api/notices", content=b"{", headers=headers)

    assert refused.status_code == 422
    assert refused.json()["detail"] == "Le corps de la requête n’est pas du JSON valide."


def test_a_form_with_errors_comes_back_with_the_answers_and_a_message_at_each_field(
    browser: TestClient,
) -> None:
    token = hidden(browser.get("/gazette/accessibility").text, "csrf_token")

    page = browser.post(
        "/gazette/pin", data={"csrf_token": token, "title": "<b>", "places": "many"}
    )

    assert page.status_code == 422
    assert 'value="&lt;b&gt;"' in page.text
    assert '<a href="#field-places">Écrivez un nombre entier, en chiffres.</a>' in page.text
    assert 'id="error-places"' in page.text
    assert "1 points" not in page.text


def test_a_request_larger_than_the_limit_is_refused(
    browser: TestClient, somebody: Somebody
) -> None:
    large = {"file": ("affiche.pdf", b"0" * (33 * 1024 * 1024))}

    refused = browser.put(
        "/gazette/api/notices/poster", files=large, headers=bearer(somebody(Role.COORDINATOR))
    )

    assert refused.status_code == 413
    assert "dépasse 32 Mo" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/gazette/nothing", 404, "Vérifiez-la, ou repartez de l’accueil"),
        ("/nothing", 404, "Vérifiez-la, ou repartez de l’accueil"),
        ("/reporting/", 404, "n’est pas installé à cette adresse"),
        ("/gazette/unreachable", 503, "Rien n’a été enregistré"),
    ],
)
def test_an_error_page_says_what_to_do(
    browser: TestClient, path: str, status: int, words: str
) -> None:
    page = browser.get(path)

    assert page.status_code == status
    assert words in page.text.replace("&#39;", "'")
    assert "<h1>" in page.text


def test_a_database_that_is_down_is_a_503_that_says_when_to_try_again(browser: TestClient) -> None:
    answer = browser.get("/gazette/api/unreachable")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "Rien n’a été enregistré" in answer.json()["detail"]


def test_without_its_database_a_service_still_answers_a_page_that_says_so(
    runtime: Runtime, browser: TestClient, somebody: Somebody
) -> None:
    person = somebody(Role.BEARER)
    runtime.database.close()
    runtime.database = Database("sqlite:////nowhere/at/all.db")

    page = browser.get("/gazette/pin", headers=bearer(person))

    assert page.status_code == 503
    assert "La base de données ne répond pas" in page.text


def test_an_unexpected_error_gives_the_reference_of_its_log_line_and_no_detail(
    runtime: Runtime,
) -> None:
    browser = TestClient(build_app([runtime]), raise_server_exceptions=False)

    with capture_logs() as logged:
        page = browser.get("/gazette/broken")

    [line] = [line for line in logged if line["event"] == "request failed"]
    assert page.status_code == 500
    assert f"transmettez la référence {line['reference']} " in page.text
    assert "nobody expected this" not in page.text
    assert str(line["exc_info"]) == "nobody expected this"


def test_the_log_of_a_mistake_names_the_route_and_no_secret_of_the_address(
    runtime: Runtime,
) -> None:
    app = build_app([runtime])
    browser = TestClient(app, base_url="https://premices.example", raise_server_exceptions=False)
    with capture_logs() as lines:
        assert browser.get("/gazette/resume/a-secret-token?key=another").status_code == 500
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert line["route"] == "/gazette/resume/{token}"
    assert "secret" not in str({name: line[name] for name in line if name != "exc_info"})


async def send_body(runtime: Runtime, *messages: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What is answered, and what is logged, when a form comes as these messages and no further."""
    coming = iter(messages)
    answered: list[Any] = []

    async def receive() -> Any:
        for message in coming:
            return message
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "https", "path": "/gazette/announce", "raw_path": b"/gazette/announce",
        "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("x", 443),
        "headers": [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"x")],
    }  # fmt: skip
    with capture_logs() as lines:
        await build_app([runtime])(scope, receive, send)
    return answered, lines


PIECE = {"type": "http.request", "body": b"a=", "more_body": True}


async def test_a_visitor_who_leaves_while_she_sends_is_no_mistake_of_ours(runtime: Runtime) -> None:
    _, lines = await send_body(runtime, PIECE, {"type": "http.disconnect"})
    assert [line for line in lines if line["log_level"] in ("error", "warning")] == []


async def test_a_body_that_does_not_come_to_an_end_is_ended(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "BODY_PATIENCE", 0.05)
    (start, *_), lines = await send_body(runtime, PIECE, PIECE)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert [line for line in lines if line["log_level"] == "error"] == []
