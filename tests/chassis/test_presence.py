"""Each service knows when it heard the others last, and says who is away since when."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import ledger
import pytest
from backbone import INSTALLED, Consortium, until
from essaim.consortium.partners import Partner
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.running.presence import AWAY, Absence, Presence
from people import connected, running


@asynccontextmanager
async def present(
    consortium: Consortium, service: str, database: Database
) -> AsyncIterator[Presence]:
    async with connected(consortium, service) as broker:
        presence = Presence(database, broker, service, lambda: INSTALLED)
        async with running(presence.run()):
            yield presence


@pytest.fixture
def others(tmp_path: Path) -> Iterator[Database]:
    """Another service's database."""
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    migrate(database, ledger.service)
    yield database
    database.close()


def partner(service: str) -> Partner:
    found = INSTALLED.find(service)
    assert found is not None
    return found


async def test_who_is_heard_no_more_is_away_since_then_also_after_a_restart(
    consortium: Consortium, database: Database, others: Database
) -> None:
    async with present(consortium, "reporting", database) as reporting:
        async with present(consortium, "scheduling", others):
            await until(lambda: "scheduling" in reporting.heard)
        assert reporting.heard.keys() == {"scheduling"}
        heard_at = reporting.heard["scheduling"]
        later = heard_at + AWAY + timedelta(seconds=10)
        assert reporting.absences(heard_at) == []
        assert reporting.absences(later) == [Absence(partner("scheduling"), heard_at)]
        assert "heard scheduling" in reporting.words()
        await until(lambda: Presence(database, reporting._broker, "x", lambda: INSTALLED)._load())
    async with present(consortium, "reporting", database) as again:
        await until(lambda: again.heard and again._cut_since is None)
        began = again._whole_since
        assert again.absences(began + AWAY / 2) == [], "it just began to hear"
        (absence,) = again.absences(began + AWAY * 2)
        assert absence == Absence(partner("scheduling"), heard_at)


async def test_of_whom_it_needs_nothing_nothing_is_said(
    consortium: Consortium, database: Database
) -> None:
    async with present(consortium, "candidatures", database) as candidatures:
        await until(lambda: candidatures._listening)
        now = candidatures._whole_since
        candidatures.heard = dict.fromkeys(("reporting", "scheduling", "unknown"), now)
        away = candidatures.absences(now + 2 * AWAY)
        assert away == [Absence(partner("scheduling"), now)]
    revoked = replace(partner("scheduling"), revoked=now.date())
    left = replace(INSTALLED, partners=(partner("candidatures"), revoked))
    assert left.needed_by("candidatures") == ()


@pytest.mark.slow
async def test_who_is_cut_off_says_that_and_takes_nobody_for_away(
    consortium: Consortium, database: Database
) -> None:
    async with present(consortium, "reporting", database) as reporting:
        await until(lambda: not reporting.absences())
        reporting.heard["scheduling"] = reporting._whole_since - timedelta(days=1)
        consortium.server.kill()
        try:
            (absence,) = await until(reporting.absences)
            assert absence.partner is None
        finally:
            consortium.server.start()
        await until(lambda: not reporting.absences())


async def test_a_partner_says_that_it_is_there_in_its_own_name_alone(
    consortium: Consortium,
) -> None:
    async with connected(consortium, "scheduling") as broker:
        await broker.connection.publish("essaim.here.reporting", b"")
        (said,) = await until(lambda: list(broker.refused.values()))
        assert 'publish to "essaim.here.reporting"' in said
