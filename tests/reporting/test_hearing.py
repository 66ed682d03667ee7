"""Facts told by three partners over a real broker become the figures of the edition."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from backbone import Consortium, End, until
from essaim.hearing.router import FactRouter
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.operating.rebuild import rebuild
from essaim.telling.outbox import load_unpublished
from essaim_contracts import Fact
from reporting.figures import Figures, figures_of
from reporting.main import projection, service
from reporting.scope import Scope
from reporting.store.timeline import timeline

from tests.reporting.edition import a_small_edition
from tests.reporting.series import EDITION, PROGRAMME, read_model

SCOPE = Scope(EDITION, PROGRAMME)


@pytest.fixture
async def reporting(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    """Reporting, connected and listening."""
    end = End(consortium, "reporting", database, projection)
    await end.connect()
    end.start(end.inbox.run)
    yield end
    await end.halt()


async def tell(consortium: Consortium, folder: Path, owner: str, facts: list[Fact]) -> None:
    """Tell facts as the partner who owns them, and wait until the stream has them."""
    database = Database(f"sqlite:///{folder / owner}.db")
    migrate(database, service)
    end = End(consortium, owner, database, FactRouter(owner))
    await end.connect()
    end.start(end.relay.run)
    end.tell(*facts)
    await until(lambda: not load_unpublished(database, 1))
    await end.halt()
    database.close()


def values(figures: Figures) -> dict[str, int]:
    return {code: figure.value for code, figure in figures.by_code.items()}


async def test_what_three_partners_say_is_counted_and_a_rebuild_is_equal(
    consortium: Consortium, reporting: End, tmp_path: Path
) -> None:
    series = a_small_edition()
    with read_model(series.heard) as model:
        expected = values(figures_of(model, SCOPE))

    for owner in ("candidatures", "scheduling", "notifications"):
        own = [one.fact for one in series.heard if one.envelope.owner == owner]
        await tell(consortium, tmp_path, owner, own)
    facts = len(series.heard)
    count = sa.select(sa.func.count()).select_from(timeline)
    await until(lambda: reporting.rows(count)[0][0] == facts)

    with reporting.database.read() as connection:
        assert values(figures_of(connection, SCOPE)) == expected
    rebuilt = await rebuild(
        reporting.database, reporting.broker, "reporting", projection, swap=True
    )
    assert (rebuilt.facts, rebuilt.equal) == (facts, True)
    with reporting.database.read() as connection:
        assert values(figures_of(connection, SCOPE)) == expected
