from collections.abc import Callable

import pytest
from essaim.person import Person, Role
from essaim.running.readiness import Part, Readiness
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient
from gazette.visits import bearer

SetBroker = Callable[[bool], None]

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def readiness(*, broker: bool, dead: int = 0) -> Readiness:
    words = "connected" if broker else "not connected; trying again"
    parts = (Part("database", True, "answers"), Part("broker", broker, words))
    return Readiness(parts, True, broker, unpublished=3, pending=0, waiting=0, dead=dead)


@pytest.fixture
def broker_is(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> SetBroker:
    def set_broker(up: bool) -> None:
        monkeypatch.setattr(runtime, "readiness", lambda: readiness(broker=up, dead=2))

    return set_broker


def test_a_service_without_its_broker_lives_but_is_not_ready(
    browser: TestClient, broker_is: SetBroker
) -> None:
    broker_is(False)

    ready = browser.get("/gazette/health/ready")

    assert browser.get("/gazette/health/live").status_code == 200
    assert ready.status_code == 503
    assert {"name": "broker", "ok": False, "words": "not connected; trying again"} in (
        ready.json()["parts"]
    )


def test_the_process_is_ready_when_each_of_its_services_is(
    browser: TestClient, broker_is: SetBroker
) -> None:
    broker_is(True)
    assert browser.get("/health/ready").status_code == 200

    broker_is(False)
    whole = browser.get("/health/ready")

    assert whole.status_code == 503
    assert [one["service"] for one in whole.json()["services"]] == ["gazette"]


def test_metrics_name_the_service_and_each_part(browser: TestClient, broker_is: SetBroker) -> None:
    broker_is(False)

    for path in ("/metrics", "/gazette/metrics"):
        text = browser.get(path).text
        assert 'essaim_ready{service="gazette"} 0.0' in text
        assert 'essaim_unpublished_facts{service="gazette"} 3.0' in text
        assert 'essaim_dead_facts{service="gazette"} 2.0' in text
        assert 'essaim_part_ok{part="broker",service="gazette"} 0.0' in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_is_wrong_is_told_through_a_proxy_to_operators_alone(
    browser: TestClient, broker_is: SetBroker, somebody: Callable[..., Person], header: str
) -> None:
    broker_is(False)
    outside = {header: "for=203.0.113.9"}
    coordinator, operator = somebody(Role.COORDINATOR), somebody(Role.OPERATOR)

    for headers in (outside, outside | bearer(coordinator)):
        ready = browser.get("/gazette/health/ready", headers=headers)
        assert ready.status_code == 503
        assert ready.json() == {"service": "gazette", "ready": False}
        whole = browser.get("/health/ready", headers=headers)
        assert whole.json()["services"] == [{"service": "gazette", "ready": False}]
        assert browser.get("/metrics", headers=headers).status_code == 404
        assert browser.get("/gazette/metrics", headers=headers).status_code == 404

    told = browser.get("/gazette/health/ready", headers=outside | bearer(operator)).json()
    assert "parts" in told
    assert browser.get("/gazette/metrics", headers=outside | bearer(operator)).status_code == 200
