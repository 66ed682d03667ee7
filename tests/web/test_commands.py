from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from essaim.keeping.commands import forget_old_commands
from essaim.keeping.tables import command
from essaim.person import Person, Role
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient
from gazette.visits import bearer, hidden, sign_in

Somebody = Callable[..., Person]
NOTICE = {"title": "Atelier budget", "places": 12}


@pytest.fixture
def coordinator(somebody: Somebody) -> dict[str, str]:
    return bearer(somebody(Role.COORDINATOR))


def total(browser: TestClient) -> int:
    return int(browser.get("/gazette/api/notices").json()["total"])


def test_the_same_key_twice_answers_the_same_and_changes_nothing_twice(
    browser: TestClient, coordinator: dict[str, str]
) -> None:
    headers = coordinator | {"Idempotency-Key": "pin-1"}

    first, second = (
        browser.post("/gazette/api/notices", json=NOTICE, headers=headers) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert total(browser) == 1


def test_the_same_key_for_another_request_is_refused(
    browser: TestClient, coordinator: dict[str, str]
) -> None:
    headers = coordinator | {"Idempotency-Key": "pin-1"}
    browser.post("/gazette/api/notices", json=NOTICE, headers=headers)

    other = browser.post("/gazette/api/notices", json=NOTICE | {"places": 13}, headers=headers)

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert total(browser) == 1


def test_two_people_may_choose_the_same_key(browser: TestClient, somebody: Somebody) -> None:
    key = {"Idempotency-Key": "1"}
    for _ in range(2):
        person = bearer(somebody(Role.COORDINATOR))
        browser.post("/gazette/api/notices", json=NOTICE, headers=person | key)

    assert total(browser) == 2


def test_simultaneous_twins_act_once(browser: TestClient, coordinator: dict[str, str]) -> None:
    headers = coordinator | {"Idempotency-Key": "pin-1"}

    def send(_: int) -> str:
        return browser.post("/gazette/api/notices", json=NOTICE, headers=headers).text

    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = set(pool.map(send, range(6)))

    assert len(answers) == 1
    assert total(browser) == 1


def test_a_refused_command_may_be_tried_again_with_its_key(
    browser: TestClient, coordinator: dict[str, str]
) -> None:
    headers = coordinator | {"Idempotency-Key": "pin-1"}
    full = browser.post("/gazette/api/notices", json=NOTICE | {"title": "complet"}, headers=headers)

    added = browser.post("/gazette/api/notices", json=NOTICE, headers=headers)

    assert (full.status_code, added.status_code) == (409, 201)


def test_a_file_sent_twice_with_one_key_is_taken_once(
    browser: TestClient, coordinator: dict[str, str]
) -> None:
    headers = coordinator | {"Idempotency-Key": "poster"}

    def send(content: bytes) -> tuple[int, object]:
        files = {"file": ("affiche.pdf", content)}
        answer = browser.put("/gazette/api/notices/poster", files=files, headers=headers)
        return answer.status_code, answer.json().get("size")

    # Each sending has a multipart boundary of its own; the files are compared, not the bytes.
    assert [send(b"%PDF 1"), send(b"%PDF 1"), send(b"%PDF 2")] == [(200, 6), (200, 6), (422, None)]


def test_a_command_that_answers_nothing_answers_204(
    browser: TestClient, coordinator: dict[str, str]
) -> None:
    headers = coordinator | {"Idempotency-Key": "clear"}

    answers = [browser.delete("/gazette/api/notices", headers=headers) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


@pytest.mark.parametrize("key", ["", "x" * 117])
def test_a_key_of_a_wrong_length_is_refused(
    browser: TestClient, coordinator: dict[str, str], key: str
) -> None:
    refused = browser.post(
        "/gazette/api/notices", json=NOTICE, headers=coordinator | {"Idempotency-Key": key}
    )

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_length")


@pytest.mark.parametrize("key", ["clé", "a\x85b", "a\tb", "\x7f"])
def test_a_key_with_other_signs_than_headers_carry_is_refused(
    browser: TestClient, coordinator: dict[str, str], key: str
) -> None:
    headers = [(name.encode(), value.encode()) for name, value in coordinator.items()]
    refused = browser.post(
        "/gazette/api/notices",
        json=NOTICE,
        headers=[*headers, (b"Idempotency-Key", key.encode("latin-1"))],
    )

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_signs")


def test_a_form_sent_twice_acts_once_and_a_corrected_one_acts_again(
    browser: TestClient, somebody: Somebody
) -> None:
    sign_in(browser, somebody(Role.BEARER).id)
    page = browser.get("/gazette/pin").text
    form = {name: hidden(page, name) for name in ("csrf_token", "command_key")}
    form |= {"title": "Atelier budget", "places": "12"}

    first, twice = (browser.post("/gazette/pin", data=form) for _ in range(2))
    corrected = browser.post("/gazette/pin", data=form | {"places": "13"})

    assert first.headers["location"] == twice.headers["location"]
    assert corrected.headers["location"] != first.headers["location"]
    assert total(browser) == 2


def test_answers_are_forgotten_after_a_day(
    browser: TestClient, runtime: Runtime, coordinator: dict[str, str]
) -> None:
    for key in ("old", "new"):
        headers = coordinator | {"Idempotency-Key": key}
        browser.post("/gazette/api/notices", json=NOTICE, headers=headers)

    with runtime.work() as work:
        is_old = command.c.key == "api old"
        long_ago = datetime.now(UTC) - timedelta(hours=25)
        work.db.execute(sa.update(command).where(is_old).values(done_at=long_ago))
        forget_old_commands(work.db)
        kept = work.db.execute(sa.select(command.c.key)).scalars().all()

    assert kept == ["api new"]
