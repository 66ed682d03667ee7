"""What the four APIs describe is what they answer, whatever they are sent: Schemathesis asks.

The same requests each time; `make fuzz` asks many times more.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from essaim.people.directory import all_people
from essaim.person import Role
from essaim.running.embedded import Embedded
from essaim.service import installed_services
from essaim_demo.client import tokens_of
from essaim_demo.stage import Stage

SERVICES = tuple(sorted(installed_services()))
CONFIG = Path(__file__).with_name("schemathesis.toml")
ANSWERS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
# That all which follows the description is taken: most names what does not exist, or asks what
# cannot be now, and is refused as it should be.
UNKNOWABLE = "positive_data_acceptance"

Asking = Callable[..., None]


@pytest.fixture(scope="module")
def people(embedded: Embedded, played: Stage) -> dict[Role, UUID]:
    """Somebody of each role, at the end of the edition: what is asked may erase others."""
    with embedded.runtimes["candidatures"].read() as db:
        return {held.role: one.id for one in all_people(db) for held in one.roles}


@pytest.fixture
def ask(
    embedded: Embedded, people: dict[Role, UUID], tmp_path: Path, request: pytest.FixtureRequest
) -> Asking:
    """Asks a service everything its description has, as somebody who holds a role, or nobody."""
    token_for = tokens_of(embedded.runtimes["candidatures"])
    examples = request.config.getoption("--fuzz-examples")

    def asked(service: str, role: Role | None, *how: str) -> None:
        address = f"{embedded.address}/{service}"
        command = [
            str(Path(sys.executable).with_name("st")), "--config-file", str(CONFIG), "run",
            f"{address}/api/openapi.json", "--url", address, "--max-examples", str(examples),
            "--seed", "1", "--generation-deterministic", "--continue-on-failure", "--no-color",
            *how,
        ]  # fmt: skip
        if role is not None:
            token = token_for(service, people[role])
            command += ["--header", f"Authorization: Bearer {token}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-20_000:]

    return asked


@pytest.mark.parametrize(
    ("service", "role"),
    [
        ("candidatures", None),
        ("notifications", Role.COORDINATOR),
        ("reporting", Role.COMMITTEE_MEMBER),
        ("scheduling", Role.BEARER),
    ],
)
def test_an_api_answers_everybody_as_it_describes(
    ask: Asking, service: str, role: Role | None
) -> None:
    ask(service, role, "--phases", "fuzzing", "--checks", ANSWERS)


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_answers_an_operator_as_it_describes_and_takes_nothing_else(
    ask: Asking, service: str
) -> None:
    every = ("--checks", "all", "--exclude-checks", UNKNOWABLE)
    ask(service, Role.OPERATOR, "--phases", "coverage,fuzzing", *every)
