"""What this service does with each fact it hears: learn names, and tell people."""

from collections.abc import Iterable

from essaim.hearing.router import FactRouter
from essaim.work import Work
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CallOpened,
    CohortChange,
    CohortChanged,
    CohortFormed,
    PartnerJoined,
    TrophyAwarded,
)
from essaim_contracts.envelope import Envelope
from essaim_contracts.scheduling import (
    PairingMade,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)

from notifications import notices, queue, sessions, store
from notifications.messages import TOLD, UNSENT, CancelReason, Notice, Template
from notifications.notices import Application, Cohort
from notifications.sessions import Session, SessionState

facts = FactRouter("notifications")


@facts.subscriber(CallOpened)
def learn_call(opened: CallOpened, work: Work) -> None:
    store.save_call(work.db, opened.call_id, opened.title)


@facts.subscriber(PartnerJoined)
def learn_organisation(joined: PartnerJoined, work: Work) -> None:
    if joined.name is not None:
        store.save_organisation(work.db, joined.organisation_id, joined.name)


@facts.subscriber(ApplicationReceived)
def acknowledge_application(received: ApplicationReceived, work: Work) -> None:
    call_title = store.call_title(work.db, received.call_id)
    known = Application(
        received.application_id, received.number, received.project_title, call_title
    )
    store.save_application(work.db, known)
    _tell(work, [notices.receipt(received, call_title)])


@facts.subscriber(ApplicationDecided)
def answer_application(decided: ApplicationDecided, work: Work) -> None:
    application = store.find_application(work.db, decided.application_id)
    notice = notices.decision(decided, application)
    if notice is None:
        return
    # An answer that has not left is replaced: nobody must read two that contradict each other.
    store.cancel_unsent(
        work.db,
        decided.application_id,
        CancelReason.REPLACED,
        work.now,
        templates=[Template.APPLICATION_DECIDED],
    )
    store.save_answer(work.db, application.id, notices.answer(decided))
    _tell(work, [notice])


@facts.subscriber(ApplicationWithdrawn)
def take_back_answer(withdrawn: ApplicationWithdrawn, work: Work) -> None:
    store.cancel_unsent(
        work.db,
        withdrawn.application_id,
        CancelReason.REPLACED,
        work.now,
        templates=[Template.APPLICATION_DECIDED],
    )


@facts.subscriber(CohortFormed)
def welcome_cohort(formed: CohortFormed, work: Work) -> None:
    cohort = Cohort(formed.cohort_id, formed.label, formed.starts_on)
    store.save_cohort(work.db, cohort)
    store.save_projects(work.db, [(p.project_id, p.title, p.bearer_ids) for p in formed.projects])
    _tell(work, notices.welcomes(cohort, formed.projects))


@facts.subscriber(CohortChanged)
def follow_cohort(changed: CohortChanged, work: Work) -> None:
    project = changed.project
    if changed.change == CohortChange.LEFT:
        store.cancel_unsent(
            work.db,
            changed.cohort_id,
            CancelReason.LEFT_COHORT,
            work.now,
            recipients=project.bearer_ids,
        )
        return
    store.save_projects(work.db, [(project.project_id, project.title, project.bearer_ids)])
    cohort = store.find_cohort(work.db, changed.cohort_id)
    _tell(work, notices.welcomes(cohort, [project]))


@facts.subscriber(SessionPlanned)
def convene_participants(planned: SessionPlanned, work: Work) -> None:
    known = store.find_session(work.db, planned.session_id)
    if sessions.is_stale(known, planned.sequence):
        return
    cause = _cause(work)
    session = sessions.planned(planned, cause.programme, cause.id, cause.time)
    if known is not None and not sessions.reads_differently(known, session):
        _convene_others(work, known, session)
    else:
        _announce(work, known, session, None if known is None else "other")


@facts.subscriber(SessionMoved)
def announce_move(moved: SessionMoved, work: Work) -> None:
    known = _known_session(work, moved)
    if sessions.is_stale(known, moved.sequence):
        return
    cause = _cause(work)
    session = sessions.moved(known, moved, cause.id, cause.time)
    _announce(work, known, session, moved.reason)


@facts.subscriber(SessionCancelled)
def announce_cancellation(cancelled: SessionCancelled, work: Work) -> None:
    known = _known_session(work, cancelled)
    if sessions.is_stale(known, cancelled.sequence):
        return
    cause = _cause(work)
    session = sessions.cancelled(known, cancelled, cause.id, cause.time)
    _announce(work, known, session, cancelled.reason)


@facts.subscriber(SessionHeld)
def stop_reminding(held: SessionHeld, work: Work) -> None:
    store.close_session(work.db, held.session_id)


@facts.subscriber(PairingMade)
def introduce_pair(made: PairingMade, work: Work) -> None:
    title, bearer_ids = store.find_project(work.db, made.project_id)
    names = store.organisation_names(work.db, [made.organisation_id])
    _tell(work, notices.introductions(made, title, bearer_ids, names.get(made.organisation_id)))


@facts.subscriber(TrophyAwarded)
def congratulate_bearers(awarded: TrophyAwarded, work: Work) -> None:
    title, _ = store.find_project(work.db, awarded.project_id)
    names = store.organisation_names(work.db, [prize.contributor_id for prize in awarded.prizes])
    _tell(work, notices.congratulations(awarded, title, names))


def _announce(work: Work, known: Session | None, session: Session, reason: str | None) -> None:
    """Save what a session is now, drop what was not sent about it, and tell its participants."""
    is_off = session.state == SessionState.CANCELLED
    because = CancelReason.SESSION_CANCELLED if is_off else CancelReason.REPLACED
    store.cancel_unsent(work.db, session.id, because, work.now)
    told = store.convened(work.db, session.id, TOLD)
    store.save_session(work.db, session)
    names = store.public_names(work.db, session)
    gone = sessions.dropped(known, session) & told
    _tell_of_session(
        work,
        session,
        sessions.announcements(session, told, names, reason)
        + sessions.withdrawals(session, gone, names),
    )


def _convene_others(work: Work, known: Session, session: Session) -> None:
    """The same session for other people: those who stay are left in peace."""
    gone = sessions.dropped(known, session)
    store.cancel_unsent(work.db, session.id, CancelReason.REPLACED, work.now, recipients=gone)
    told = store.convened(work.db, session.id, TOLD)
    aware = store.convened(work.db, session.id, (*TOLD, *UNSENT))
    store.save_session(work.db, sessions.with_others_convened(known, session))
    names = store.public_names(work.db, session)
    _tell_of_session(
        work,
        session,
        sessions.first_convocations(session, aware, names)
        + sessions.withdrawals(session, gone & told, names),
    )


def _tell_of_session(work: Work, session: Session, notices: list[Notice]) -> None:
    # What is said of a session that had begun changes no calendar any more.
    if _cause(work).time < session.starts_at:
        _tell(work, notices)


def _known_session(work: Work, fact: SessionMoved | SessionCancelled) -> Session:
    known = store.find_session(work.db, fact.session_id)
    if known is None:
        raise store.NotHeardOf("session", fact.session_id)
    return known


def _tell(work: Work, told: Iterable[Notice]) -> None:
    cause = _cause(work)
    queue.queue(work, told, programme=cause.programme, cause=cause.id)


def _cause(work: Work) -> Envelope:
    if work.cause is None:
        raise ValueError("This handler was called without the fact that causes it.")
    return work.cause
