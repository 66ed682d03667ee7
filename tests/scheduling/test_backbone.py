"""Scheduling hears candidatures through a real NATS server and answers on it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from backbone import Consortium, End, load_raw, publish_raw, until
from essaim.hearing.retries import count_waiting
from essaim.hearing.router import FactRouter
from essaim.keeping.database import Database
from essaim.keeping.migration import migrate
from essaim.keeping.tables import outbox
from essaim.service import Service
from essaim_contracts.candidatures import CohortChange
from essaim_contracts.scheduling import HoursGranted
from scheduling.commands.track import import_track
from scheduling.handlers import facts

from tests.scheduling.promotion_2020 import (
    A_TRACK,
    Backbone,
    OpenWork,
    a_change,
    a_cohort,
    a_project,
)


@pytest.fixture
async def candidatures(
    consortium: Consortium, service: Service, tmp_path: Path
) -> AsyncIterator[End]:
    """Who says that a cohort was formed; it hears nothing here."""
    database = Database(f"sqlite:///{tmp_path / 'candidatures.db'}")
    migrate(database, service)
    end = End(consortium, "candidatures", database, FactRouter("candidatures"))
    await end.connect()
    yield end
    await end.halt()
    database.close()


@pytest.fixture
async def scheduling(consortium: Consortium, database: Database) -> AsyncIterator[End]:
    end = End(consortium, "scheduling", database, facts)
    await end.connect()
    end.start()
    yield end
    await end.halt()


def published(end: End) -> int:
    """How many grants of hours have left."""
    told = sa.select(outbox.c.subject).where(outbox.c.published_at.is_not(None))
    return len(end.rows(told.where(outbox.c.subject.contains("hours.granted"))))


async def test_a_cohort_told_of_twice_is_granted_its_hours_once(
    candidatures: End, scheduling: End, work: OpenWork, backbone: Backbone
) -> None:
    with work() as one:
        import_track(one, A_TRACK)

    candidatures.tell(a_cohort())
    row = load_raw(candidatures)
    candidatures.start(candidatures.relay.run)
    await until(lambda: published(scheduling) == 2)
    await publish_raw(candidatures.broker.connection, row.subject, row.headers, row.body)
    joining = a_project("La Brasserie")
    candidatures.tell(a_change(CohortChange.JOINED, joining))

    await until(lambda: published(scheduling) == 3)
    granted = backbone.said(HoursGranted)
    assert len({one.project_id for one in granted}) == 3
    assert granted[-1].project_id == joining.project_id


async def test_a_change_of_a_cohort_never_formed_waits_and_holds_nobody_back(
    candidatures: End, scheduling: End, work: OpenWork, database: Database
) -> None:
    with work() as one:
        import_track(one, A_TRACK)
    unknown = a_change(CohortChange.JOINED, a_project("La Brasserie")).model_copy(
        update={"cohort_id": a_project("ailleurs").project_id}
    )

    candidatures.tell(unknown, a_cohort())
    candidatures.start(candidatures.relay.run)

    await until(lambda: published(scheduling) == 2)
    with database.read() as db:
        assert count_waiting(db) == 1
