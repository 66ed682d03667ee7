"""Nothing runs for long outside the parts that readiness knows: it would fail in silence."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTS = {
    "create_task", "ensure_future", "Thread", "ThreadPoolExecutor", "Timer", "run_in_executor",
    "to_thread", "TaskGroup", "Process", "add_done_callback",
}  # fmt: skip
ALLOWED = {
    "chassis/essaim/loops.py": "starts the parts",
    "chassis/essaim/threads.py": "work in a thread that its caller waits for",
    "chassis/essaim/broker/connection.py": "a connection or a new seed, whichever comes first",
    "chassis/essaim/cli/reach.py": "a command, which waits",
    "chassis/essaim/hearing/inbox.py": "the inbox's own thread, in which it waits",
    "chassis/essaim/people/sharing.py": "the bucket is watched meanwhile, and its failure raised",
    "chassis/essaim/telling/relay.py": "the next batch is read meanwhile, and waited for",
    "chassis/essaim/telling/sent.py": "what is sent is noted meanwhile, and waited for",
    "chassis/essaim/telling/publisher.py": "an answer or a lost connection, whichever comes first",
    "chassis/essaim/running/readiness.py": "looks at a database that may be frozen",
    "chassis/essaim/running/ending.py": "sees that the program ends, when all else does not",
    "chassis/essaim/running/embedded.py": "the pages, for whoever started them beside",
    "chassis/essaim/backup/archive.py": "the other end of a pipe, which is waited for",
    "chassis/essaim/operating/rebuild.py": "a command, which waits",
    "chassis/essaim/operating/restore.py": "a command, which waits",
    "chassis/essaim/operating/shares.py": "parts of a rebuild, which waits for them",
    "chassis/essaim/operating/verify.py": "a command, which waits",
    "services/notifications/notifications/http_post.py": "names are looked up, and waited for",
    "services/notifications/notifications/webhook_worker.py": "one delivery to each webhook",
    "services/notifications/notifications/worker.py": "the letter in hand, which is waited for",
}


def test_whatever_is_started_is_a_part_or_is_waited_for_by_one() -> None:
    """Start it by `parts.start`, as a worker or as a timer; else say here who waits for it."""
    found = {path for path in _sources() if list(_started_in(ROOT / path))}
    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set(), "what is gone needs no leave"


def _sources() -> Iterator[str]:
    for folder in ("chassis/essaim", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT))


def _started_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            # A service's timers are data, which the chassis runs.
            if name in STARTS and not _is_data(node, name):
                yield name


def _is_data(node: ast.Call, name: str) -> bool:
    return name == "Timer" and isinstance(node.func, ast.Name)


def test_a_part_rests_where_nobody_takes_it_for_one_that_hangs() -> None:
    """`loops.rest` says for how long; `asyncio.sleep` does not."""
    found = {path for path in _sources() if "asyncio.sleep(" in (ROOT / path).read_text()}
    assert found == {"chassis/essaim/loops.py"}
