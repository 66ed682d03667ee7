"""What Prometheus is told of a service: real figures, with labels that stay few."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from essaim.keeping.tables import dead, outbox
from essaim.running.runtime import Runtime
from essaim_contracts.scheduling import SessionHeld
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tests.web.test_health import readiness

Samples = dict[str, dict[tuple[str, ...], float]]


def read(browser: TestClient, path: str = "/gazette/metrics") -> Samples:
    """Each sample's value by its labels' values but the service, in order of their names."""
    text = browser.get(path).text
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = sorted((k, v) for k, v in sample.labels.items() if k != "service")
            found.setdefault(sample.name, {})[tuple(v for _, v in labels)] = sample.value
    return found


@pytest.fixture(autouse=True)
def _not_started(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "readiness", lambda: readiness(broker=True))


def test_a_page_is_measured_by_the_pattern_of_its_route(browser: TestClient) -> None:
    for id in ("a", "b", "c"):
        browser.get(f"/gazette/pinned/{id}")
    browser.get("/gazette/wp-login.php")
    browser.request("BREW", "/gazette/")

    counted = read(browser)["essaim_page_seconds_count"]

    assert counted["GET", "/pinned/{id}", "2xx"] == 3
    assert counted["GET", "none", "4xx"] == 1
    assert {method for method, _, _ in counted} == {"GET", "OTHER"}


def test_looking_at_how_a_service_fares_is_not_measured(browser: TestClient) -> None:
    browser.get("/gazette/health/live")

    assert "essaim_page_seconds_count" not in read(browser)


def test_the_database_says_its_size_and_its_connections(browser: TestClient) -> None:
    found = read(browser)

    assert found["essaim_database_bytes"][()] > 4096
    assert found["essaim_database_connections_used"][()] >= 0
    assert found["essaim_database_connections_most"][()] > 10


def test_facts_given_up_and_held_back_are_counted_by_type_and_strangers_words_as_one(
    browser: TestClient, runtime: Runtime
) -> None:
    now = datetime.now(UTC)
    with runtime.database.write() as db:
        for number, type in enumerate((SessionHeld.type, SessionHeld.type, "x" * 100, None)):
            db.execute(sa.insert(dead).values(_dead(number, type, now)))
        db.execute(sa.insert(outbox).values(_parked(now)))

    found = read(browser)

    assert found["essaim_dead_facts_by_type"] == {(SessionHeld.type,): 2, ("other",): 2}
    assert found["essaim_parked_facts"] == {(SessionHeld.type,): 1}


def _dead(number: int, type: str | None, now: datetime) -> dict[str, object]:
    return {
        "stream_seq": number, "id": str(number), "type": type, "key": "k", "subject": "s",
        "headers": "{}", "body": b"", "attempts": 1, "reason": "r", "died_at": now,
    }  # fmt: skip


def _parked(now: datetime) -> dict[str, object]:
    return {
        "id": "one", "key": "k", "subject": "essaim.premices.scheduling.session.held.v1.k",
        "headers": "{}", "body": b"", "told_at": now, "parked_because": "too large",
    }  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_family_stands_once_and_the_process_is_told_of(browser: TestClient) -> None:
    browser.get("/gazette/")

    text = browser.get("/metrics").text

    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert {"essaim_build_info", "process_resident_memory_bytes"} <= set(names)
