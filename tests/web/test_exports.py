"""Files of lists are sent as they are made, and one that ended early never looks whole."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa
import uvicorn
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from fastapi.testclient import TestClient
from gazette import store
from structlog.testing import capture_logs

MANY = 2_000


@pytest.fixture
def _many(runtime: Runtime) -> None:
    with runtime.work() as work:
        keys = {"tone": "calm", "places": 1, "pinned_at": work.now}
        rows = [{"id": new_id(), "title": f"Atelier {nth:05}"} | keys for nth in range(MANY)]
        work.db.execute(sa.insert(store.notice), rows)


class Cut(Exception):
    """The database went away."""


@pytest.fixture
def fetched(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each fetch brought."""
    sizes: list[int] = []
    fetch = sa.engine.cursor.BufferedRowCursorFetchStrategy._buffer_rows

    def counted(strategy: sa.engine.cursor.BufferedRowCursorFetchStrategy, *given: object) -> None:
        fetch(strategy, *given)  # type: ignore[arg-type]
        sizes.append(len(strategy._rowbuffer))

    monkeypatch.setattr(sa.engine.cursor.BufferedRowCursorFetchStrategy, "_buffer_rows", counted)
    return sizes


@pytest.mark.usefixtures("_many")
def test_a_long_list_is_read_some_rows_at_a_time(browser: TestClient, fetched: list[int]) -> None:
    lines = browser.get("/gazette/?format=csv").text.splitlines()

    assert len(lines) == MANY + 1
    assert lines[-1].startswith(f"Atelier {MANY - 1:05};")
    assert len(fetched) > MANY / 400
    assert max(fetched) <= 400


@contextmanager
def served(runtime: Runtime) -> Iterator[int]:
    """Over a socket, where a browser sees how an answer ended; gives the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        config = uvicorn.Config(build_app([runtime]), log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.mark.usefixtures("_many")
def test_a_file_that_the_database_cut_short_is_broken_off(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:

    def rows(*given: object) -> Iterator[object]:
        with closing(listed(*given)) as found:  # type: ignore[arg-type]
            for number, row in enumerate(found):
                if number == MANY // 2:
                    raise Cut
                yield row

    listed = store.NOTICES.__class__.rows
    monkeypatch.setattr(store.NOTICES.__class__, "rows", rows)
    with capture_logs() as logs, served(runtime) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/gazette/?format=csv")
        answer = connection.getresponse()

        assert answer.status == 200
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
        connection.close()
    assert b"Atelier 00000" in broken.value.partial
    assert [one["log_level"] for one in logs] == ["error"]


def test_what_goes_wrong_before_the_first_rows_is_an_answer(
    browser: TestClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(*given: object) -> Iterator[object]:
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"), connection_invalidated=True)

    monkeypatch.setattr(store.NOTICES.__class__, "rows", rows)

    answer = browser.get("/gazette/?format=csv")

    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
