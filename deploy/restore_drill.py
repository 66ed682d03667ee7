"""The restore drill in containers: a consortium is saved, somebody is erased, every volume of it is
removed, and it comes back without her.

    make restore-drill

ESSAIM_COMPOSE is the command of Compose, where it is not `docker compose`. It works on one project
of its own, which it removes at the end. Ends with 1 and says why when anything is not as it was.
"""

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from compose_test import HERE, Failed, compose, said, wait_for

PROJECT = "essaim-drill"
PATIENCE = 600
"""Seconds for one command: it may start the databases first."""
PROGRAMME = HERE.parent / "demo" / "premices-2020" / "programme.yaml"


def main() -> None:
    with TemporaryDirectory(prefix="essaim-drill-") as room:
        backups = Path(room) / "backups"
        backups.mkdir()
        # The container's user writes there, who is nobody of this machine.
        backups.chmod(0o777)
        address = f"http://127.0.0.1:{_free_port()}"
        os.environ |= {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "ESSAIM_PORT": address.rsplit(":", 1)[1],
            "ESSAIM_BACKUP_FOLDER": str(backups),
        }
        try:
            drill(address)
        finally:
            compose("run", "--rm", "-T", "--no-deps", "backup", "sh", "-c", "rm -rf /backups/*")
            compose("down", "--volumes", "--remove-orphans")


def drill(address: str) -> None:
    with said("Make the key, and start"):
        secret = command("backup key", options=["--no-deps"])
        os.environ["ESSAIM_BACKUP_RECIPIENT"] = secret.split()[2]
        compose("up", "-d", patience=PATIENCE)
        mount = f"{PROGRAMME}:/programme.yaml:ro"
        command("programme import /programme.yaml", options=["-v", mount])
        wait_for("all is well", lambda: command("doctor"))
    with said("Save all, while it runs"):
        command("backup create", job="backup")
        before = people(address)
    gone = next(one for one in before if not {role["role"] for role in one["roles"]} & {"operator"})
    with said("Erase somebody, and note it"):
        for act in ("erase", "erase/confirm"):
            post(address, f"people/{gone['id']}/{act}")
        wait_for("she is away", lambda: gone["id"] not in {one["id"] for one in people(address)})
        command("backup erasures", job="backup")
    with said("Remove every volume, and take the file of the consortium"):
        compose("down", "--volumes", "--remove-orphans")
        written = command(
            "backup consortium --secret -", job="backup", options=["--no-deps"], stdin=secret
        )
        if "service: candidatures" not in written:
            raise Failed(f"this is no consortium file: {written[:300]}")
    with said("Put all back, and start"):
        command("backup restore --secret -", job="restore", stdin=secret)
        compose("down")
        compose("up", "-d", patience=PATIENCE)
        wait_for("all is well", lambda: command("doctor"))
    with said("Compare"):
        command("stream verify")
        command("rebuild reporting --compare")
        expected = {one["id"] for one in before} - {gone["id"]}
        found = {one["id"] for one in people(address)}
        if found != expected:
            raise Failed(f"not the same persons came back: {found ^ expected}")


def command(
    words: str, *, job: str = "operator", options: Sequence[str] = (), stdin: str | None = None
) -> str:
    """What an `essaim` command prints, run in a container of its own."""
    return compose(
        "run", "--rm", "-T", *options, job, "essaim", *words.split(), stdin=stdin, patience=PATIENCE
    )


def people(address: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{address}/candidatures/api/people", headers=_authority(), timeout=30)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def post(address: str, path: str) -> None:
    headers = _authority() | {"Idempotency-Key": str(uuid.uuid4())}
    answer = httpx.post(f"{address}/candidatures/api/{path}", headers=headers, timeout=30)
    answer.raise_for_status()


def _authority() -> dict[str, str]:
    token = command("token --for candidatures --label drill").split()[-1]
    return {"Authorization": f"Bearer {token}"}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


if __name__ == "__main__":
    try:
        main()
    except (Failed, httpx.HTTPError, subprocess.TimeoutExpired) as error:
        sys.exit(f"\n{error}")
