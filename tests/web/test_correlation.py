"""What went wrong for somebody is found in the log by the id that her answer names."""

import pytest
import structlog
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from fastapi.testclient import TestClient

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_log_line_of_a_request_carries_the_id_that_its_answer_names(runtime: Runtime) -> None:
    browser = TestClient(build_app([runtime]), raise_server_exceptions=False)
    merged = [structlog.contextvars.merge_contextvars]
    with structlog.testing.capture_logs(merged) as lines:
        broken = browser.get("/gazette/broken")

    assert broken.status_code == 500
    (line,) = lines
    assert line["correlation_id"] == broken.headers["X-Correlation-Id"]


def test_each_request_has_an_id_of_its_own_whatever_the_client_says(browser: TestClient) -> None:
    hers = {"X-Correlation-Id": "hers", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    answers = [browser.get("/gazette/", headers=hers) for _ in range(2)]

    assert len({answer.headers["X-Correlation-Id"] for answer in answers} | {"hers"}) == 3
