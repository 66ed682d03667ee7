"""Whether lists are flat: every list by every sort, filter and search, at two sizes of an edition.

What a list may be asked by is taken from the list itself, so that a new filter is measured too.
"""

import re
import time
from collections.abc import Iterator
from statistics import median
from unittest.mock import patch

import crowd
import httpx
from essaim.web.listing import Filter, Listing, ListPage
from ground import BACKENDS, Ground
from pages import LOADS, SLOW, browser_of, loaded
from report import Goal, Report

TIMES = 3
SMALLER = 10
"""How many times fewer applications there are beside those asked for."""
FLAT = Goal(most=1.5)
CHOICES = 3
"""Of each filter with many: the others are of the same column."""

WORDS = {
    "candidatures": ("Projet", "77", "Projet 77", "bearer 7", "PREM-2020-00077", "rien"),
    "scheduling": ("Rendez-vous", "77", "rien"),
    "notifications": ("candidature", "Bearer 77", "7", "rien"),
    "reporting": ("Projet", "Projet 77", "77", "PREM-2020-00077", "rien"),
}
OF_CALL, OF_EDITION = "/calls/appel-2020/applications", f"/editions/{crowd.EDITION}"
LISTS = {
    "candidatures": (OF_CALL, "/erasures"),
    "scheduling": ("/sessions", "/hours", "/pairings"),
    "notifications": ("/", "/mailbox"),
    "reporting": (
        OF_EDITION,
        *(
            f"{OF_EDITION}/evidence/{code}"
            for code in (
                "applications.received",
                "applications.states",
                "applications.by_day",
                "applications.by_department",
                "messages.sent",
                "facts.published",
                "sessions.held",
            )
        ),
        f"/projects/{crowd.named('project', 50)}",
    ),
}


async def asked_of(browser: httpx.AsyncClient, address: str, words: tuple[str, ...]) -> list[str]:
    """The addresses of a list with what it may be asked by."""
    seen: list[tuple[Listing, ListPage]] = []
    page = Listing.page

    def noted(listing: Listing, *asked: object, **more: object) -> ListPage:
        found = page(listing, *asked, **more)  # type: ignore[arg-type]
        seen.append((listing, found))
        return found

    with patch.object(Listing, "page", noted):
        answer = await browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:500]}")
    if not seen:
        raise RuntimeError(f"{address} shows no list.")
    listing, found = seen[-1]
    return [f"{address}{query}" for query in dict.fromkeys(_queries(listing, found, words))]


def _queries(listing: Listing, found: ListPage, words: tuple[str, ...]) -> Iterator[str]:
    sorts = [f"sort={sign}{name}" for name in listing.sortable for sign in ("", "-")]
    yield ""
    for number in (found.pages // 2, found.pages):
        yield f"?page={number}"
        yield from (f"?{sort}&page={number}" for sort in sorts)
    yield from (f"?{sort}" for sort in sorts)
    for one in listing.filters:
        known = [value for value, _ in one.choices] if isinstance(one, Filter) else words
        if not one.described:
            continue
        for value in known[:CHOICES] if isinstance(one, Filter) else known:
            chosen = f"?{one.name}={value.replace(' ', '+')}"
            yield chosen
            yield from (f"{chosen}&{sort}" for sort in sorts)


async def visit(
    browser: httpx.AsyncClient, address: str, times: int = TIMES
) -> tuple[float, float]:
    """Median milliseconds of some visits, and of this process' CPU."""
    took, used = [], []
    for _ in range(times + 1):
        start, cpu = time.perf_counter(), time.process_time()
        answer = await browser.get(address)
        took.append((time.perf_counter() - start) * 1000)
        used.append((time.process_time() - cpu) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}: {answer.text[:500]}")
    return median(took[1:]), median(used[1:])


def shortened(address: str) -> str:
    return re.sub("[0-9a-f-]{36}", "…", address)


async def measure_lists(ground: Ground, report: Report, applications: int) -> None:
    """Every list by all it may be asked by, at two sizes; only what grows is told one by one."""
    for backend in BACKENDS:
        for service, load in LOADS:
            sizes = []
            for size in (applications // SMALLER, applications):
                with loaded(ground, backend, service, load, size) as (runtime, _):
                    async with browser_of(runtime) as browser:
                        sizes.append(await _visit_lists(browser, service.name))
            _tell(report, f"{service.name}, {backend}", *sizes)


async def _visit_lists(browser: httpx.AsyncClient, service: str) -> dict[str, float]:
    took = {}
    for address in LISTS[service]:
        for asked in await asked_of(browser, address, WORDS[service]):
            took[shortened(asked)], _ = await visit(browser, asked)
    return took


def _tell(report: Report, what: str, small: dict[str, float], large: dict[str, float]) -> None:
    both = sorted(small.keys() & large.keys(), key=lambda one: -large[one])
    report.tell(f"{what}: the lists", [large[one] for one in both], "ms", SLOW)
    for one in both:
        if large[one] > (SLOW.most or 0):
            report.tell(f"{what}: {one}", [large[one]], "ms", SLOW)
            report.ratio("to ten times fewer", [large[one]], [small[one]], FLAT)
