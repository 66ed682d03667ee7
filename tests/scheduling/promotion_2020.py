"""What tests of scheduling know: a small cohort of Prémices, and what was heard and said."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from essaim.clock import SimulatedClock
from essaim.hearing.message import Heard
from essaim.ids import new_id, stable_id
from essaim.keeping.database import Database
from essaim.keeping.tables import outbox as outbox_table
from essaim.people.erasure import Forgetting
from essaim.person import Person
from essaim.telling import outbox
from essaim.work import Work
from essaim_contracts import Fact, fact_type
from essaim_contracts.candidatures import (
    CohortChange,
    CohortChanged,
    CohortFormed,
    CohortProject,
    Commitment,
    PartnerJoined,
)
from essaim_contracts.envelope import Envelope
from fastapi.testclient import TestClient
from scheduling.main import service

EDITION = stable_id("premices", "edition", "2020")
COHORT = stable_id("premices", "cohort", "2020")
TRACKS = Path(__file__).parents[2] / "demo" / "tracks"

A_TRACK = """\
format: essaim-track/1
code: premices
version: 1
name: Prémices.coop
sessions:
  - {kind: launch_day, title: Journée de lancement}
  - {kind: mentoring, title: Rendez-vous de mentorat, count: 3, minutes: 120, hours: mentoring}
hour_packages:
  - {kind: mentoring, hours: 6}
"""


F = TypeVar("F", bound=Fact)
OpenWork = Callable[..., AbstractContextManager[Work]]
Api = Callable[[Person | None], TestClient]
Somebody = Callable[..., Person]


class Backbone:
    """What scheduling hears and says, on its database, without a broker."""

    def __init__(self, database: Database, clock: SimulatedClock) -> None:
        self.database = database
        self.clock = clock

    def hear(self, *facts: Fact, programme: str = "premices") -> None:
        """Handle these facts, each in its own transaction, as the inbox does."""
        for fact in facts:
            envelope = Envelope(
                id=str(new_id()),
                type=fact.type,
                source=f"/{programme}/{fact.owner}",
                key=str(fact.key),
                time=self.clock.now(),
                correlation_id="a test",
            )
            with self.database.write() as db:
                work = Work(db, self.clock.now(), cause=envelope)
                hearing = Forgetting(service.hearing, service.erasure, keeps_directory=False)
                hearing.handle([Heard(fact, envelope, 1)], _always(work))
                outbox.save(db, work.told)

    def said(self, *classes: type[F]) -> list[F]:
        """The facts of these classes told so far, in order; of `Fact`, all of them."""
        query = sa.select(outbox_table.c.subject, outbox_table.c.body)
        with self.database.read() as db:
            rows = db.execute(query.order_by(outbox_table.c.position)).all()
        facts = []
        for row in rows:
            parts = row.subject.split(".")
            known = fact_type(".".join(["essaim", *parts[2:-1]]))
            assert known is not None
            facts.append(known.read(row.body))
        return [fact for fact in facts if isinstance(fact, classes)]

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self.database.read() as db:
            yield db


def _always(work: Work) -> Callable[[Heard], AbstractContextManager[Work]]:
    return lambda _: nullcontext(work)


def a_project(name: str, **values: object) -> CohortProject:
    """A project with one bearer; both ids come from its name."""
    return CohortProject(
        project_id=stable_id("premices", "project", name),
        bearer_ids=(stable_id("premices", "person", f"bearer of {name}"),),
        title=name,
        **values,
    )


def a_cohort(*projects: CohortProject, track: str = "premices") -> CohortFormed:
    return CohortFormed(
        cohort_id=COHORT,
        edition_id=EDITION,
        call_id=stable_id("premices", "call", "2020"),
        label="promotion 2020",
        track_code=track,
        starts_on=date(2020, 2, 27),
        projects=projects or (a_project("Le Fournil"), a_project("La Ressourcerie")),
    )


def a_partner(name: str, *commitments: Commitment, person_id: UUID | None = None) -> PartnerJoined:
    return PartnerJoined(
        organisation_id=stable_id("premices", "organisation", name),
        name=None if person_id else name,
        person_id=person_id,
        commitments=commitments,
        joined_on=date(2020, 1, 6),
    )


def a_change(change: CohortChange, project: CohortProject) -> CohortChanged:
    return CohortChanged(
        cohort_id=COHORT,
        edition_id=EDITION,
        track_code="premices",
        change=change,
        project=project,
        effective_on=date(2020, 2, 20),
    )
