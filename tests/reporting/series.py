"""Small series of facts, told as the partners of a programme would."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.hearing.message import Heard
from essaim.ids import stable_id
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CallOpened,
    Coded,
    CohortChanged,
    CohortFormed,
    CohortProject,
    DeliverableHandedIn,
    PartnerJoined,
    Prize,
    TrophyAwarded,
)
from essaim_contracts.correspondence import ApplicationCorrected
from essaim_contracts.envelope import Envelope
from essaim_contracts.fact import Fact
from essaim_contracts.notifications import MessageFailed, MessageSent
from essaim_contracts.scheduling import (
    Attendee,
    HoursGranted,
    HoursUsed,
    PairingEnded,
    PairingMade,
    ProjectProgressed,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)
from reporting.main import projection
from reporting.store.table import metadata

PROGRAMME = "premices"
CLOSING = datetime(2020, 1, 15, 17, tzinfo=UTC)


def named(kind: str, name: str | int) -> UUID:
    """The id of a thing these tests call by a name."""
    return stable_id(PROGRAMME, kind, str(name))


EDITION = named("edition", "2020")
CALL = named("call", "2020")
COHORT = named("cohort", "2020")


class Series:
    """Facts in the order they are told; `day` is the business day of the next one.

    Every method tells one fact and gives it back; `heard` holds them all, as the stream would.
    """

    def __init__(self, edition: UUID = EDITION, programme: str = PROGRAMME) -> None:
        self.edition = edition
        self.programme = programme
        self.heard: list[Heard] = []
        self.day = date(2020, 1, 10)

    def on(self, day: date) -> "Series":
        self.day = day
        return self

    def tell(self, fact: Fact, at: datetime | None = None) -> Heard:
        number = len(self.heard) + 1
        noon = datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)
        envelope = Envelope(
            id=str(named("fact", f"{self.edition}/{number}")),
            type=fact.type,
            source=f"/{self.programme}/{fact.owner}",
            key=str(fact.key),
            time=at or noon + timedelta(milliseconds=number),
            correlation_id=f"act-{number}",
        )
        one = Heard(fact, envelope, number)
        self.heard.append(one)
        return one

    def open_call(self, number: int = 1, year: int = 2020) -> Heard:
        return self.tell(
            CallOpened(
                call_id=CALL,
                edition_id=self.edition,
                edition_number=number,
                edition_year=year,
                slug=f"appel-{year}",
                title=f"Appel à candidatures {year}",
                kind="call",
                track_code="premices",
                places=16,
                opens_at=datetime(2019, 11, 15, 8, tzinfo=UTC),
                closes_at=CLOSING,
                sectors=(Coded(code="food", fr="Alimentation et cuisine", en="Food and cooking"),),
                heard_from=(Coded(code="newsletter", fr="Lettre d’information"),),
            )
        )

    def receive(self, project: str | int, **changes: Any) -> Heard:
        values = {
            "application_id": named("application", project),
            "call_id": CALL,
            "edition_id": self.edition,
            "project_id": named("project", project),
            "bearer_id": named("bearer", project),
            "number": f"PREM-{project}".upper(),
            "project_title": f"Projet {project}",
            "applicant_kind": "person",
            "received_at": datetime(self.day.year, self.day.month, self.day.day, 10, tzinfo=UTC),
        }
        return self.tell(ApplicationReceived(**(values | changes)))

    def correct(self, project: str | int, **changes: Any) -> Heard:
        """As it was received on the present day, but for what changed."""
        at = datetime(self.day.year, self.day.month, self.day.day, 10, tzinfo=UTC)
        values = {
            "application_id": named("application", project),
            "call_id": CALL,
            "edition_id": self.edition,
            "project_id": named("project", project),
            "bearer_id": named("bearer", project),
            "number": f"PREM-{project}".upper(),
            "project_title": f"Projet {project}",
            "applicant_kind": "person",
            "received_at": at,
            "corrected_at": at,
        }
        return self.tell(ApplicationCorrected(**(values | changes)))

    def withdraw(self, project: str | int) -> Heard:
        return self.tell(
            ApplicationWithdrawn(
                application_id=named("application", project),
                call_id=CALL,
                edition_id=self.edition,
                project_id=named("project", project),
                bearer_id=named("bearer", project),
                reason="bearer_choice",
                withdrawn_at=CLOSING,
            )
        )

    def decide(
        self, project: str | int, decision: str = "selected", score: float | None = None
    ) -> Heard:
        return self.tell(
            ApplicationDecided(
                application_id=named("application", project),
                call_id=CALL,
                edition_id=self.edition,
                project_id=named("project", project),
                bearer_id=named("bearer", project),
                decision=decision,
                reason="meets_criteria" if decision == "selected" else "places_filled",
                decided_on=self.day,
                score=score,
            )
        )

    def form_cohort(self, *projects: CohortProject) -> Heard:
        return self.tell(
            CohortFormed(
                cohort_id=COHORT,
                edition_id=self.edition,
                call_id=CALL,
                label="promotion 2020",
                track_code="premices",
                starts_on=date(2020, 2, 27),
                projects=projects,
            )
        )

    def change_cohort(self, change: str, project: CohortProject) -> Heard:
        return self.tell(
            CohortChanged(
                cohort_id=COHORT,
                edition_id=self.edition,
                track_code="premices",
                change=change,
                project=project,
                effective_on=self.day,
            )
        )

    def progress(self, project: str | int, status: str, **changes: Any) -> Heard:
        values = {
            "project_id": named("project", project),
            "edition_id": self.edition,
            "cohort_id": COHORT,
            "status": status,
            "reported_on": self.day,
        }
        return self.tell(ProjectProgressed(**(values | changes)))

    def plan(self, session: str, kind: str = "collective_day", **changes: Any) -> Heard:
        values = {
            "session_id": named("session", session),
            "edition_id": self.edition,
            "cohort_id": COHORT,
            "kind": kind,
            "title": session,
            "starts_at": datetime(2020, 9, 11, 7, tzinfo=UTC),
            "ends_at": datetime(2020, 9, 11, 15, tzinfo=UTC),
            "half_days": 2,
            "mode": "on_site",
        }
        return self.tell(SessionPlanned(**(values | changes)))

    def move(self, session: str, **changes: Any) -> Heard:
        values = {
            "session_id": named("session", session),
            "edition_id": self.edition,
            "starts_at": datetime(2020, 10, 8, 7, tzinfo=UTC),
            "ends_at": datetime(2020, 10, 8, 15, tzinfo=UTC),
            "half_days": 2,
            "mode": "online",
            "reason": "outside_event",
            "sequence": 1,
        }
        return self.tell(SessionMoved(**(values | changes)))

    def cancel(self, session: str) -> Heard:
        return self.tell(
            SessionCancelled(
                session_id=named("session", session),
                edition_id=self.edition,
                reason="host",
                cancelled_at=CLOSING,
                sequence=2,
            )
        )

    def hold(self, session: str, kind: str = "collective_day", **changes: Any) -> Heard:
        values = {
            "session_id": named("session", session),
            "edition_id": self.edition,
            "cohort_id": COHORT,
            "kind": kind,
            "held_on": self.day,
            "minutes": 420,
            "half_days": 2,
            "mode": "on_site",
            "participants": 0,
        }
        return self.tell(SessionHeld(**(values | changes)))

    def grant(self, project: str | int, minutes: int, kind: str = "mentoring") -> Heard:
        return self.tell(
            HoursGranted(
                package_id=named("package", project),
                edition_id=self.edition,
                cohort_id=COHORT,
                project_id=named("project", project),
                kind=kind,
                minutes=minutes,
                reason="track",
                granted_on=self.day,
            )
        )

    def use(self, project: str | int, minutes: int, **changes: Any) -> Heard:
        values = {
            "package_id": named("package", project),
            "edition_id": self.edition,
            "project_id": named("project", project),
            "session_id": named("session", f"{project}/{len(self.heard)}"),
            "kind": "mentoring",
            "minutes": minutes,
            "minutes_left": 0,
            "used_on": self.day,
        }
        return self.tell(HoursUsed(**(values | changes)))

    def pair(self, project: str | int, organisation: str, kind: str = "godparent") -> Heard:
        return self.tell(
            PairingMade(
                pairing_id=named("pairing", f"{project}/{organisation}/{kind}"),
                edition_id=self.edition,
                cohort_id=COHORT,
                project_id=named("project", project),
                kind=kind,
                organisation_id=named("organisation", organisation),
                method="by_hand",
                made_on=self.day,
            )
        )

    def unpair(
        self, project: str | int, organisation: str, reason: str, kind: str = "godparent"
    ) -> Heard:
        return self.tell(
            PairingEnded(
                pairing_id=named("pairing", f"{project}/{organisation}/{kind}"),
                edition_id=self.edition,
                project_id=named("project", project),
                kind=kind,
                organisation_id=named("organisation", organisation),
                reason=reason,
                ended_on=self.day,
            )
        )

    def hand_in(self, project: str | int, due_on: date, version: int = 1) -> Heard:
        return self.tell(
            DeliverableHandedIn(
                deliverable_id=named("deliverable", project),
                edition_id=self.edition,
                cohort_id=COHORT,
                project_id=named("project", project),
                kind="final_file",
                version=version,
                due_on=due_on,
                handed_in_at=datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC),
                document_sha256="0" * 64,
            )
        )

    def award(self, project: str | int, *prizes: Prize, title: str = "Coup de cœur") -> Heard:
        return self.tell(
            TrophyAwarded(
                trophy_id=named("trophy", title),
                edition_id=self.edition,
                cohort_id=COHORT,
                project_id=named("project", project),
                bearer_ids=(named("bearer", project),),
                title=title,
                awarded_on=self.day,
                prizes=prizes,
            )
        )

    def join(self, organisation: str, *commitments: str, **changes: Any) -> Heard:
        values = {
            "organisation_id": named("organisation", organisation),
            "name": organisation,
            "commitments": commitments,
            "joined_on": self.day,
        }
        return self.tell(PartnerJoined(**(values | changes)))

    def send(self, about: Heard, template: str = "receipt", **changes: Any) -> Heard:
        values = {
            "message_id": named("message", len(self.heard)),
            "recipient_id": named("bearer", 1),
            "template": template,
            "language": "fr",
            "channel": "email",
            "about_id": about.fact.key,
            "cause": about.envelope.id,
            "attempts": 1,
            "sent_at": CLOSING,
        }
        return self.tell(MessageSent(**(values | changes)))

    def fail(self, about: Heard, reason: str = "no_address") -> Heard:
        return self.tell(
            MessageFailed(
                message_id=named("message", len(self.heard)),
                recipient_id=named("bearer", 1),
                template="reminder",
                channel="email",
                about_id=about.fact.key,
                reason=reason,
                attempts=3,
                failed_at=CLOSING,
            )
        )


def plain(text: str) -> str:
    """A text with ordinary spaces: French typography has narrow and unbreakable ones."""
    return " ".join(text.split())


def a_project(name: str | int, **changes: Any) -> CohortProject:
    """A project as it enters a cohort."""
    values = {
        "project_id": named("project", name),
        "application_id": named("application", name),
        "bearer_ids": (named("bearer", name),),
        "title": f"Projet {name}",
    }
    return CohortProject(**(values | changes))


def a_prize(name: str, value_eur: int, kind: str = "money", contributor: str = "NEF") -> Prize:
    return Prize(
        prize_id=named("prize", name),
        contributor_id=named("organisation", contributor),
        kind=kind,
        title=name,
        value_eur=value_eur,
    )


def a_bearer(project: str | int, half_days: int = 2) -> Attendee:
    """The bearer of a project, at a session."""
    return Attendee(
        person_id=named("bearer", project),
        role="bearer",
        project_id=named("project", project),
        half_days=half_days,
    )


_ENGINE = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
metadata.create_all(_ENGINE)


@contextmanager
def read_model(heard: list[Heard]) -> Iterator[sa.Connection]:
    """A read model that heard these facts alone; forgotten afterwards."""
    with _ENGINE.connect() as db:
        projection.write(db, heard)
        yield db
        db.rollback()
