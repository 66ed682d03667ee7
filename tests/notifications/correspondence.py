"""The programme as notifications hears it: people, facts told at a time, a mail server."""

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, TypeVar, cast
from uuid import UUID

import icalendar
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session
from essaim.clock import SimulatedClock
from essaim.hearing.message import Heard
from essaim.ids import new_id
from essaim.keeping import tables
from essaim.keeping.listed import shown
from essaim.people.directory import save_person
from essaim.people.erasure import Forgetting
from essaim.person import Person
from essaim.running.runtime import Runtime
from essaim.telling import outbox
from essaim.work import Work
from essaim_contracts import Fact, fact_type
from essaim_contracts import candidatures as c
from essaim_contracts import scheduling as s
from essaim_contracts.envelope import Envelope as FactEnvelope
from notifications.commands import outbox as outbox_commands
from notifications.message import Message
from notifications.store.mailbox import ReceivedLetter, mailbox
from notifications.store.message import message, read
from notifications.worker import fill_mailbox
from pydantic import SecretStr

EDITION = new_id()


@dataclass
class Programme:
    """What happens in the programme, and what notifications makes of it."""

    runtime: Runtime
    clock: SimulatedClock

    def knows(self, name: str, email: str | None = None, language: str = "fr") -> Person:
        """Somebody comes into the local directory."""
        person = Person(new_id(), name, email, language=language)
        self.learns(person)
        return person

    def learns(self, person: Person) -> None:
        with self.runtime.work() as work:
            save_person(work.db, person, share=False)

    def hears(self, *facts: Fact, id: str | None = None, programme: str = "premices") -> None:
        """Handle facts as the inbox does, in one transaction, told at the present business time."""
        database = self.runtime.database
        with database.write() as db:
            told: list[outbox.Outgoing] = []
            heard = [
                Heard(fact, self._envelope(fact, id or str(new_id()), programme), number)
                for number, fact in enumerate(facts, 1)
            ]
            service = self.runtime.service
            hearing = Forgetting(service.hearing, service.erasure, keeps_directory=False)
            hearing.handle(
                heard,
                lambda one: nullcontext(Work(db, self.clock.now(), cause=one.envelope, told=told)),
            )
            outbox.save(db, told)

    def _envelope(self, fact: Fact, id: str, programme: str) -> FactEnvelope:
        return FactEnvelope(
            id=id,
            type=fact.type,
            source=f"/{programme}/{fact.owner}",
            key=str(fact.key),
            time=self.clock.now(),
            correlation_id=str(new_id()),
        )

    def later(self, **span: float) -> None:
        """Business time passes, and the timers do what is due."""
        self.runtime.set_clock(self.clock.now() + timedelta(**span))

    def messages(self, **where: object) -> list[Message]:
        """Messages in the order they were caused."""
        query = sa.select(message).filter_by(**where).order_by(message.c.id)
        with self.runtime.read() as db:
            return [read(row) for row in db.execute(query)]

    def states(self, **where: object) -> list[tuple[str, str]]:
        """Template and state of each message."""
        return [(row.template, row.state) for row in self.messages(**where)]

    def releases(self) -> None:
        """Somebody who coordinates sends all that is held."""
        with self.runtime.work() as work:
            outbox_commands.release(work, [one.id for one in self.messages(state="held")])

    def mailbox(self) -> list[ReceivedLetter]:
        """The letters that leave now, into the mailbox; it is then empty again."""
        fill_mailbox(self.runtime)
        with self.runtime.work() as work:
            rows = work.db.execute(sa.select(*shown(mailbox)).order_by(mailbox.c.id)).all()
            work.db.execute(sa.delete(mailbox))
        return [ReceivedLetter(**row._mapping) for row in rows]

    def told(self) -> list[Fact]:
        """The facts that notifications said, in order."""
        query = sa.select(tables.outbox).order_by(tables.outbox.c.position)
        with self.runtime.read() as db:
            return [_fact(row) for row in db.execute(query)]

    # ---- facts

    def call(self, title: str = "Prémices 2020", programme_name: str | None = None) -> c.CallOpened:
        opened = c.CallOpened(
            call_id=new_id(),
            edition_id=EDITION,
            edition_number=1,
            edition_year=2020,
            slug="premices-2020",
            programme_name=programme_name,
            title=title,
            kind=c.CallKind.CALL,
            track_code="premices",
            opens_at=_paris("2019-11-15T09:00"),
            closes_at=_paris("2020-01-15T18:00"),
        )
        self.hears(opened)
        return opened

    def application(
        self, bearer: UUID, call: c.CallOpened | None = None, **values: Any
    ) -> c.ApplicationReceived:
        call = call or self.call()
        received = c.ApplicationReceived(
            **{
                "application_id": new_id(),
                "call_id": call.call_id,
                "edition_id": EDITION,
                "project_id": new_id(),
                "bearer_id": bearer,
                "number": "PREM-2020-042",
                "project_title": "L'Épicerie des Cîmes",
                "applicant_kind": c.ApplicantKind.GROUP,
                "received_at": self.clock.now(),
            }
            | values
        )
        self.hears(received)
        return received

    def decided(
        self, application: c.ApplicationReceived, decision: str, reason: str, **values: Any
    ) -> c.ApplicationDecided:
        return c.ApplicationDecided(
            application_id=application.application_id,
            call_id=application.call_id,
            edition_id=EDITION,
            project_id=application.project_id,
            bearer_id=application.bearer_id,
            decision=c.Decision(decision),
            reason=c.DecisionReason(reason),
            decided_on=date(2020, 2, 5),
            **values,
        )

    def cohort(self, *projects: c.CohortProject) -> c.CohortFormed:
        formed = c.CohortFormed(
            cohort_id=new_id(),
            edition_id=EDITION,
            call_id=new_id(),
            label="Promotion 2020",
            track_code="premices",
            starts_on=date(2020, 2, 27),
            projects=projects,
        )
        self.hears(formed)
        return formed

    def project(self, *bearers: UUID, title: str = "L'Épicerie des Cîmes") -> c.CohortProject:
        return c.CohortProject(project_id=new_id(), bearer_ids=bearers, title=title)

    def session(self, *participants: UUID, **values: Any) -> s.SessionPlanned:
        """A collective day on 8 October 2020, from 9 to 17 h in Paris."""
        planned = s.SessionPlanned(
            **{
                "session_id": new_id(),
                "edition_id": EDITION,
                "kind": s.SessionKind.COLLECTIVE_DAY,
                "title": "Journée n° 3 : l'alimentation résiliente",
                "topics": ("cadre réglementaire", "structuration des filières"),
                "starts_at": _paris("2020-10-08T09:00"),
                "ends_at": _paris("2020-10-08T17:00"),
                "half_days": 2,
                "mode": s.SessionMode.ON_SITE,
                "place": "Les Amanins",
                "participant_ids": participants,
            }
            | values
        )
        self.hears(planned)
        return planned

    def moved(self, session: s.SessionPlanned, sequence: int = 1, **values: Any) -> s.SessionMoved:
        return s.SessionMoved(
            **{
                "session_id": session.session_id,
                "edition_id": EDITION,
                "starts_at": session.starts_at + timedelta(days=1),
                "ends_at": session.ends_at + timedelta(days=1),
                "half_days": session.half_days,
                "mode": session.mode,
                "place": session.place,
                "reason": s.ChangeReason.HOST,
                "sequence": sequence,
            }
            | values
        )

    def cancelled(self, session: s.SessionPlanned, sequence: int = 1) -> s.SessionCancelled:
        return s.SessionCancelled(
            session_id=session.session_id,
            edition_id=EDITION,
            reason=s.ChangeReason.OUTSIDE_EVENT,
            cancelled_at=self.clock.now(),
            sequence=sequence,
        )


