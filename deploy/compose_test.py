"""Plays a small edition through Caddy, and kills every container once between two acts.

Run by compose-test.sh: `compose_test.py ADDRESS`, with the command of Compose in ESSAIM_COMPOSE.
Ends with 1 and says why when anything accepted is lost, done twice, or not recovered from.
"""

import os
import re
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

HERE = Path(__file__).parent
COMPOSE = shlex.split(os.environ.get("ESSAIM_COMPOSE", "docker compose"))
SERVICES = [
    partner["service"]
    for partner in yaml.safe_load((HERE / "consortium.yaml").read_text("utf-8"))["partners"]
]
PATIENCE = 45.0
"""Seconds to wait for a container to be well again, or for facts to arrive."""


class Failed(Exception):
    pass


def docker(*arguments: str) -> str:
    return run(["docker", *arguments])


def compose(*arguments: str, stdin: str | None = None, patience: float = 90) -> str:
    return run([*COMPOSE, *arguments], stdin, patience)


def run(command: list[str], stdin: str | None = None, patience: float = 90) -> str:
    done = subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=patience)
    if done.returncode:
        words = f"{done.stdout}{done.stderr}"
        raise Failed(f"{shlex.join(command[-6:])} ended with {done.returncode}:\n{words}")
    return done.stdout


def wait_for(what: str, look: Callable[[], Any]) -> Any:
    """What `look` gives once it is true; the last thing seen is said when that takes too long."""
    deadline = time.monotonic() + PATIENCE
    seen: object = None
    while time.monotonic() < deadline:
        try:
            seen = look()
            if seen:
                return seen
        except (httpx.TransportError, Failed) as error:
            seen = error
        time.sleep(0.2)
    raise Failed(f"Not within {PATIENCE:.0f} s: {what}. Last seen: {seen!r}")


@contextmanager
def said(words: str) -> Iterator[None]:
    print(f"{words:<58}", end="", flush=True)
    begin = time.monotonic()
    yield
    print(f"{time.monotonic() - begin:4.0f}s", flush=True)


