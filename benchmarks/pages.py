"""How soon a page comes with 10,000 applications loaded, over the smallest page of the service.

In this process, without a socket: what a page costs by itself. `served` has sockets and crowds.
"""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import candidatures.main
import crowd
import httpx
import notifications.main
import reporting.main
import scheduling.main
from essaim.ids import new_id
from essaim.people import signing
from essaim.people.signing import Kind, Proof
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim.service import Service
from essaim.web.app import build_app
from ground import BACKENDS, Ground
from pydantic import SecretStr
from report import Goal, Report

KEY = signing.new_key()
TIMES = 40
SLOW, RATIO = Goal(most=50), Goal(most=5)


Between = Callable[[], None]
"""What happens between two visits: a fact comes, or nothing."""


@dataclass(frozen=True)
class Visited:
    """Milliseconds of each visit, and of this process' CPU for one of them."""

    took: list[float]
    cpu: float

    def part(self, part: float) -> float:
        return sorted(self.took)[int(len(self.took) * part)]


async def measure_pages(ground: Ground, report: Report, applications: int) -> None:
    """Each page of each service for somebody who may see it all."""
    for backend in BACKENDS:
        for service, load in LOADS:
            with loaded(ground, backend, service, load, applications) as (runtime, addresses):
                async with browser_of(runtime) as browser:
                    await _visit_all(report, runtime, browser, backend, addresses)
                if service is candidatures.main.service:
                    async with browser_of(runtime, crowd.MEMBER) as browser:
                        await _visit_all(report, runtime, browser, backend, crowd.OF_A_MEMBER)


LOADS = (
    (candidatures.main.service, crowd.load_candidatures),
    (scheduling.main.service, crowd.load_scheduling),
    (notifications.main.service, crowd.load_notifications),
    (reporting.main.service, crowd.load_reporting),
)


@contextmanager
def loaded(
    ground: Ground,
    backend: str,
    service: Service,
    load: Callable[[Runtime, int], list[str]],
    applications: int,
) -> Iterator[tuple[Runtime, list[str]]]:
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
            yield runtime, load(runtime, applications)
        finally:
            runtime.database.close()


@asynccontextmanager
async def browser_of(
    runtime: Runtime, person: Person = crowd.COORDINATOR
) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(build_app([runtime])),
        base_url=f"http://127.0.0.1/{runtime.service.name}",
        headers={
            "Authorization": f"Bearer {_token(runtime.service.name, person)}",
            "Accept-Language": "fr",
        },
    ) as browser:
        yield browser


async def _visit_all(
    report: Report,
    runtime: Runtime,
    browser: httpx.AsyncClient,
    backend: str,
    addresses: Sequence[str],
) -> None:
    """Each address as it is; reporting's also when a fact came since the last visit."""
    smallest = await _visit(browser, "/accessibility")
    _tell(report, f"ceiling: smallest page of {runtime.service.name}, {backend}", smallest, None)
    for address in addresses:
        shown = f"{_shortened(address)}, {backend}"
        if address.endswith(("=csv", "xlsx")):
            _tell(report, f"export {shown}", await _visit(browser, address, times=3), None)
            continue
        _tell(report, shown, await _visit(browser, address), smallest)
        if runtime.service is reporting.main.service:
            fresh = crowd.one_more_fact(runtime)
            visited = await _visit(browser, address, partial(next, fresh))
            _tell(report, f"{shown}, after a new fact", visited, smallest)


def _tell(report: Report, what: str, visited: Visited, smallest: Visited | None) -> None:
    middle, late = visited.part(0.5), visited.part(0.95)
    report.tell(f"{what}, p95", [late], "ms", SLOW if smallest else None, f"p50 {middle:.0f} ms")
    if smallest:
        floor = smallest.part(0.5)
        note = f"CPU {visited.cpu:.0f} ms"
        report.ratio(f"to the smallest, {what}, p50", [middle], [floor], RATIO, note)


def _token(service: str, person: Person) -> str:
    ends = datetime.now(UTC) + timedelta(days=1)
    proof = Proof(Kind.BEARER, "measured", service, person.id, new_id(), ends)
    return signing.sign(KEY, proof, ends)


async def _visit(
    browser: httpx.AsyncClient, address: str, between: Between | None = None, times: int = TIMES
) -> Visited:
    took, cpu = [], 0.0
    for _ in range(times + 2):
        if between:
            between()
        start, used = time.perf_counter(), time.process_time()
        answer = await browser.get(address)
        took.append((time.perf_counter() - start) * 1000)
        cpu += time.process_time() - used
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:500]}")
    # The first visits read templates and compile statements; a person meets them once a start.
    return Visited(took[2:], cpu * 1000 / len(took))


def _shortened(address: str) -> str:
    """Without the ids, which say nothing."""
    return re.sub("[0-9a-f-]{36}", "…", address)