@dataclass
class MailServer:
    """A real SMTP server.

    `answers` are given to the next letters, one each, then it accepts. It goes down when it holds
    `goes_down_at` letters and is given another, which it does not take.
    """

    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused_senders: set[str] = field(default_factory=set)
    hangs_up_after_data: int = 0
    goes_down_at: int | None = None
    connections: int = 0
    _server: asyncio.Server | None = None

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"smtp://127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Listen; on the port it had before, when it had one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def is_up(self) -> bool:
        return self._server is not None

    def _connected(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="127.0.0.1")

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused_senders:
            return "550 this sender may not send"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if len(self.letters) == self.goes_down_at:
            self.goes_down_at = None
            _hang_up(server)
            await self.stop()
            return "421 shutting down"
        answer = self.answers.pop(0) if self.answers else "250 accepted"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.recipients += envelope.rcpt_tos
            self.letters.append(envelope.content)
        if self.hangs_up_after_data:
            self.hangs_up_after_data -= 1
            _hang_up(server)
        return answer


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.close()


def read_mail(raw: bytes) -> EmailMessage:
    """What a mail program makes of a letter."""
    return message_from_bytes(raw, policy=default)


def parts_of(mail: EmailMessage) -> list[EmailMessage]:
    return [cast(EmailMessage, part) for part in mail.iter_parts()]


def calendar_in(mail: EmailMessage) -> icalendar.Calendar:
    """The invitation, which comes last."""
    calendar = icalendar.Calendar.from_ical(parts_of(mail)[-1].get_content())
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def event_in(calendar: icalendar.Calendar) -> icalendar.Event:
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def instant(event: icalendar.Event, name: str) -> datetime:
    """Of a property that holds one, such as DTSTART."""
    value = event.decoded(name)
    assert isinstance(value, datetime)
    return value


def pairing(project: c.CohortProject, organisation_id: UUID, person_id: UUID) -> s.PairingMade:
    return s.PairingMade(
        pairing_id=new_id(),
        edition_id=new_id(),
        cohort_id=new_id(),
        project_id=project.project_id,
        kind=s.PairingKind.GODPARENT,
        organisation_id=organisation_id,
        person_id=person_id,
        method=s.PairingMethod.BY_HAND,
        made_on="2020-03-01",
    )


def partner(name: str | None) -> c.PartnerJoined:
    return c.PartnerJoined(
        organisation_id=new_id(),
        name=name,
        commitments=(c.Commitment.GODPARENT,),
        joined_on="2020-01-01",
    )


F = TypeVar("F", bound=Fact)


def only(kind: type[F], told: list[Fact]) -> F:
    """The one fact that was told, which is of this kind."""
    (fact,) = told
    assert isinstance(fact, kind)
    return fact


def body_of(message: Message) -> str:
    assert message.body is not None
    return message.body


def subject_of(message: Message) -> str:
    assert message.subject is not None
    return message.subject


def _paris(local: str) -> datetime:
    from essaim.clock import PARIS

    return datetime.fromisoformat(local).replace(tzinfo=PARIS)


def _fact(row: Any) -> Fact:
    import json

    kind = fact_type(json.loads(row.headers)["ce-type"])
    assert kind is not None
    return kind.read(row.body)
