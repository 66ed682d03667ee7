"""Facts like those of a year of the programme, as many as asked, and as messages of the stream."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID

from essaim.ids import new_id
from essaim.observing.tracing import current_origin
from essaim_contracts import Fact
from essaim_contracts.candidatures import ApplicantKind, ApplicationReceived
from essaim_contracts.envelope import Envelope, to_headers
from essaim_contracts.notifications import Channel, MessageSent
from essaim_contracts.scheduling import (
    Attendee,
    AttendeeRole,
    HourKind,
    HoursUsed,
    ProjectProgressed,
    ProjectStatus,
    SessionHeld,
    SessionKind,
    SessionMode,
    SessionPlanned,
)

START = datetime(2020, 1, 6, 8, 30, tzinfo=UTC)
EDITION, COHORT, CALL = new_id(), new_id(), new_id()
Message = tuple[str, dict[str, str], bytes]


def of_scheduling(count: int) -> list[SessionHeld]:
    """Facts that scheduling says, each of a key of its own."""
    return [
        SessionHeld(
            session_id=new_id(),
            edition_id=EDITION,
            kind=SessionKind.MENTORING,
            held_on=date(2020, 5, 7),
            minutes=90,
            half_days=1,
            mode=SessionMode.ONLINE,
            project_ids=(new_id(),),
            participants=2,
        )
        for _ in range(count)
    ]


def of_all_services(count: int) -> Iterator[Fact]:
    """Eight facts a project, of every service; they make 26 rows of the read model."""

    def without_end() -> Iterator[Fact]:
        number = 0
        while True:
            number += 1
            yield from _of_one_project(number)

    return islice(without_end(), count)


def _of_one_project(number: int) -> Iterator[Fact]:
    project, bearer, session = new_id(), new_id(), new_id()
    at = START + timedelta(minutes=number % 400_000)
    yield ApplicationReceived(
        application_id=new_id(),
        call_id=CALL,
        edition_id=EDITION,
        project_id=project,
        bearer_id=bearer,
        number=f"PREM-{number}",
        project_title=f"Projet {number}",
        applicant_kind=next(iter(ApplicantKind)),
        sector="culture",
        department="38",
        received_at=at,
    )
    yield _sent(bearer, at)
    yield SessionPlanned(
        session_id=session,
        edition_id=EDITION,
        cohort_id=COHORT,
        kind=SessionKind.APPOINTMENT,
        title="Rendez-vous de mentorat",
        starts_at=at,
        ends_at=at + timedelta(minutes=90),
        half_days=1,
        mode=SessionMode.ON_SITE,
        place="Grenoble",
        project_ids=(project,),
    )
    yield _sent(bearer, at)
    yield SessionHeld(
        session_id=session,
        edition_id=EDITION,
        cohort_id=COHORT,
        kind=SessionKind.APPOINTMENT,
        held_on=at.date(),
        minutes=90,
        half_days=1,
        mode=SessionMode.ON_SITE,
        project_ids=(project,),
        participants=2,
        attendees=tuple(
            Attendee(person_id=person, role=role, project_id=project, half_days=1)
            for person, role in ((bearer, AttendeeRole.BEARER), (new_id(), AttendeeRole.MENTOR))
        ),
    )
    yield HoursUsed(
        package_id=new_id(),
        edition_id=EDITION,
        project_id=project,
        session_id=session,
        kind=HourKind.MENTORING,
        minutes=90,
        minutes_left=510,
        used_on=at.date(),
    )
    yield ProjectProgressed(
        project_id=project,
        edition_id=EDITION,
        cohort_id=COHORT,
        status=ProjectStatus.IN_PROGRESS,
        reported_on=at.date(),
    )
    yield _sent(bearer, at)


def _sent(person_id: UUID, at: datetime) -> MessageSent:
    return MessageSent(
        message_id=new_id(),
        recipient_id=person_id,
        template="session-reminder",
        language="fr",
        channel=next(iter(Channel)),
        attempts=1,
        sent_at=at,
    )


def message_of(fact: Fact) -> Message:
    """Subject, headers and body, as the relay publishes them."""
    envelope = Envelope(
        id=str(new_id()),
        type=fact.type,
        source=f"/premices/{fact.owner}",
        key=str(fact.key),
        time=START,
        correlation_id=str(new_id()),
        traceparent=current_origin().traceparent,
    )
    return envelope.nats_subject, to_headers(envelope), fact.model_dump_json().encode()
