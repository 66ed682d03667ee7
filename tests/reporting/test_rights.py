"""Every route of reporting × every visitor."""

from collections.abc import Iterator

import matrix
import pytest
import signing
from essaim.ids import new_id
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.settings import Settings
from matrix import World
from reporting.main import projection
from reporting.main import service as reporting
from reporting.rights import RIGHTS

from tests.reporting.edition import a_small_edition
from tests.reporting.series import EDITION, named

PORTEUSE = "Aïssatou la porteuse"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Of its own: what is asked here is undone, by a runtime that keeps nothing any more."""
    folder = tmp_path_factory.mktemp("rights")
    settings = Settings(
        data=folder,
        database_url=f"sqlite:///{folder / 'reporting.db'}",
        public_url="https://premices.example",
        clock="simulated",
        **signing.SETTINGS,
    )
    runtime = Runtime(reporting, settings)
    runtime.migrate()
    bearer = Person(named("bearer", "pain"), PORTEUSE, roles=(RoleHeld(Role.BEARER, "premices"),))
    with runtime.database.write() as db:
        projection.write(db, a_small_edition().heard)
        save_person(db, bearer, share=False)
    yield World(
        runtime,
        RIGHTS,
        places={
            "edition_id": EDITION,
            "project_id": named("project", "pain"),
            "indicator": "applications.received",
            "kind": "xlsx",
            "token": new_id(),
        },
        bodies={"POST /clock": {"json": {"now": "2019-01-01T00:00:00Z"}}},
        names=(PORTEUSE,),
        near={Role.GODPARENT: named("organisation", "SICADAE")},
        people={Role.BEARER: bearer.id},
    )
    runtime.database.close()


def test_every_route_says_for_whom_it_is(world: World) -> None:
    assert matrix.undeclared(world.runtime, world.declared) == set()


def test_every_route_answers_those_it_says_and_nobody_else(world: World) -> None:
    found = matrix.disagreements(world)

    assert not found, "\n".join(found)
