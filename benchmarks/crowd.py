"""An edition with many applications: as facts for reporting, as rows for those who own them.

One project in 50 is supported; each of these has 5 appointments, a godparent, hours and a report.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from candidatures import store as selection
from essaim.hearing.message import Heard
from essaim.ids import stable_id
from essaim.keeping.tables import person
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts import Fact
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    CallOpened,
    CohortFormed,
    CohortProject,
    PartnerJoined,
)
from essaim_contracts.envelope import Envelope
from essaim_contracts.notifications import MessageSent
from essaim_contracts.scheduling import (
    HoursGranted,
    HoursUsed,
    PairingMade,
    ProjectProgressed,
    SessionHeld,
    SessionPlanned,
)
from notifications.store.mailbox import mailbox
from notifications.store.message import message
from reporting.main import projection
from reporting.store.timeline import timeline
from scheduling.store import metadata as planning

PROGRAMME = "premices"
SECTORS = ("culture", "food", "energy", "care", "craft")
DEPARTMENTS = ("01", "26", "38", "42", "63", "69", "73", "74")
CRITERIA = ("impact", "solidity", "team")
OPEN_CALL = "appel-ouvert"
DECISIONS = ("refused", "refused", "refused", "waiting_list", "reoriented")
APPOINTMENTS = 5
START = datetime(2020, 1, 6, 8, 30, tzinfo=UTC)


def named(kind: str, name: object) -> UUID:
    return stable_id(PROGRAMME, kind, str(name))


EDITION, CALL, COHORT = named("edition", 1), named("call", 1), named("cohort", 1)
COORDINATOR = Person(
    named("person", "coordinator"),
    "Alix Roussel",
    email="alix@exemple.fr",
    roles=(RoleHeld(Role.COORDINATOR, PROGRAMME),),
)
MEMBERS = tuple(
    Person(
        named("person", name),
        f"Membre {name}",
        email=f"{name}@exemple.fr",
        roles=(RoleHeld(Role.COMMITTEE_MEMBER, PROGRAMME),),
    )
    for name in ("first", "second", "third")
)
MEMBER = MEMBERS[0]
"""Of the committee: she has scored half of what waits for her."""
COMMITTEE = tuple(one.id for one in MEMBERS)


def _supported(applications: int) -> range:
    return range(0, applications, 50)


def _organisation(number: int) -> UUID:
    return named("organisation", number % 20)


def _at(number: int) -> datetime:
    return START + timedelta(minutes=number)


# --- reporting: facts, through its projectors


def load_reporting(runtime: Runtime, applications: int) -> list[str]:
    _save_people(runtime, 0)
    facts = enumerate(_facts(applications), start=1)
    while chunk := list(islice(facts, 2000)):
        with runtime.database.write() as db:
            projection.write(db, [_heard(fact, seq) for seq, fact in chunk])
    _settle(runtime)
    edition = f"/editions/{EDITION}"
    return [
        "/",
        edition,
        f"{edition}?as_of=2020-06-30",
        f"{edition}/evidence/applications.received",
        f"{edition}/evidence/applications.received?sort=-at&page=150",
        f"{edition}/evidence/applications.received?sort=project",
        f"{edition}/evidence/applications.received?q=Projet+77",
        f"{edition}/evidence/applications.states?part=refused",
        f"{edition}/evidence/facts.published?sort=at",
        f"{edition}/evidence/messages.sent?sort=-at",
        f"/projects/{named('project', 50)}",
        f"{edition}/evidence/applications.received?format=csv",
        f"{edition}/export.xlsx",
    ]


def one_more_fact(runtime: Runtime) -> Iterator[None]:
    """A new application of the edition in the read model, each time."""
    while True:
        with runtime.database.write() as db:
            seq = (db.scalar(sa.select(sa.func.max(timeline.c.seq))) or 0) + 1
            fact = next(_application_facts(10_000_000 + seq))
            projection.write(db, [_heard(fact, seq)])
        yield


def _heard(fact: Fact, seq: int) -> Heard:
    envelope = Envelope(
        id=str(named("fact", seq)),
        type=fact.type,
        source=f"/{PROGRAMME}/{fact.owner}",
        key=str(fact.key),
        time=_at(seq),
        correlation_id=f"act-{seq}",
    )
    return Heard(fact, envelope, seq)


def _facts(applications: int) -> Iterator[Fact]:
    for number in range(20):
        yield PartnerJoined(
            organisation_id=_organisation(number),
            name=f"Partenaire {number}",
            commitments=("mentor", "godparent"),
            joined_on=date(2020, 1, 1),
        )
    yield CallOpened(
        call_id=CALL, edition_id=EDITION, edition_number=1, edition_year=2020,
        slug="appel-2020", title="Appel 2020", kind="call", track_code="premices", places=200,
        opens_at=START, closes_at=START + timedelta(days=60),
    )  # fmt: skip
    for number in range(applications):
        yield from _application_facts(number)
    for number in range(applications):
        yield from _decision_facts(number)
    yield CohortFormed(
        cohort_id=COHORT, edition_id=EDITION, call_id=CALL, label="promotion 2020",
        track_code="premices", starts_on=date(2020, 2, 27),
        projects=tuple(_cohort_project(number) for number in _supported(applications)),
    )  # fmt: skip
    for number in _supported(applications):
        yield from _support_facts(number)


def _application_facts(number: int) -> Iterator[Fact]:
    yield ApplicationReceived(
        application_id=named("application", number), call_id=CALL, edition_id=EDITION,
        project_id=named("project", number), bearer_id=named("bearer", number),
        number=f"PREM-2020-{number:05}", project_title=f"Projet {number}",
        applicant_kind="person", sector=SECTORS[number % 5], department=DEPARTMENTS[number % 8],
        heard_from="newsletter", received_at=_at(number),
    )  # fmt: skip
    yield _sent(number, "application-received")


def _decision_facts(number: int) -> Iterator[Fact]:
    decision = "selected" if number % 50 == 0 else DECISIONS[number % 5]
    yield ApplicationDecided(
        application_id=named("application", number), call_id=CALL, edition_id=EDITION,
        project_id=named("project", number), bearer_id=named("bearer", number),
        decision=decision, reason="meets_criteria" if number % 50 == 0 else "places_filled",
        decided_on=date(2020, 2, 3),
    )  # fmt: skip
    yield _sent(number, "application-decided")


def _sent(number: int, template: str) -> Fact:
    return MessageSent(
        message_id=named("message", f"{number} {template}"),
        recipient_id=named("bearer", number), template=template, language="fr", channel="email",
        about_id=named("application", number), attempts=1, sent_at=_at(number),
    )  # fmt: skip


def _cohort_project(number: int) -> CohortProject:
    return CohortProject(
        project_id=named("project", number), title=f"Projet {number}",
        bearer_ids=(named("bearer", number),), sector=SECTORS[number % 5],
        department=DEPARTMENTS[number % 8], jobs_min=2, jobs_max=5,
    )  # fmt: skip


def _support_facts(number: int) -> Iterator[Fact]:
    project = named("project", number)
    package = named("package", number)
    yield HoursGranted(
        package_id=package, edition_id=EDITION, cohort_id=COHORT, project_id=project,
        kind="mentoring", minutes=600, reason="track", granted_on=date(2020, 2, 27),
    )  # fmt: skip
    yield PairingMade(
        pairing_id=named("pairing", number), edition_id=EDITION, cohort_id=COHORT,
        project_id=project, kind="godparent", organisation_id=_organisation(number // 50),
        method="by_hand", made_on=date(2020, 2, 27),
    )  # fmt: skip
    for nth in range(APPOINTMENTS):
        session = named("session", f"{number} {nth}")
        starts_at = START + timedelta(days=60 + nth, minutes=number)
        yield SessionPlanned(
            session_id=session, edition_id=EDITION, cohort_id=COHORT, kind="appointment",
            title=f"Rendez-vous {number} {nth}", starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90), half_days=1, mode="online",
            project_ids=(project,),
        )  # fmt: skip
        yield SessionHeld(
            session_id=session, edition_id=EDITION, cohort_id=COHORT, kind="appointment",
            held_on=starts_at.date(), minutes=90, half_days=1, mode="online",
            project_ids=(project,), participants=2,
            attendees=(
                {"person_id": named("bearer", number), "role": "bearer", "project_id": project,
                 "half_days": 1},
            ),
        )  # fmt: skip
        yield HoursUsed(
            package_id=package, edition_id=EDITION, project_id=project, session_id=session,
            provider_id=_organisation(number // 50), kind="mentoring", minutes=90,
            minutes_left=510 - nth * 90, used_on=starts_at.date(),
        )  # fmt: skip
    yield ProjectProgressed(
        project_id=project, edition_id=EDITION, cohort_id=COHORT, status="in_progress",
        reported_on=date(2020, 12, 1),
    )  # fmt: skip


# --- candidatures: its rows


def load_candidatures(runtime: Runtime, applications: int) -> list[str]:
    _save_people(runtime, applications)
    with runtime.database.write() as db:
        _insert(db, selection.programme.programme, [
            {"slug": PROGRAMME, "name": "Prémices.coop", "steward_id": _organisation(0),
             "sectors": [{"code": code, "label": {"fr": code}} for code in SECTORS],
             "heard_from": [{"code": "newsletter", "label": {"fr": "Lettre d’information"}}],
             "tracks": [], "departments": DEPARTMENTS, "invented": False},
        ])  # fmt: skip
        _insert(db, selection.programme.edition, [
            {"id": EDITION, "programme": PROGRAMME, "number": 1, "year": 2020}
        ])  # fmt: skip
        _insert(db, selection.programme.organisation, [
            {"id": _organisation(number), "programme": PROGRAMME, "code": f"p{number}",
             "name": f"Partenaire {number}", "commitments": [], "joined_on": date(2020, 1, 1),
             "invented": False}
            for number in range(20)
        ])  # fmt: skip
        _insert(db, selection.call.call, [
            {"id": CALL, "edition_id": EDITION, "slug": "appel-2020", "receipt_prefix": "PREM-2020",
             "kind": "call", "title": {"fr": "Appel 2020"}, "summary": None, "places": 200,
             "track_code": "premices", "opens_at": START, "opened_at": START,
             "closes_at": START + timedelta(days=60), "closed_at": START + timedelta(days=60),
             "questions": [], "documents": [], "criteria": [
                 {"code": code, "label": {"fr": code}, "weight": 1} for code in CRITERIA
             ],
             "invented": False, "received": applications},
            _open_call(),
        ])  # fmt: skip
        _insert(db, selection.cohort.cohort, [
            {"id": COHORT, "call_id": CALL, "edition_id": EDITION, "label": "promotion 2020",
             "track_code": "premices", "starts_on": date(2020, 2, 27)},
        ])  # fmt: skip
        everybody = range(applications)
        _insert(db, selection.project.project, [_project_row(number) for number in everybody])
        _insert(
            db,
            selection.application.application,
            [_application_row(number) for number in everybody],
        )
        _insert(db, selection.committee.decision, [_decision_row(number) for number in everybody])
        _insert(db, selection.committee.score, [
            {"application_id": named("application", number), "evaluator_id": evaluator,
             "criterion": criterion, "points": number % 5, "given_at": START}
            for number in everybody for evaluator in COMMITTEE for criterion in CRITERIA
            if evaluator != MEMBER.id or number % 2
        ])  # fmt: skip
        _insert(db, selection.cohort.cohort_project, [
            {"cohort_id": COHORT, "project_id": named("project", number),
             "joined_on": date(2020, 2, 27)}
            for number in _supported(applications)
        ])  # fmt: skip
    _settle(runtime)
    of_call = "/calls/appel-2020/applications"
    return [
        "/",
        "/calls/appel-2020",
        of_call,
        f"{of_call}?page=150",
        f"{of_call}?sort=-mean",
        f"{of_call}?sort=project",
        f"{of_call}?sort=bearer&page=100",
        f"{of_call}?decision=refused&sort=-received_at",
        f"{of_call}?q=Projet+77",
        f"{of_call}?q=bearer+7777",
        f"{of_call}?sort=department",
        "/selection",
        *OF_COMMITTEE,
        *(f"/calls/appel-2020/{page}" for page in ("assignment", "decisions", "waiting-list")),
        f"/applications/{named('application', 50)}",
        f"/projects/{named('project', 50)}",
    ]


OF_COMMITTEE = tuple(
    f"/calls/appel-2020/{page}"
    for page in (
        *("ranking", "ranking?sort=project", "ranking?sector=food", "ranking?page=50", "pack"),
        *("minutes", "applications", "applications?sort=-mean"),
        f"compare?file={named('application', 51)}&file={named('application', 54)}",
    )
)
OF_A_MEMBER = ("/selection", *OF_COMMITTEE, f"/applications/{named('application', 54)}")
"""What a member of the committee visits, beside the coordination."""


def _open_call() -> dict[str, Any]:
    """A call to apply to, with five questions and no document."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "id": named("call", 2), "edition_id": EDITION, "slug": OPEN_CALL,
        "receipt_prefix": "PREM-OPEN", "kind": "call", "title": {"fr": "Appel ouvert"},
        "summary": None, "places": 200, "track_code": "premices",
        "opens_at": now - timedelta(days=1), "opened_at": now - timedelta(days=1),
        "closed_at": None,
        "closes_at": now + timedelta(days=60), "questions": [
            {"code": f"question-{nth}", "label": {"fr": f"Question {nth}"}, "kind": "long_text"}
            for nth in range(5)
        ],
        "documents": [], "criteria": [], "invented": False, "received": 0,
    }  # fmt: skip


