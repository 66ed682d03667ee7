"""How tests sign somebody in: what the keeper of the directory would have signed, and a cookie."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from essaim.people import browsers, signing
from essaim.people.browsers import SignedIn
from essaim.people.signing import Kind, Proof
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient
from pydantic import SecretStr

KEY = signing.new_key()
"""The keeper's, of this run."""
SECRET = "a text that proves the forms of these tests, and nothing else"
SETTINGS: dict[str, Any] = {"secret": SecretStr(SECRET), "sign_in_key": SecretStr(KEY)}
"""What every `Settings(…)` of a test takes to serve pages, also as the keeper."""


def token(service: str, person_id: UUID, days: float = 1) -> str:
    """What lets a program speak for this person to one service."""
    ends = datetime.now(UTC) + timedelta(days=days)
    proof = Proof(Kind.BEARER, uuid4().hex, service, person_id, uuid4(), ends)
    return signing.sign(KEY, proof, ends)


def bearer(service: str, person_id: UUID) -> dict[str, str]:
    """The header of a program that speaks for her."""
    return {"Authorization": f"Bearer {token(service, person_id)}"}


def sign_in(browser: TestClient, person_id: UUID, runtime: Runtime | None = None) -> SignedIn:
    """Have this browser known to a service, the first by default, as if it came with a ticket."""
    runtime = runtime or cast(Any, browser.app).state.runtime
    assert isinstance(runtime, Runtime)
    who = SignedIn(person_id, uuid4(), datetime.now(UTC) + timedelta(hours=12))
    with runtime.work() as work:
        secret = browsers.welcome(work.db, who, uuid4().hex)
    assert secret is not None
    name = "essaim_sign_in"
    if runtime.settings.public_url.startswith("https:"):
        name = f"__Secure-{name}"
    host = str(browser.base_url.host)
    domain = host if "." in host else f"{host}.local"
    browser.cookies.set(name, secret, domain=domain, path=f"/{runtime.service.name}")
    return who
