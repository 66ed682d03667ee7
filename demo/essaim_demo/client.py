"""How the demo speaks to the services: JSON over HTTP, each person with a token of her own."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from essaim.ids import new_id
from essaim.people.sign_ins import make_token
from essaim.running.runtime import Runtime

PATIENCE = 120.0
"""Seconds, of real time, that the services have for what they do on their own."""
BUSY, PAUSE = 503, 0.5
"""What a service answers on a busy machine, and the seconds before it is asked again."""


TokenFor = Callable[[str, UUID], str]
"""`token_for("scheduling", person_id)` lets a program speak for her to that service."""


class RequestRefused(Exception):
    """A request that should have gone well did not: which one, and what was answered."""

    def __init__(self, request: httpx.Request, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        words = [f"{request.method} {request.url.path}: {status} {problem.get('detail', '')}"]
        words += [f"  {one['field']}: {one['message']}" for one in problem.get("errors", [])]
        super().__init__("\n".join(words).rstrip())


class NeverSo(Exception):
    """The services did not come to a state that the demo waits for."""


class Services:
    """The services behind one address. `voice` gives somebody to speak as.

    One instance serves several threads.
    """

    def __init__(self, address: str, names: tuple[str, ...], token_for: TokenFor) -> None:
        self.address = address
        self.names = names
        self._token_for = token_for
        self._http = httpx.Client(base_url=address, timeout=PATIENCE)

    def close(self) -> None:
        self._http.close()

    def voice(self, person_id: UUID, language: str) -> "Voice":
        """Somebody of the directory, with a token of her own."""
        speaks = {"Accept-Language": language}
        return Voice(self._http, speaks, lambda service: self._token_for(service, person_id))

    def applicant(self, draft_token: str, language: str) -> "Voice":
        """Somebody nobody knows yet, who holds the secret of a draft."""
        return Voice(self._http, {"X-Draft-Token": draft_token, "Accept-Language": language})

    def states(self) -> list[dict[str, Any]]:
        """What `/health/ready` says of each service."""
        states: list[dict[str, Any]] = self._http.get("/health/ready").json()["services"]
        return states

    def are_settled(self) -> bool:
        """Whether nothing is on its way: all that was told is published and handled."""
        return all(state["settled"] for state in self.states())

    def unsettled(self) -> str:
        """What is on its way, in words."""
        counted = ("unpublished", "pending", "waiting", "dead")
        return "; ".join(
            f"{state['service']}: " + ", ".join(f"{state[name]} {name}" for name in counted)
            for state in self.states()
        )


class Voice:
    """Somebody's requests. Each gives the JSON answered, None when there is none.

    `token` is hers for a service, where she has one.

    Raises:
        RequestRefused: the answer is an error.
    """

    def __init__(
        self,
        http: httpx.Client,
        headers: dict[str, str],
        token: Callable[[str], str] | None = None,
    ) -> None:
        self._http = http
        self._headers = headers
        self._token = token

    def get(self, path: str, **query: Any) -> Any:
        return self._answer("GET", path, params=query)

    def post(self, path: str, json: Any = None) -> Any:
        return self._answer("POST", path, json=json)

    def put(self, path: str, json: Any = None) -> Any:
        return self._answer("PUT", path, json=json)

    def post_yaml(self, path: str, text: bytes) -> Any:
        return self._answer("POST", path, content=text, type="application/yaml")

    def put_file(self, path: str, filename: str, content: bytes, media_type: str) -> Any:
        return self._answer("PUT", path, files={"file": (filename, content, media_type)})

    def _answer(self, method: str, path: str, *, type: str | None = None, **parts: Any) -> Any:
        # Asked again under the same key, nothing happens twice.
        headers = self._headers | {"Idempotency-Key": str(new_id())}
        headers |= {"Content-Type": type} if type else {}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token(path.split('/')[1])}"
        deadline = time.monotonic() + PATIENCE
        answer = self._http.request(method, path, headers=headers, **parts)
        while answer.status_code == BUSY and time.monotonic() < deadline:
            time.sleep(PAUSE)
            answer = self._http.request(method, path, headers=headers, **parts)
        if answer.is_error:
            raise RequestRefused(answer.request, answer.status_code, _problem(answer))
        return answer.json() if answer.content else None


def wait_until(
    condition: Callable[[], bool], words: Callable[[], str], patience: float = PATIENCE
) -> None:
    """Ask again and again, sparingly.

    Raises:
        NeverSo: it is still not so after `patience` seconds; says `words()`.
    """
    deadline = time.monotonic() + patience
    pause = 0.01
    while not condition():
        if time.monotonic() > deadline:
            raise NeverSo(f"After {patience:g} s: {words()}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": answer.text[:500]}


def tokens_of(keeper: Runtime) -> TokenFor:
    """One for each person and service, for a day; made where the people directory is kept."""

    @cache
    def token_for(service: str, person_id: UUID) -> str:
        key = keeper.settings.sign_in_key.get_secret_value()
        with keeper.work() as work:
            return make_token(work.db, key, person_id, service, 1, "demo")

    return token_for