def _project_row(number: int) -> dict[str, Any]:
    return {
        "id": named("project", number), "edition_id": EDITION, "title": f"Projet {number}",
        "sector": SECTORS[number % 5], "department": DEPARTMENTS[number % 8],
        "bearer_ids": [str(named("bearer", number))],
    }  # fmt: skip


def _application_row(number: int) -> dict[str, Any]:
    content = {f"question_{nth}": "Une réponse de quelques lignes. " * 8 for nth in range(8)}
    return {
        "id": named("application", number), "call_id": CALL,
        "project_id": named("project", number), "state": "received" if number % 40 else "withdrawn",
        "language": "fr", "content": content, "version": 3,
        "started_at": START, "saved_at": _at(number), "bearer_id": named("bearer", number),
        "number": f"PREM-2020-{number:05}", "applicant_kind": "person",
        "received_at": _at(number), "mean": number % 17 / 4,
    }  # fmt: skip


def _decision_row(number: int) -> dict[str, Any]:
    decision = "selected" if number % 50 == 0 else DECISIONS[number % 5]
    return {
        "application_id": named("application", number), "decision": decision,
        "reason": "places_filled", "prepared_at": START, **_applied(number, decision),
    }  # fmt: skip


def _applied(number: int, decision: str) -> dict[str, Any]:
    """Two decisions of three are told; the third waits before the committee."""
    is_told = number % 3 > 0
    return {
        "applied_decision": decision if is_told else None,
        "applied_reason": "places_filled" if is_told else None,
        "decided_on": date(2020, 2, 3) if is_told else None,
    }


