"""A service that a partner took over: where it ran, links lead to where it runs now."""

from dataclasses import replace

import pytest
from backbone import INSTALLED
from essaim.broker.users import new_seed, public_key_of
from essaim.cli.services import now_elsewhere
from essaim.consortium.partners import Consortium
from essaim.running.runtime import Runtime
from essaim.settings import Settings
from essaim.web.app import build_app
from essaim.web.elsewhere import build_signpost
from fastapi.testclient import TestClient
from pydantic import SecretStr

HUB, AILE = "https://hub.example.org", "https://aile.example.org"


def handed_over(key: str) -> Consortium:
    partners = tuple(
        replace(one, pages=f"{AILE}/scheduling/", key=key) if one.service == "scheduling" else one
        for one in INSTALLED.partners
    )
    return replace(INSTALLED, partners=partners)


@pytest.mark.parametrize(
    ("public_url", "has_its_key", "is_elsewhere"),
    [
        (HUB, False, True),
        (HUB, True, False),
        # It got another key, and reads it before its file says so.
        (AILE, False, False),
    ],
)
def test_it_is_known_by_its_key_and_its_address(
    public_url: str, has_its_key: bool, is_elsewhere: bool
) -> None:
    ours = new_seed()
    settings = Settings(nats_seed=SecretStr(ours), public_url=public_url)
    consortium = handed_over(public_key_of(ours if has_its_key else new_seed()))
    found = now_elsewhere("scheduling", settings, consortium)
    assert (found is not None) == is_elsewhere
    assert now_elsewhere("reporting", settings, consortium) is None


def test_where_several_run_together_its_old_links_lead_there_too(runtime: Runtime) -> None:
    consortium = handed_over("U")
    runtime.consortium = replace(
        consortium,
        partners=tuple(
            replace(one, pages="https://bilan.example.org/chiffres/")
            if one.service == "reporting"
            else one
            for one in consortium.partners
        ),
    )
    browser = TestClient(build_app([runtime]), follow_redirects=False)
    led = browser.get("/scheduling/sessions?q=caf%C3%A9")
    assert led.headers["location"] == f"{AILE}/scheduling/sessions?q=caf%C3%A9"
    # Whoever has pages of another kind there is named, and nothing is known of who is to be here.
    named = browser.get("/reporting/editions")
    assert named.status_code == 404
    assert "Ouvrez https://bilan.example.org/chiffres/" in named.text
    assert browser.get("/notifications/").status_code == 404


def test_old_links_lead_there_and_the_container_is_well() -> None:
    partner = handed_over("U").find("scheduling")
    assert partner is not None
    browser = TestClient(build_signpost(partner), follow_redirects=False)
    led = browser.get("/scheduling/sessions?week=2020-W41&q=caf%C3%A9")
    assert led.status_code == 307
    assert led.headers["location"] == f"{AILE}/scheduling/sessions?week=2020-W41&q=caf%C3%A9"
    assert browser.get("/scheduling/health/ready").status_code == 200
    assert browser.get("//evil.example").headers["location"].startswith(f"{AILE}/")