class Consortium:
    """The deployment as an operator's program sees it: one address, its tokens, one clock."""

    def __init__(self, address: str) -> None:
        self.tokens: dict[str, str] = {}
        self.web = httpx.Client(base_url=address, timeout=30, auth=self._with_token)
        self.now = "2019-11-01T08:00:00+01:00"

    def wait_until_ready(self) -> None:
        for service in SERVICES:
            wait_for(f"{service} is ready", partial(self._is_ready, service))

    def _with_token(self, request: httpx.Request) -> httpx.Request:
        """Each service has a token of its own, which opens no other."""
        token = self.tokens.get(request.url.path.split("/")[1])
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    def sign_in(self) -> None:
        make = ("run", "--rm", "-T", "operator", "essaim", "token", "--for")
        self.tokens = {service: compose(*make, service).split()[-1] for service in SERVICES}
        for service in SERVICES:
            wait_for(f"{service} knows the operator", partial(self._set_clock, service))

    def go_to(self, instant: str) -> None:
        """Let time pass once nothing is on its way: what comes must not come after its day."""
        for service in SERVICES:
            wait_for(f"nothing is on its way in {service}", partial(self.is_settled, service))
        self.set_clocks(instant)

    def set_clocks(self, instant: str) -> None:
        """Set business time everywhere; a service that was killed has forgotten it."""
        self.now = instant
        for service in SERVICES:
            wait_for(f"{service} goes to {instant}", partial(self._set_clock, service))

    def _is_ready(self, service: str) -> bool:
        return self.web.get(f"/{service}/health/ready").status_code == 200

    def is_settled(self, service: str) -> bool:
        health = self.read(f"/{service}/health/ready")
        return bool(health["settled"] and not health["dead"])

    def _set_clock(self, service: str) -> bool:
        return self.web.post(f"/{service}/clock", json={"now": self.now}).status_code == 200

    def read(self, path: str) -> Any:
        answer = self.web.get(path)
        if answer.status_code != 200:
            raise Failed(f"GET {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    def act(self, method: str, path: str, **request: Any) -> Any:
        """Ask until there is an answer, always with one key: what was done is not done again."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **request.pop("headers", {})}

        def ask() -> httpx.Response | None:
            answer = self.web.request(method, path, headers=headers, **request)
            return None if answer.status_code in (502, 503, 504) else answer

        answer: httpx.Response = wait_for(f"{method} {path} is answered", ask)
        if answer.status_code >= 400:
            raise Failed(f"{method} {path}: {answer.status_code} {answer.text[:1000]}")
        return answer.json() if answer.content else None


class Edition:
    """The acts of a small edition, in order. Each leaves what the next one needs."""

    def __init__(self, consortium: Consortium) -> None:
        self.at = consortium
        self.applications: list[str] = []

    def open(self) -> None:
        yaml = {"Content-Type": "application/yaml"}
        track = (HERE.parent / "demo" / "tracks" / "premices.yaml").read_bytes()
        self.at.act("POST", "/scheduling/api/tracks", content=track, headers=yaml)
        programme = (HERE / "compose_test_programme.yaml").read_bytes()
        self.at.act("POST", "/candidatures/api/programmes", content=programme, headers=yaml)
        self.at.go_to("2019-11-05T09:00:00+01:00")

    def apply(self) -> None:
        """Ends with the receipt's number: from there on, the application must never be lost."""
        number = len(self.applications) + 1
        token = {"X-Draft-Token": uuid.uuid4().hex}
        calls = "/candidatures/api/calls"
        started = self.at.act("POST", f"{calls}/essai-2020/applications", headers=token)
        path = f"/candidatures/api/applications/{started['id']}"
        content = {
            "version": started["version"],
            "project_title": f"Projet d’essai {number}",
            "department": "38",
            "jobs_min": 2,
            "jobs_max": 3,
            "bearer_name": f"Porteuse {number}",
            "bearer_email": f"porteuse{number}@example.org",
            "applicant_kind": "person",
        }
        self.at.act("PUT", path, json=content, headers=token)
        receipt = self.at.act("POST", f"{path}/submit", headers=token)
        if not receipt["number"]:
            raise Failed(f"The application was sent without a receipt: {receipt}")
        self.applications.append(started["id"])

    def decide(self) -> None:
        self.at.go_to("2019-12-02T09:00:00+01:00")
        decisions = ["selected", "selected", "refused", "refused"]
        for application, decision in zip(self.applications, decisions, strict=True):
            path = f"/candidatures/api/applications/{application}/decision"
            self.at.act("PUT", path, json={"decision": decision})
        self.at.act("POST", "/candidatures/api/calls/essai-2020/decisions/apply")
        cohort = {"call": "essai-2020", "label": "Promotion d’essai", "starts_on": "2019-12-10"}
        formed = self.at.act("POST", "/candidatures/api/cohorts", json=cohort)
        self.cohort, self.edition = formed["id"], formed["edition_id"]
        self.projects = [project["project_id"] for project in formed["projects"]]

    def hold_a_session(self) -> None:
        wait_for("scheduling has the cohort and its track", self._is_cohort_followed)
        plan = {
            "cohort_id": self.cohort,
            "kind": "collective_day",
            "title": "Journée d’essai",
            "mode": "online",
            "starts_at": "2019-12-12T09:00:00+01:00",
            "ends_at": "2019-12-12T17:00:00+01:00",
        }
        session = self.at.act("POST", "/scheduling/api/sessions", json=plan)
        self.at.go_to("2019-12-12T17:30:00+01:00")
        path = f"/scheduling/api/sessions/{session['session_id']}/close"
        self.at.act("POST", path, json={"headcount": 5})

    def _is_cohort_followed(self) -> bool:
        cohorts = self.at.read("/scheduling/api/cohorts")["items"]
        return any(cohort["track_version"] for cohort in cohorts)

    def award_a_trophy(self) -> None:
        self.at.go_to("2020-01-17T18:00:00+01:00")
        trophy = {
            "project_id": self.projects[0],
            "title": "Trophée d’essai",
            "awarded_on": "2020-01-17",
            "prizes": ["or"],
        }
        self.at.act("POST", "/candidatures/api/trophies", json=trophy)

    def send_what_is_held(self) -> None:
        """The committee's answers wait in the outbox for who coordinates, welcomes for them."""
        for held in self.at.read("/notifications/api/outbox")["items"]:
            chosen = {"programme": held["programme"], "occasion": held["occasion"]}
            self.at.act("POST", "/notifications/api/outbox/release", json=chosen)

    def figures(self) -> dict[str, Any]:
        """What reporting counts, as far as this edition knows what it must be."""
        found = self.at.read(f"/reporting/api/editions/{self.edition}/summary")
        return {
            "received": found["applications"]["received"],
            "selected": found["applications"]["selected"],
            "refused": found["applications"]["not_selected"]["refused"],
            "projects": found["cohort"]["projects"],
            "sessions": found["sessions"]["held"],
            "prizes": found["trophies"]["prizes_value_eur"],
            "messages": found["messages"]["sent"],
        }


def play(consortium: Consortium) -> Edition:
    """The edition. Each act is followed at once by the death of a container."""
    edition = Edition(consortium)
    acts: list[tuple[str, Callable[[], None], str]] = [
        ("The call opens", edition.open, "caddy"),
        ("A first application", edition.apply, "candidatures"),
        ("A second application", edition.apply, "nats"),
        ("A fourth application (the third came without NATS)", edition.apply, "notifications"),
        ("The committee decides, a cohort is formed", edition.decide, "scheduling"),
        ("A session is held", edition.hold_a_session, "postgres"),
        ("A trophy is awarded", edition.award_a_trophy, "reporting"),
    ]
    meanwhile: dict[str, Callable[[], None]] = {
        "nats": edition.apply,
        "postgres": partial(check_refused, consortium),
    }
    for service in SERVICES:
        meanwhile[service] = partial(check_the_others_go_on, consortium, service)
    for words, act, victim in acts:
        with said(words):
            act()
        with said(f"  {victim} is killed, and comes back"):
            container = compose("ps", "-q", victim).strip()
            docker("kill", "--signal", "KILL", container)
            meanwhile.get(victim, lambda: None)()
            docker("start", container)
            consortium.wait_until_ready()
            consortium.set_clocks(consortium.now)
    return edition


def check_refused(consortium: Consortium) -> None:
    """Without its database a service says that nothing is saved, and does not hang."""
    answer = consortium.web.post("/candidatures/api/calls/essai-2020/applications")
    if answer.status_code != 503:
        raise Failed(f"Without PostgreSQL an application begins: {answer.status_code}")


def check_the_others_go_on(consortium: Consortium, dead: str) -> None:
    page = consortium.web.get(f"/{dead}/")
    if page.status_code != 503 or not all(
        words in page.text for words in ("momentanément indisponible", "temporarily unavailable")
    ):
        raise Failed(f"Without {dead}, its page answers {page.status_code}: {page.text[:300]}")
    for service in set(SERVICES) - {dead}:
        consortium.read(f"/{service}/health/live")


def check_figures(edition: Edition) -> None:
    wanted = {
        "received": 4,
        "selected": 2,
        "refused": 2,
        "projects": 2,
        "sessions": {"collective_day": 1},
        "prizes": 2000,
        # 4 receipts, 4 decisions, 2 welcomes, 2 convocations and a trophy: none twice.
        "messages": 13,
    }
    found: dict[str, Any] = {}

    def look() -> bool:
        edition.send_what_is_held()
        found.update(edition.figures())
        return found == wanted

    try:
        wait_for("reporting counts what was played", look)
    except Failed as error:
        raise Failed(f"Reporting counts {found} instead of {wanted}.") from error
    for service in SERVICES:
        wait_for(f"all is handled in {service}", partial(edition.at.is_settled, service))


def check_pages(consortium: Consortium) -> None:
    """One sign-in, by a link read in the local mailbox, opens the pages of the four services."""
    going = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    address = consortium.web.base_url
    with httpx.Client(base_url=address, headers=going, follow_redirects=True) as visitor:
        form = found_in(r'name="csrf_token" value="([^"]+)"', visitor.get("/candidatures/sign-in"))
        asked = {"csrf_token": form, "email": "ada@example.org"}
        found_in("<h1", visitor.post("/candidatures/sign-in", data=asked))
        links = {"template": "sign-in-link"}
        letters = r"/notifications/mailbox/[0-9a-f-]{36}"
        letter = wait_for(
            "the letter with the link is in the mailbox",
            lambda: found_in(letters, visitor.get("/notifications/mailbox", params=links)),
        )
        link = found_in(r"/candidatures/sign-in/[\w-]{30,}", visitor.get(letter))
        form = found_in(r'name="csrf_token" value="([^"]+)"', visitor.get(link))
        visitor.post(link, data={"csrf_token": form})
        for service in SERVICES:
            found_in("Ada Essai", visitor.get(f"/{service}/"))


def found_in(pattern: str, page: httpx.Response) -> str:
    found = re.search(pattern, page.text)
    if page.status_code != 200 or found is None:
        words = f"{page.status_code}, without {pattern!r}: {page.text[:2000]}"
        raise Failed(f"The page {page.url.path} answers {words}")
    return found[found.re.groups]


def operator(*command: str) -> None:
    compose("run", "--rm", "-T", "operator", "essaim", *command)


def check_rights() -> None:
    script = (HERE / "compose_test_rights.py").read_text()
    compose("exec", "-T", "scheduling", "start-essaim", "python", "-", stdin=script)


def check_logs() -> None:
    files = ("/run/essaim/settings.env", "/run/essaim/nats.seed")
    held = compose("run", "--rm", "-T", "operator", "cat", *files)
    secrets = re.findall(r"(SU\w{56})|SIGN_IN_KEY=(\S+)|//\w+:([^@]+)@", held)
    logs = compose("logs", "--no-color")
    if len(secrets) < 6 or any(secret in logs for found in secrets for secret in found if secret):
        raise Failed("A secret of the operator's settings stands in the logs.")


def main() -> None:
    consortium = Consortium(sys.argv[1])
    with said("All services are ready"):
        consortium.wait_until_ready()
        consortium.sign_in()
    edition = play(consortium)
    with said("Reporting counts what was played, nothing is on its way"):
        check_figures(edition)
    with said("A link from the mailbox opens the pages of all four"):
        check_pages(consortium)
    with said("essaim stream verify"):
        operator("stream", "verify")
    with said("essaim rebuild reporting --compare"):
        operator("rebuild", "reporting", "--compare")
    with said("essaim doctor"):
        operator("doctor")
    with said("A service may only do what is its own"):
        check_rights()
    with said("No secret stands in the logs"):
        check_logs()


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        print(f" failed\n{error}")
        sys.exit(1)
