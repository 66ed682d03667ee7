"""How the demo speaks to services on a busy machine."""

import httpx
import pytest
from essaim_demo import client
from essaim_demo.client import Voice


def test_who_is_busy_is_asked_again_under_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["idempotency-key"])
        return httpx.Response(503 if len(asked) < 3 else 201, json={"id": "1"})

    with httpx.Client(base_url="http://demo", transport=httpx.MockTransport(answer)) as http:
        voice = Voice(http, {})
        assert voice.post("/candidatures/api/calls/a/applications") == {"id": "1"}
        voice.post("/candidatures/api/calls/a/applications")

    assert len(asked) == 4
    assert len(set(asked)) == 2