# --- notifications: its rows


def load_notifications(runtime: Runtime, applications: int) -> list[str]:
    """Two messages an application; here each stayed on this machine."""
    _save_people(runtime, applications)
    written = [
        (number, template)
        for template in ("application-received", "application-decided")
        for number in range(applications)
    ]
    for first in range(0, len(written), 2000):
        part = written[first : first + 2000]
        with runtime.database.write() as db:
            _insert(db, message, [_message_row(*one) for one in part])
            _insert(db, mailbox, [_letter_row(*one) for one in part])
    _settle(runtime)
    return [
        "/",
        "/?page=150",
        "/?sort=recipient",
        "/?sort=subject&page=100",
        "/?state=failed",
        "/?template=application-decided&state=sent",
        "/?q=Bearer+77",
        f"/messages/{named('message', '50 application-decided')}",
        "/mailbox",
        "/mailbox?page=150",
        "/mailbox?sort=name",
        "/mailbox?template=application-decided",
        "/mailbox?q=Bearer+77",
        "/templates",
    ]


def _message_row(number: int, template: str) -> dict[str, Any]:
    return {
        "id": named("message", f"{number} {template}"), "recipient_id": named("bearer", number),
        "template": template, "programme": PROGRAMME, "about_id": named("application", number),
        "cause": str(named("cause", f"{number} {template}")), "details": {}, "language": "fr",
        "subject": f"Votre candidature {number}", "body": "Une phrase du message. " * 40,
        "state": "sent" if number % 100 else "failed", "attempts": 1, "uncertain": False,
        "reason": None if number % 100 else "no_address",
        "told_at": _at(number), "waiting_since": _at(number), "entered_at": _at(number),
        "priority": 1, "give_up_at": _at(number), "ended_at": _at(number),
    }  # fmt: skip


