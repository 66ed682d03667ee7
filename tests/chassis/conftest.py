"""Two ends of the backbone: `teller` says facts as scheduling, `hearer` counts as candidatures."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import ledger
import pytest
from backbone import Consortium, End
from essaim.hearing.router import FactRouter
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.service import Service


@pytest.fixture
def service() -> Service:
    return ledger.service


@pytest.fixture(autouse=True)
def _unmended() -> Iterator[None]:
    """The ledger's handler is as its author left it, at the start of every test."""
    ledger.mended.clear()
    yield
    ledger.mended.clear()


@pytest.fixture
async def teller(consortium: Consortium, tmp_path: Path) -> AsyncIterator[End]:
    """Scheduling, on SQLite, connected; start what you need of it."""
    database = Database(f"sqlite:///{tmp_path / 'teller.db'}")
    migrate(database, ledger.service)
    end = End(consortium, "scheduling", database, FactRouter("scheduling"))
    await end.connect()
    yield end
    await end.halt()
    database.close()


@pytest.fixture
async def hearer(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    """Candidatures with the ledger's handlers, on SQLite and on PostgreSQL, connected."""
    end = End(consortium, "candidatures", database, ledger.facts)
    await end.connect()
    yield end
    await end.halt()
