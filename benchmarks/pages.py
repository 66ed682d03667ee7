"""How soon a page comes with 10,000 applications loaded, over the smallest page of the service."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import candidatures.main
import crowd
import httpx
import notifications.main
import reporting.main
import scheduling.main
from essaim.ids import new_id
from essaim.people import signing
from essaim.people.signing import Kind, Proof
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.web.app import build_app
from ground import BACKENDS, Ground
from pydantic import SecretStr
from report import say

KEY = signing.new_key()
TIMES = 20
GOAL = 50.0


@dataclass(frozen=True)
class Visited:
    """Milliseconds of each visit, and of this process' CPU for one of them."""

    took: list[float]
    cpu: float

    def part(self, part: float) -> float:
        return sorted(self.took)[int(len(self.took) * part)]


async def measure_pages(ground: Ground, applications: int) -> None:
    """Each page of each service for somebody who may see it all."""
    loads = (
        (candidatures.main.service, crowd.load_candidatures),
        (scheduling.main.service, crowd.load_scheduling),
        (notifications.main.service, crowd.load_notifications),
        (reporting.main.service, crowd.load_reporting),
    )
    for backend in BACKENDS:
        for service, load in loads:
            await _measure_service(ground, backend, service, load, applications)


async def _measure_service(
    ground: Ground,
    backend: str,
    service: Service,
    load: Callable[[Runtime, int], list[str]],
    applications: int,
) -> None:
    with ground.database(backend, service) as empty:
        settings = service.settings(
            data=ground.folder / "pages",
            database_url=empty.url.render_as_string(hide_password=False),
            secret=SecretStr("a text long enough to prove the forms of a measure"),
            sign_in_key=SecretStr(KEY),
            public_url="http://127.0.0.1",
        )
        runtime = Runtime(service, settings)
        try:
            addresses = load(runtime, applications)
            await _visit_all(runtime, backend, addresses)
        finally:
            runtime.database.close()


async def _visit_all(runtime: Runtime, backend: str, addresses: list[str]) -> None:
    token = _token(runtime.service.name)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build_app([runtime])),
        base_url=f"http://127.0.0.1/{runtime.service.name}",
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "fr"},
    ) as browser:
        smallest = await _visit(browser, "/accessibility")
        say(f"ceiling: smallest page of {runtime.service.name}, {backend}", _written(smallest))
        for address in addresses:
            visited = await _visit(browser, address)
            ratio = visited.part(0.5) / smallest.part(0.5)
            late = visited.part(0.95)
            shown = f"  {_shortened(address)}"
            say(shown, f"{_written(visited)}, {ratio:.1f} ×", f"≤ {GOAL:g} ms", late <= GOAL)


def _token(service: str) -> str:
    ends = datetime.now(UTC) + timedelta(days=1)
    proof = Proof(Kind.BEARER, "measured", service, crowd.COORDINATOR.id, new_id(), ends)
    return signing.sign(KEY, proof, ends)


async def _visit(browser: httpx.AsyncClient, address: str) -> Visited:
    took, cpu = [], time.process_time()
    for _ in range(TIMES + 2):
        start = time.perf_counter()
        answer = await browser.get(address)
        took.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:500]}")
    # The first visits read templates and compile statements; a person meets them once a start.
    return Visited(took[2:], (time.process_time() - cpu) * 1000 / len(took))


def _written(visited: Visited) -> str:
    return f"p50 {visited.part(0.5):.0f} p95 {visited.part(0.95):.0f} ms, CPU {visited.cpu:.0f}"


def _shortened(address: str) -> str:
    """Without the ids, which say nothing."""
    return re.sub("[0-9a-f-]{36}", "…", address)