def _letter_row(number: int, template: str) -> dict[str, Any]:
    return {
        "id": named("message", f"{number} {template}"), "recipient_id": named("bearer", number),
        "name": f"Bearer {number}", "address": f"b{number}@exemple.fr", "template": template,
        "language": "fr", "subject": f"Votre candidature {number}",
        "text": "Une phrase du message. " * 40, "html": "<p>Une phrase du message.</p>" * 200,
        "received_at": _at(number),
    }  # fmt: skip


# --- scheduling: its rows


def load_scheduling(runtime: Runtime, applications: int) -> list[str]:
    """Of 10,000 applications 200 projects, 1,000 appointments; half of them are over."""
    _save_people(runtime, applications)
    supported = _supported(applications)
    with runtime.database.write() as db:
        _insert(db, planning.tables["cohort"], [
            {"id": COHORT, "programme": PROGRAMME, "edition_id": EDITION, "label": "promotion 2020",
             "track_code": "premices", "starts_on": date(2020, 2, 27)},
        ])  # fmt: skip
        _insert(db, planning.tables["organisation"], [
            {"programme": PROGRAMME, "id": _organisation(number), "name": f"Partenaire {number}",
             "commitments": ["mentor"]}
            for number in range(20)
        ])  # fmt: skip
        _insert(db, planning.tables["project"], [
            {"cohort_id": COHORT, "id": named("project", number), "title": f"Projet {number}",
             "joined_on": date(2020, 2, 27)}
            for number in supported
        ])  # fmt: skip
        _insert(db, planning.tables["bearer"], [
            {"cohort_id": COHORT, "project_id": named("project", number),
             "person_id": named("bearer", number)}
            for number in supported
        ])  # fmt: skip
        appointments = [(number, nth) for number in supported for nth in range(APPOINTMENTS)]
        _insert(db, planning.tables["session"], [_session_row(*one) for one in appointments])
        _insert(db, planning.tables["session_project"], [
            {"session_id": named("session", f"{number} {nth}"),
             "project_id": named("project", number)}
            for number, nth in appointments
        ])  # fmt: skip
        _insert(db, planning.tables["session_person"], [
            {"session_id": named("session", f"{number} {nth}"),
             "person_id": named("bearer", number)}
            for number, nth in appointments
        ])  # fmt: skip
        _insert(db, planning.tables["hour_package"], [_package_row(number) for number in supported])
        _insert(db, planning.tables["pairing"], [_pairing_row(number) for number in supported])
    _settle(runtime)
    return [
        "/",
        "/sessions",
        "/sessions?sort=project&page=10",
        "/sessions?when=coming&sort=title",
        "/sessions?q=Rendez-vous+77",
        f"/sessions/{named('session', '50 1')}",
        "/hours",
        "/pairings?sort=organisation",
        "/tracks",
    ]


