"""How tests wait: for the fact itself, and for as long as a busy machine may take to bring it."""

import time
from collections.abc import Callable
from contextlib import suppress

import httpx2

PATIENCE = 120.0
"""Seconds until what did not come is taken for lost. No test passes or fails by less."""


def wait_until(condition: Callable[[], object], missing: Callable[[], object] = str) -> None:
    """Return once something is so; fail with what is `missing` when it is not in `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not so after {PATIENCE:g} s; {missing()}"
        time.sleep(0.1)


def is_ready(address: str) -> bool:
    with suppress(httpx2.HTTPError):
        return httpx2.get(address, timeout=PATIENCE).status_code == 200
    return False
