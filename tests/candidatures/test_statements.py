"""How much each page asks of the database: as much for few applications as for many."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from candidatures import commands
from candidatures.rights import RIGHTS
from essaim.ids import stable_id
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import Decision, WithdrawalReason
from fastapi.testclient import TestClient

from tests.candidatures.premices import prepare

As = Callable[..., dict[str, str]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PLACES = {"slug": "premices-2020", "edition_id": str(stable_id("premices", "edition", "1"))}
OF_A_PROGRAMME = ("/programmes/{slug}", "/setup/{slug}")


def pages() -> list[str]:
    """The addresses of all pages that somebody reads with no more than a call or an edition."""
    found = []
    for route in RIGHTS:
        method, _, path = route.partition(" ")
        places = PLACES | {"slug": "premices"} if path.startswith(OF_A_PROGRAMME) else PLACES
        bare = path
        for name, value in places.items():
            bare = bare.replace(f"{{{name}}}", value)
        if method == "GET" and "{" not in bare:
            found.append(f"/candidatures{bare}")
    return found


@pytest.mark.parametrize("who", ["alix", "basile"])
def test_no_page_asks_more_for_four_applications_than_for_two(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As, who: str
) -> None:
    asked: list[str] = []

    def note(*given: Any) -> None:
        asked.append(given[2])

    def count() -> dict[str, int]:
        counted = {}
        for path in pages():
            asked.clear()
            if browser.get(path, headers=as_(who)).status_code == 200:
                counted[path] = len(asked)
        return counted

    for id in four:
        browser.put(
            f"/candidatures/api/applications/{id}/scores",
            json={"points": {"ess": 1, "maturity": 3, "autonomy": 3}},
            headers=as_("basile"),
        )
        prepare(premices, id, Decision.REFUSED)
    sa.event.listen(premices.database.engine, "before_cursor_execute", note)
    before = count()
    with premices.work() as work:
        for id in four[:2]:
            commands.application.withdraw(work, id, WithdrawalReason.BEARER_CHOICE)
    after = count()
    sa.event.remove(premices.database.engine, "before_cursor_execute", note)
    assert {path: (n, before.get(path)) for path, n in after.items() if n != before.get(path)} == {}
    assert len(after) > (30 if who == "alix" else 10)