def _session_row(number: int, nth: int) -> dict[str, Any]:
    past = nth < APPOINTMENTS // 2
    now = datetime.now(UTC).replace(microsecond=0)
    starts_at = now + timedelta(days=-10 if past else 10, minutes=number)
    return {
        "id": named("session", f"{number} {nth}"), "programme": PROGRAMME, "edition_id": EDITION,
        "cohort_id": COHORT, "kind": "appointment", "title": f"Rendez-vous {number} {nth}",
        "topics": [], "starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90),
        "mode": "online", "speaker_ids": [], "for_cohort": False,
        "state": "held" if past else "planned", "sequence": 0, "changed_at": now,
        "participants": 2 if past else None, "minutes_held": 90 if past else None,
    }  # fmt: skip


def _package_row(number: int) -> dict[str, Any]:
    return {
        "id": named("package", number), "programme": PROGRAMME, "edition_id": EDITION,
        "cohort_id": COHORT, "project_id": named("project", number), "kind": "mentoring",
        "minutes": 600, "reason": "track", "granted_on": date(2020, 2, 27), "minutes_used": 180,
        "minutes_over": 0,
    }  # fmt: skip


def _pairing_row(number: int) -> dict[str, Any]:
    return {
        "id": named("pairing", number), "programme": PROGRAMME, "edition_id": EDITION,
        "cohort_id": COHORT, "project_id": named("project", number), "kind": "godparent",
        "organisation_id": _organisation(number // 50), "method": "by_hand", "reasons": [],
        "state": "active", "made_on": date(2020, 2, 27),
    }  # fmt: skip


# --- for all of them


def _save_people(runtime: Runtime, bearers: int) -> None:
    with runtime.database.write() as db:
        for one in (COORDINATOR, *MEMBERS):
            save_person(db, one, share=False)
        _insert(db, person, [
            {"id": named("bearer", number), "name": f"Bearer {number}",
             "email": f"b{number}@exemple.fr", "phone": None, "language": "fr", "roles": []}
            for number in range(bearers)
        ])  # fmt: skip


def _insert(db: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(sa.insert(table), rows)


def _settle(runtime: Runtime) -> None:
    """PostgreSQL counts its rows by itself, a minute after they came; a measure does not wait."""
    if not runtime.database.is_sqlite:
        with runtime.database.write() as db:
            db.execute(sa.text("analyze"))
