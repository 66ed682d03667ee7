from collections.abc import Callable
from datetime import date

import pytest
from essaim.clock import SimulatedClock
from essaim.person import Person, Role
from fastapi.testclient import TestClient
from gazette.visits import bearer, sign_in

Somebody = Callable[..., Person]
BOARD = "/gazette/programmes/premices/board"
NOTICE = {"title": "Atelier budget", "places": 12}

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.COORDINATOR, 200), (Role.OPERATOR, 200), (Role.BEARER, 403), (Role.FUNDER, 403)],
)
def test_a_page_of_the_coordination_opens_for_it_and_for_the_operator_only(
    browser: TestClient, somebody: Somebody, role: Role, status: int
) -> None:
    sign_in(browser, somebody(role).id)

    assert browser.get(BOARD).status_code == status


def test_coordinating_one_programme_gives_no_right_in_another(
    browser: TestClient, somebody: Somebody
) -> None:
    sign_in(browser, somebody(Role.COORDINATOR).id)

    refused = browser.get("/gazette/programmes/ailleurs/board")

    assert refused.status_code == 403
    assert "demandez à la coordination" in refused.text


def test_a_role_that_ended_yesterday_gives_nothing_today(
    browser: TestClient, somebody: Somebody, clock: SimulatedClock
) -> None:
    sign_in(browser, somebody(Role.COORDINATOR, until=date(2019, 11, 1)).id)
    on_the_last_day = browser.get(BOARD).status_code
    clock.set(clock.now().replace(day=2))

    assert (on_the_last_day, browser.get(BOARD).status_code) == (200, 403)


def test_an_api_call_without_a_token_is_told_to_sign_in(browser: TestClient) -> None:
    refused = browser.post("/gazette/api/notices", json=NOTICE)

    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["code"] == "sign_in_needed"


def test_an_api_call_with_a_token_acts_for_its_person(
    browser: TestClient, somebody: Somebody
) -> None:
    added = browser.post("/gazette/api/notices", json=NOTICE, headers=bearer(somebody(Role.BEARER)))
    refused = browser.post(
        "/gazette/api/notices", json=NOTICE, headers=bearer(somebody(Role.FUNDER))
    )

    assert added.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_a_page_asked_in_the_background_by_a_stranger_answers_401(browser: TestClient) -> None:
    assert browser.get("/gazette/pin", headers={"HX-Request": "true"}).status_code == 401
