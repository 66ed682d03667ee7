"""The compose file that a partner is given: what Compose takes, and bound as ours is."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from backbone import INSTALLED
from essaim.broker.users import new_seed, public_key_of
from essaim.operating.handover import Hub, files_of, write_folder
from essaim.operating.joining import Joined

HUB = Hub(
    "tls://broker.example.org:4222", "-----BEGIN CERTIFICATE-----", "https://hub.org", "key",
    frozenset(INSTALLED.services),
)  # fmt: skip


CADDY = Path(sys.executable).with_name("caddy")
PAGES = {
    "host": "https://aile.example.org/scheduling/",
    "port": "https://aile.example.org:8443/scheduling/",
    "proxy": "http://aile.example.org/scheduling/",
    "common host": "/scheduling/",
    "none": None,
}


@pytest.fixture(params=PAGES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return given(tmp_path, "scheduling", PAGES[request.param])


def given(tmp_path: Path, service: str, pages: str | None) -> Path:
    """The folder of a service of ours, or of one that its partner wrote."""
    seed = new_seed()
    partner = INSTALLED.find("scheduling")
    assert partner is not None
    who = replace(partner, service=service, key=public_key_of(seed), pages=pages)
    others = tuple(who if one.service == "scheduling" else one for one in INSTALLED.partners)
    joined = Joined(who, seed, replace(INSTALLED, partners=others))
    write_folder(tmp_path / service, files_of(joined, HUB))
    # The source, as the guide has it put there.
    for source in ("essaim", "source"):
        (tmp_path / service / source).mkdir()
    return tmp_path / service


def compose_of(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((folder / "docker-compose.yml").read_text())
    return read


@pytest.mark.parametrize(
    ("service", "pages"), [("scheduling", "https://aile.example.org/"), ("billing", None)]
)
def test_compose_takes_the_file(service: str, pages: str | None, tmp_path: Path) -> None:
    """Where there is a Compose; what it would find in its schema is looked at below everywhere."""
    folder = given(tmp_path, service, pages)
    for command in (["docker-compose"], ["docker", "compose"]):
        if (
            shutil.which(command[0]) is None
            or subprocess.run([*command, "version"], capture_output=True, check=False).returncode
        ):
            continue
        done = subprocess.run(
            [*command, "config", "-q"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_whatever_a_container_names_is_there(folder: Path) -> None:
    compose = compose_of(folder)
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        assert set(service.get("networks", ())) <= set(compose["networks"])
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (folder / source).is_file()
            else:
                assert source in compose["volumes"]


def test_containers_are_bound_as_ours_are(folder: Path) -> None:
    services = compose_of(folder)["services"]
    assert all(one["logging"]["options"]["max-size"] == "10m" for one in services.values())
    assert services["scheduling"]["read_only"] is True
    assert services["scheduling"]["cap_drop"] == ["ALL"]
    assert not any("PASSWORD" in name for name in services["postgres"]["environment"])


@pytest.mark.parametrize(
    ("pages", "at", "tls"),
    [
        ("host", 8080, ["80:80", "443:443", "443:443/udp"]),
        ("port", 8080, ["80:80", "8443:8443", "8443:8443/udp"]),
        ("proxy", 8080, None),
        ("common host", 8080, None),
    ],
)
def test_its_pages_are_found_on_its_machine_and_by_tls_where_its_address_has_it(
    pages: str, at: int, tls: list[str] | None, tmp_path: Path
) -> None:
    folder = given(tmp_path, "scheduling", PAGES[pages])
    ports = compose_of(folder)["services"]["caddy"]["ports"]
    assert ports == [f"${{ESSAIM_BIND:-127.0.0.1}}:${{ESSAIM_PORT:-{at}}}:8080"]
    override = folder / "docker-compose.override.yml"
    found = yaml.safe_load(override.read_text())["services"]["caddy"] if override.exists() else {}
    assert found.get("ports") == tls
    for guide in ("README.md", "LISEZMOI.md"):
        assert (override.name in (folder / guide).read_text()) == (tls is not None)


def test_a_service_of_its_partners_own_is_built_from_its_own_source(tmp_path: Path) -> None:
    folder = given(tmp_path, "billing", "https://aile.example.org/billing/")
    service = compose_of(folder)["services"]["billing"]
    assert service["build"]["context"] == "${SOURCE:-./source}"
    assert service["env_file"] == "settings.env"
    assert "ESSAIM_NATS_USER=billing\n" in (folder / "settings.env").read_text()
    for guide in ("README.md", "LISEZMOI.md"):
        text = (folder / guide).read_text()
        assert "essaim conform billing" in text
        assert "ESSAIM_SOURCE" not in text


@pytest.mark.parametrize("pages", ["host", "proxy"])
def test_caddy_takes_its_file(pages: str, tmp_path: Path) -> None:
    folder = given(tmp_path, "scheduling", PAGES[pages])
    done = subprocess.run(
        [CADDY, "adapt", "--config", folder / "Caddyfile", "--validate"],
        capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert '"dial":"scheduling:8000"' in done.stdout


def test_what_is_prepared_belongs_to_its_reader_and_stays(tmp_path: Path) -> None:
    """The script itself, in folders that stand for the volumes."""
    folder = given(tmp_path, "billing", None)
    script = (folder / "prepare.sh").read_text()
    for place in ("secrets", "postgres", "given", "data"):
        (tmp_path / place).mkdir()
        script = re.sub(rf"(?<![\w/])/{place}\b", f"{tmp_path}/{place}", script)
    for file in folder.glob("*.*"):
        (tmp_path / "given" / file.name).write_bytes(file.read_bytes())
    # Only root gives files away.
    script = script.replace("chown", ": chown")

    found = []
    for _ in range(2):
        subprocess.run(["sh", "-c", script], check=True)
        found.append((tmp_path / "secrets" / "database-url").read_text())

    assert found[0] == found[1]
    password = (tmp_path / "postgres" / "password").read_text().strip()
    assert found[0] == f"postgresql://billing:{password}@postgres:5432/billing\n"
    assert len(password) == 64
    seed = (folder / "billing.seed").read_text()
    assert (tmp_path / "secrets" / "nats.seed").read_text() == seed
