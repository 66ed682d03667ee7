"""What an integrator finds on the hub: every fact explained in both languages, and packages."""

import re
import sys
from pathlib import Path

import pytest
from essaim.broker.sandbox import seed_of
from essaim.running.runtime import Runtime
from essaim.web.app import build_app
from essaim.web.integrators import packages
from essaim_contracts import all_facts
from essaim_contracts.examples import PROGRAMS, SCHEMAS, golden_examples
from fastapi.testclient import TestClient

from tests.contracts.node import NODE, NPM, run

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGE = "/integrators/"
HOURS = "essaim.scheduling.hours.used.v1"


def _text(page: str) -> str:
    """What is read on it, spaces as one, as a reader sees them."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_lists_every_fact_with_its_type_and_leads_to_its_sheet(
    browser: TestClient,
) -> None:
    page = browser.get(PAGE, headers={"Accept-Language": "en"}).text

    for fact in all_facts():
        assert f'href="/integrators/facts/{fact.type}"' in page
        assert browser.get(f"/integrators/facts/{fact.type}").status_code == 200
    assert "A project received a public distinction" in page


@pytest.mark.parametrize(
    ("asked", "types"),
    [
        ("minutes_over", ["essaim.scheduling.hours.used.v1"]),
        ("SEQUENCE iCalendar", ["cancelled.v1", "moved.v1", "planned.v1"]),
        ("trophee remis", ["trophy.awarded.v1"]),
        ("call.closed", ["essaim.candidatures.call.closed.v1"]),
    ],
)
def test_facts_are_found_by_a_field_a_meaning_or_a_name_in_either_language(
    browser: TestClient, asked: str, types: list[str]
) -> None:
    page = browser.get(PAGE, params={"q": asked}).text

    found = re.findall(r"/integrators/facts/([\w.]+)", page)
    assert 0 < len(found) < 6
    assert all(any(type in one for one in found) for type in types)


def test_who_finds_nothing_is_told_so(browser: TestClient) -> None:
    page = browser.get(PAGE, params={"q": "licorne"}).text

    assert "Aucun fait ne contient ces mots." in page
    assert "/integrators/facts/" not in page


def test_a_sheet_says_the_meaning_unit_and_bounds_of_every_field(browser: TestClient) -> None:
    page = _text(browser.get(f"/integrators/facts/{HOURS}", headers={"Accept-Language": "fr"}).text)

    assert "minutes_over Le temps au-delà du forfait, en minutes entières, que override_by" in page
    assert "nombre entier, en minutes, au moins 0 alors 0 0.1.0" in page
    assert "package_id Le forfait d’heures d’un projet. C’est la clé." in page
    assert "essaim.*.scheduling.hours.used.v1.*" in page
    assert "mentoring Mentorat" in page


def test_in_english_the_same_sheet_is_in_english(browser: TestClient) -> None:
    page = browser.get(f"/integrators/facts/{HOURS}", headers={"Accept-Language": "en"}).text

    assert "Time beyond the package, in whole minutes" in page
    assert "whole number, in minutes, at least 0" in _text(page)
    assert "Clé" not in page


def test_the_files_are_those_of_the_contracts_and_open_to_any_tool(browser: TestClient) -> None:
    example = next(it for it in golden_examples() if it.type == HOURS)
    for path, file in {
        "asyncapi.json": SCHEMAS / "asyncapi.json",
        f"schemas/{HOURS}.json": SCHEMAS / f"{HOURS}.json",
        f"examples/{HOURS}/{example.path.name}": example.path,
        "programs/reader.mts": PROGRAMS / "reader.mts",
    }.items():
        answer = browser.get(f"{PAGE}{path}")
        assert answer.content == file.read_bytes()
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "facts/essaim.candidatures.nothing.happened.v1",
        "schemas/asyncapi.json",
        "schemas/..%2Fasyncapi.json",
        "examples/essaim.scheduling.hours.used.v1/nothing.json",
        "examples/nothing/0.1.0-full.json",
        "programs/..%2Ffact.py",
        "packages/essaim_contracts-9.9.9-py3-none-any.whl",
    ],
)
def test_what_is_not_of_the_contracts_is_not_there(browser: TestClient, path: str) -> None:
    assert browser.get(f"{PAGE}{path}").status_code == 404


def test_the_commands_of_the_page_name_this_hub_and_the_packages_it_serves(
    browser: TestClient,
) -> None:
    page = browser.get(PAGE).text

    for name in (packages.WHEEL, packages.TARBALL):
        assert f"https://premices.example/integrators/packages/{name}" in page
        assert browser.get(f"/integrators/packages/{name}").status_code == 200


def test_the_packages_served_install_with_pip_and_npm(browser: TestClient, tmp_path: Path) -> None:
    for name in (packages.WHEEL, packages.TARBALL):
        (tmp_path / name).write_bytes(browser.get(f"/integrators/packages/{name}").content)
    here = [sys.executable, "-m"]
    run(*here, "venv", "--without-pip", "--system-site-packages", "python", cwd=tmp_path)
    install = ["uv", "pip", "install", "-q", "--offline", "--no-deps", "--python", "python"]
    run(*here, *install, packages.WHEEL, cwd=tmp_path)
    run(NPM, "install", "--offline", "--no-audit", packages.TARBALL, cwd=tmp_path)

    (installed,) = tmp_path.glob("python/lib/python3*/site-packages/essaim_contracts")
    ours = SCHEMAS.parent
    files = {it.relative_to(ours) for it in ours.rglob("*.*") if it.suffix in (".py", ".json")}
    assert {it.relative_to(installed) for it in installed.rglob("*.*")} >= files
    uses = 'import { readFact } from "@essaim/contracts"; console.log(typeof readFact);'
    assert run(NODE, "--input-type=module", "-e", uses, cwd=tmp_path) == "function\n"


def test_without_a_sandbox_the_page_offers_none(browser: TestClient) -> None:
    assert "essai.seed" not in browser.get(PAGE).text
    assert browser.get("/integrators/live").status_code == 404


def test_with_a_sandbox_the_page_gives_a_public_key_and_says_when_it_is_silent(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "nats://127.0.0.1:1"
    settings = runtime.settings.model_copy(update={"sandbox_url": nowhere})
    monkeypatch.setattr(runtime, "settings", settings)
    browser = TestClient(build_app([runtime]), base_url="https://premices.example")

    page = browser.get(PAGE).text
    silent = browser.get("/integrators/live").text

    user = re.search(r"ESSAIM_NATS_USER=(essai-\d\d)", page)
    assert user
    assert f"printf %s {seed_of(user[1])} >essai.seed" in page
    assert f"ESSAIM_NATS_URL={nowhere}" in page
    assert "Le serveur d’essai ne répond pas." in silent
