"""Pages and forms of `essaim up` over sockets, one visitor at a time and eight at once."""

import http.client
import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import crowd
import httpx
from essaim.ids import new_id
from essaim.people import signing
from essaim.people.signing import Kind, Proof
from essaim.running.runtime import Runtime
from essaim.running.secrets import sign_in_key_of
from essaim.service import installed_services
from house import House, house
from report import Goal, Report

APPLICATIONS = 500
SECONDS = 6.0
ROUNDS = 3
EIGHT = 8
PAGES = {
    "list of applications": (
        "candidatures", "/calls/appel-2020/applications"),
    "its 250 rows": ("candidatures", "/calls/appel-2020/applications?sort=-mean&size=250"),
    "one application": ("candidatures", f"/applications/{crowd.named('application', 50)}"),
    "the call, of anybody": ("candidatures", "/calls/appel-2020"),
    "messages": ("notifications", "/"),
    "the edition": ("reporting", f"/editions/{crowd.EDITION}"),
}  # fmt: skip


def measure_served(report: Report) -> None:
    """500 applications on SQLite. The client takes its part of the same cores."""
    with tempfile.TemporaryDirectory(prefix="essaim-up-") as name:
        folder = Path(name)
        with house(folder, "up"):
            pass  # it makes its folder
        _load(folder)
        with house(folder, "up") as up:
            _visit_pages(report, up, sign_in_key_of(folder))
            _send_forms(report, up)


def _load(folder: Path) -> None:
    loads = {
        "candidatures": crowd.load_candidatures,
        "scheduling": crowd.load_scheduling,
        "notifications": crowd.load_notifications,
        "reporting": crowd.load_reporting,
    }
    for name, service in installed_services().items():
        runtime = Runtime(service, service.settings(data=folder))
        loads[name](runtime, APPLICATIONS)
        runtime.database.close()


# --- pages


def _visit_pages(report: Report, up: House, key: str) -> None:
    tokens = {service: _token(key, service) for service in installed_services()}
    for name, (service, address) in PAGES.items():
        ones, eights = [], []
        for _ in range(ROUNDS):
            visit = _visitor(up.port, f"/{service}{address}", tokens[service])
            ones.append(_rate(visit, 1))
            eights.append(_rate(visit, EIGHT))
        report.tell(f"{name}, one at a time", ones, "pages/s")
        report.tell(f"{name}, {EIGHT} at once", eights, "pages/s")
        report.ratio("eight to one", eights, ones, Goal(1.7))


def _token(key: str, service: str) -> str:
    ends = datetime.now(UTC) + timedelta(days=1)
    proof = Proof(Kind.BEARER, "measured", service, crowd.COORDINATOR.id, new_id(), ends)
    return signing.sign(key, proof, ends)


def _visitor(port: int, address: str, token: str) -> Callable[[float], int]:
    """Ask for a page again and again over one connection, until then; gives how often."""

    def visit(until: float) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "fr"}
        seen = 0
        while time.perf_counter() < until:
            connection.request("GET", address, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{address} answered {answer.status}: {body[:300]!r}")
            seen += 1
        connection.close()
        return seen

    return visit


def _rate(visit: Callable[[float], int], visitors: int) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(visitors) as pool:
        seen = sum(pool.map(visit, itertools.repeat(start + SECONDS, visitors)))
    return seen / (time.perf_counter() - start)


# --- applications, by the forms of a browser


def _send_forms(report: Report, up: House) -> None:
    """As many as one place may ask links for in an hour; each applicant is a new browser."""
    numbers = itertools.count()
    ones = _sent(up.port, numbers, 1, 16)
    eights = _sent(up.port, numbers, EIGHT, 40)
    report.tell("an application sent, one at a time", ones.seconds, "s")
    report.tell("an application sent, eight at once", eights.seconds, "s")
    report.tell("applications sent, one at a time", [ones.rate], "a second")
    report.tell("applications sent, eight at once", [eights.rate], "a second")
    report.ratio("eight to one", [eights.rate], [ones.rate], Goal(1.7))


class _Sent:
    def __init__(self, seconds: list[float], took: float) -> None:
        self.seconds = seconds
        self.rate = len(seconds) / took


def _sent(port: int, numbers: Iterator[int], at_once: int, count: int) -> _Sent:
    start = time.perf_counter()
    mine = list(itertools.islice(numbers, count))
    with ThreadPoolExecutor(at_once) as pool:
        seconds = list(pool.map(lambda number: _apply(port, number), mine))
    return _Sent(seconds, time.perf_counter() - start)


def _apply(port: int, number: int) -> float:
    """The form, its review, the button and the receipt; gives the seconds it took."""
    call = f"/candidatures/calls/{crowd.OPEN_CALL}"
    start = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as browser:
        form = _hidden(browser.get(f"{call}/apply"))
        review = browser.post(f"{call}/apply", data=form | _answers(number) | {"action": "review"})
        receipt = browser.post(f"{call}/apply/submit", data=_hidden(review))
    if receipt.status_code != 200 or "PREM-OPEN" not in receipt.text:
        raise RuntimeError(f"application {number} was not sent: {receipt.text[:2000]}")
    return time.perf_counter() - start


def _answers(number: int) -> dict[str, str]:
    questions = {
        f"answer-question-{nth}": "Une réponse de quelques lignes. " * 8 for nth in range(5)
    }
    return questions | {
        "project_title": f"Projet mesuré {number}", "sector": "culture", "department": "38",
        "jobs_min": "2", "jobs_max": "4", "bearer_name": f"Porteuse {number} (fictive)",
        "bearer_email": f"mesure-{number}@example.org", "bearer_phone": "",
        "applicant_kind": "person", "organisation": "", "heard_from": "newsletter",
    }  # fmt: skip


def _hidden(page: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)"[^>]*value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in found}
