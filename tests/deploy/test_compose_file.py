"""What an operator may set, and what every container is held to: read from the compose files."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[2]
COMPOSE = HOUSE / "docker-compose.yml"
HTTPS = HOUSE / "deploy" / "compose.https.yml"
_READ = re.compile(r"\$\{(\w+)(?::?[-?]([^}]*))?\}")
_EXPLAINED = re.compile(r"^#(\w+)=(.*)$", re.MULTILINE)
_OF_COMPOSE_ITSELF = {"COMPOSE_FILE", "COMPOSE_PROFILES"}


def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


def explained() -> dict[str, str]:
    return dict(_EXPLAINED.findall((HOUSE / ".env.example").read_text(encoding="utf-8")))


def test_the_example_explains_every_setting_that_compose_reads_and_no_other() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (COMPOSE, HTTPS)]
    read = {name for text in texts for name, _ in _READ.findall(text)}
    for service in services().values():
        # Without a value: passed on as it is, where it is.
        read |= {name for name, value in service.get("environment", {}).items() if value is None}

    assert read == set(explained()) - _OF_COMPOSE_ITSELF


def test_the_example_shows_what_holds_where_nothing_is_set() -> None:
    """Where nothing holds then, it may show what one could write."""
    shown = explained()
    differ = {
        f"{name}: {shown[name]!r} in .env.example, {default!r} in docker-compose.yml"
        for name, default in _READ.findall(COMPOSE.read_text(encoding="utf-8"))
        # Of a proxy there is none; Caddy wants to be told of one.
        if default not in ("", shown[name]) and name != "ESSAIM_TRUSTED_PROXIES"
    }

    assert not differ


def test_the_example_can_be_read_by_compose_as_it_stands() -> None:
    lines = (HOUSE / ".env.example").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", sorted(services()))
def test_what_a_container_says_is_kept_within_bounds(name: str) -> None:
    options = services()[name]["logging"]["options"]

    assert options == {"max-size": "${ESSAIM_LOG_SIZE:-10m}", "max-file": "5"}


@pytest.mark.parametrize("name", sorted(set(services()) - {"secrets", "nats"}))
def test_a_container_writes_in_its_volumes_only(name: str) -> None:
    assert services()[name]["read_only"] is True


@pytest.mark.parametrize("name", sorted(services()))
def test_only_the_one_address_is_published_beyond_this_machine(name: str) -> None:
    beyond = [port for port in services()[name].get("ports", []) if "127.0.0.1" not in port]

    assert beyond == []


def test_images_are_labelled_with_the_version_they_hold() -> None:
    dockerfile = (HOUSE / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    project = tomllib.loads((HOUSE / "chassis" / "pyproject.toml").read_text(encoding="utf-8"))

    labelled = re.findall(r'image\.version="([^"]+)"', dockerfile)

    assert labelled == [project["project"]["version"]]
