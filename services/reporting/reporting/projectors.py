"""From a fact to the rows of the read model: pure, so that a rebuild gives the same tables."""

from collections.abc import Callable, Iterable
from typing import Any

from essaim.clock import PARIS
from essaim.hearing.projection import Row
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CallOpened,
    CohortChange,
    CohortChanged,
    CohortFormed,
    CohortProject,
    DeliverableHandedIn,
    PartnerJoined,
    TrophyAwarded,
)
from essaim_contracts.envelope import Envelope
from essaim_contracts.fact import Fact
from essaim_contracts.notifications import MessageFailed, MessageSent
from essaim_contracts.scheduling import (
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

from reporting import store

Values = dict[str, Any]


def project(fact: Fact, envelope: Envelope, seq: int) -> list[Row]:
    """Every row this fact adds: to the log, to its projects, to the tables it counts in.

    A fact that counts in no figure yet still has its place in the log.
    """
    said: Values = {"fact_id": envelope.id, "seq": seq, "at": envelope.time}
    edition_id = getattr(fact, "edition_id", None)
    rows = [Row(store.timeline, said | _log_entry(fact, envelope, edition_id))]
    for project_id in projects_of(fact):
        values = {"project_id": project_id, "fact_id": envelope.id}
        rows.append(Row(store.timeline_project, values))
    projector = _PROJECTORS.get(type(fact))
    if projector is not None:
        if edition_id is not None:
            said["edition_id"] = edition_id
        rows.extend(projector(fact, said, envelope.programme))
    return rows


def projects_of(fact: Fact) -> Iterable[Any]:
    """The ids of the projects a fact is about, each once."""
    match fact:
        case CohortFormed():
            return dict.fromkeys(entering.project_id for entering in fact.projects)
        case CohortChanged():
            return (fact.project.project_id,)
        case SessionPlanned():
            return dict.fromkeys(fact.project_ids)
        case SessionHeld():
            present = (one.project_id for one in fact.attendees if one.project_id)
            return dict.fromkeys((*fact.project_ids, *present))
    project_id = getattr(fact, "project_id", None)
    return (project_id,) if project_id else ()


def _log_entry(fact: Fact, envelope: Envelope, edition_id: Any) -> Values:
    _, programme, owner = envelope.source.split("/")
    return {
        "type": envelope.type,
        "programme": programme,
        "owner": owner,
        "key": fact.key,
        "edition_id": edition_id,
        "actor": envelope.actor,
        "correlation": envelope.correlation_id,
        "causation": envelope.causation_id,
        "body": fact.model_dump_json(),
    }


def _partner_joined(fact: PartnerJoined, said: Values, programme: str) -> Iterable[Row]:
    # An organisation that commits to nothing any more still needs a row to replace its last list.
    for commitment in fact.commitments or ("",):
        values = {
            "commitment": str(commitment),
            "programme": programme,
            "organisation_id": fact.organisation_id,
            "name": fact.name,
            "legal_form": fact.legal_form,
        }
        yield Row(store.partner_joined, said | values)


def _call_opened(fact: CallOpened, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "call_id": fact.call_id,
        "programme": programme,
        "programme_name": fact.programme_name,
        "edition_number": fact.edition_number,
        "edition_year": fact.edition_year,
        "title": fact.title,
        "kind": fact.kind.value,
        "track_code": fact.track_code,
        "places": fact.places,
        "opens_at": fact.opens_at,
        "closes_at": fact.closes_at,
    }
    yield Row(store.call_opened, said | values)


def _application_received(fact: ApplicationReceived, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "application_id": fact.application_id,
        "project_id": fact.project_id,
        "number": fact.number,
        "applicant_kind": fact.applicant_kind.value,
        "sector": fact.sector,
        "department": fact.department,
        "heard_from": fact.heard_from,
        "received_on": fact.received_at.astimezone(PARIS).date(),
    }
    yield Row(store.application_received, said | values)
    yield _title(fact.project_id, said, fact.project_title)
    yield _bearer(fact.project_id, fact.bearer_id)


def _application_withdrawn(
    fact: ApplicationWithdrawn, said: Values, programme: str
) -> Iterable[Row]:
    yield _answer(fact, said, "withdrawn")


def _application_decided(fact: ApplicationDecided, said: Values, programme: str) -> Iterable[Row]:
    yield _answer(fact, said, fact.decision.value)


def _answer(fact: ApplicationWithdrawn | ApplicationDecided, said: Values, state: str) -> Row:
    values = {
        "application_id": fact.application_id,
        "project_id": fact.project_id,
        "state": state,
        "reason": fact.reason.value,
    }
    return Row(store.application_answered, said | values)


def _cohort_formed(fact: CohortFormed, said: Values, programme: str) -> Iterable[Row]:
    for entering in fact.projects:
        yield from _cohort_project(entering, fact.cohort_id, said, joined=True)


def _cohort_changed(fact: CohortChanged, said: Values, programme: str) -> Iterable[Row]:
    joined = fact.change is CohortChange.JOINED
    return _cohort_project(fact.project, fact.cohort_id, said, joined=joined)


def _cohort_project(
    entering: CohortProject, cohort_id: Any, said: Values, *, joined: bool
) -> Iterable[Row]:
    values = {
        "project_id": entering.project_id,
        "cohort_id": cohort_id,
        "joined": joined,
        "sector": entering.sector,
        "department": entering.department,
        "jobs_min": entering.jobs_min,
        "jobs_max": entering.jobs_max,
    }
    yield Row(store.cohort_project, said | values)
    yield _title(entering.project_id, said, entering.title)
    for bearer_id in entering.bearer_ids:
        yield _bearer(entering.project_id, bearer_id)


def _title(project_id: Any, said: Values, title: str) -> Row:
    return Row(store.project_title, {"project_id": project_id, "seq": said["seq"], "title": title})


def _bearer(project_id: Any, person_id: Any) -> Row:
    return Row(store.project_bearer, {"project_id": project_id, "person_id": person_id})


def _session_planned(fact: SessionPlanned, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "session_id": fact.session_id,
        "kind": fact.kind.value,
        "title": fact.title,
        "mode": fact.mode.value,
        "place": fact.place,
        "starts_at": fact.starts_at,
        "half_days": fact.half_days,
    }
    yield Row(store.session_planned, said | values)


def _session_moved(fact: SessionMoved, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "session_id": fact.session_id,
        "mode": fact.mode.value,
        "place": fact.place,
        "starts_at": fact.starts_at,
        "half_days": fact.half_days,
        "reason": fact.reason.value,
    }
    yield Row(store.session_moved, said | values)


def _session_cancelled(fact: SessionCancelled, said: Values, programme: str) -> Iterable[Row]:
    values = {"session_id": fact.session_id, "reason": fact.reason.value}
    yield Row(store.session_cancelled, said | values)


def _session_held(fact: SessionHeld, said: Values, programme: str) -> Iterable[Row]:
    here = {one.project_id for one in fact.attendees if one.half_days}
    values = {
        "session_id": fact.session_id,
        "kind": fact.kind.value,
        "held_on": fact.held_on,
        "minutes": fact.minutes,
        "half_days": fact.half_days,
        "mode": fact.mode.value,
        "provider_id": fact.provider_id,
        "participants": fact.participants,
        "attendees": len({one.person_id for one in fact.attendees}),
        "projects": len(set(fact.project_ids)),
        "projects_present": len(here.intersection(fact.project_ids)),
    }
    yield Row(store.session_held, said | values)
    for one in fact.attendees:
        person = {
            "person_id": one.person_id,
            "role": one.role.value,
            "project_id": one.project_id,
            "organisation_id": one.organisation_id,
            "half_days": one.half_days,
        }
        yield Row(store.attendance, said | person)


def _hours_granted(fact: HoursGranted, said: Values, programme: str) -> Iterable[Row]:
    yield _hours(fact, said, provider_id=None, granted=fact.minutes, used=0, over=0)


def _hours_used(fact: HoursUsed, said: Values, programme: str) -> Iterable[Row]:
    yield _hours(
        fact,
        said,
        provider_id=fact.provider_id,
        granted=0,
        used=fact.minutes,
        over=fact.minutes_over,
    )


def _hours(fact: HoursGranted | HoursUsed, said: Values, **minutes: Any) -> Row:
    values = {
        "package_id": fact.package_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
    }
    return Row(store.hours, said | values | minutes)


def _pairing_made(fact: PairingMade, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "pairing_id": fact.pairing_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
        "organisation_id": fact.organisation_id,
        "method": fact.method.value,
    }
    yield Row(store.pairing_made, said | values)


def _pairing_ended(fact: PairingEnded, said: Values, programme: str) -> Iterable[Row]:
    values = {"pairing_id": fact.pairing_id, "reason": fact.reason.value}
    yield Row(store.pairing_ended, said | values)


def _project_progressed(fact: ProjectProgressed, said: Values, programme: str) -> Iterable[Row]:
    values = {
        "project_id": fact.project_id,
        "status": fact.status.value,
        "jobs_min": fact.jobs_min,
        "jobs_max": fact.jobs_max,
        "reported_on": fact.reported_on,
    }
    yield Row(store.project_progressed, said | values)


def _deliverable_handed_in(
    fact: DeliverableHandedIn, said: Values, programme: str
) -> Iterable[Row]:
    values = {
        "deliverable_id": fact.deliverable_id,
        "project_id": fact.project_id,
        "kind": fact.kind.value,
        "late": fact.handed_in_at.astimezone(PARIS).date() > fact.due_on,
    }
    yield Row(store.deliverable_handed_in, said | values)


def _trophy_awarded(fact: TrophyAwarded, said: Values, programme: str) -> Iterable[Row]:
    values = {"trophy_id": fact.trophy_id, "project_id": fact.project_id, "title": fact.title}
    yield Row(store.trophy_awarded, said | values)
    for given in fact.prizes:
        prize = {
            "prize_id": given.prize_id,
            "project_id": fact.project_id,
            "contributor_id": given.contributor_id,
            "kind": given.kind.value,
            "title": given.title,
            "value_eur": given.value_eur,
        }
        yield Row(store.prize, said | prize)


def _message_sent(fact: MessageSent, said: Values, programme: str) -> Iterable[Row]:
    yield _message(fact, said, cause=fact.cause, failure=None)


def _message_failed(fact: MessageFailed, said: Values, programme: str) -> Iterable[Row]:
    yield _message(fact, said, cause=None, failure=fact.reason.value)


def _message(fact: MessageSent | MessageFailed, said: Values, **outcome: str | None) -> Row:
    values = {
        "recipient_id": fact.recipient_id,
        "template": fact.template,
        "about_id": fact.about_id,
    }
    return Row(store.message, said | values | outcome)


_PROJECTORS: dict[type[Fact], Callable[[Any, Values, str], Iterable[Row]]] = {
    PartnerJoined: _partner_joined,
    CallOpened: _call_opened,
    ApplicationReceived: _application_received,
    ApplicationWithdrawn: _application_withdrawn,
    ApplicationDecided: _application_decided,
    CohortFormed: _cohort_formed,
    CohortChanged: _cohort_changed,
    SessionPlanned: _session_planned,
    SessionMoved: _session_moved,
    SessionCancelled: _session_cancelled,
    SessionHeld: _session_held,
    HoursGranted: _hours_granted,
    HoursUsed: _hours_used,
    PairingMade: _pairing_made,
    PairingEnded: _pairing_ended,
    ProjectProgressed: _project_progressed,
    DeliverableHandedIn: _deliverable_handed_in,
    TrophyAwarded: _trophy_awarded,
    MessageSent: _message_sent,
    MessageFailed: _message_failed,
}
