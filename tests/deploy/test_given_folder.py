"""The compose file that a partner is given: what Compose takes, and bound as ours is."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from backbone import INSTALLED
from essaim.broker.users import new_seed, public_key_of
from essaim.operating.handover import Hub, files_of, write_folder
from essaim.operating.joining import Joined

HUB = Hub("tls://broker.example.org:4222", "-----BEGIN CERTIFICATE-----", "https://hub.org", "key")


@pytest.fixture(params=["https://aile.example.org/scheduling/", None], ids=["host", "no host"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    seed = new_seed()
    partner = INSTALLED.find("scheduling")
    assert partner is not None
    who = replace(partner, key=public_key_of(seed), pages=request.param)
    others = tuple(who if one.service == "scheduling" else one for one in INSTALLED.partners)
    joined = Joined(who, seed, replace(INSTALLED, partners=others))
    write_folder(tmp_path / "scheduling", files_of(joined, HUB))
    # Essaim's source, as the guide has it put there.
    (tmp_path / "scheduling" / "essaim").mkdir()
    return tmp_path / "scheduling"


def compose_of(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((folder / "docker-compose.yml").read_text())
    return read


def test_compose_takes_the_file(folder: Path) -> None:
    """Where there is a Compose; what it would find in its schema is looked at below everywhere."""
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
