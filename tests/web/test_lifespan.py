"""All services of a program end, whatever becomes of one of them."""

import pytest
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from starlette.testclient import TestClient


def test_a_service_that_cannot_end_well_keeps_no_other_from_ending(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    async def start(_: Runtime) -> None:
        """Nothing is run."""

    async def stop(_: Runtime) -> None:
        ended.append("one")
        if len(ended) == 1:
            raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(Runtime, "start", start)
    monkeypatch.setattr(Runtime, "stop", stop)
    with TestClient(build_app([runtime, runtime])):
        assert ended == []

    assert ended == ["one", "one"]
