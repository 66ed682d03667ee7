"""What this service does with each fact it hears: learn names, and tell people."""

from dataclasses import replace
from uuid import UUID

import structlog
from essaim import FactRouter, Role, Work
from essaim.people.directory import people_with_role
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
    PersonErased,
    TrophyAwarded,
)
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed
from essaim_contracts.correspondence import ApplicationCorrected, CorrectionAsked, NoteLeft
from essaim_contracts.erasure import ErasureChanged
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverProposed,
)
from essaim_contracts.retention import (
    RetentionAnnounced,
    RetentionAnnouncedByCandidatures,
    RetentionAnnouncedByNotifications,
    RetentionAnnouncedByScheduling,
)
from essaim_contracts.scheduling import (
    PairingMade,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)
from essaim_contracts.selection import PlaceOffered, ReviewsAssigned

from notifications import correspondence, final_file, notice, session, store
from notifications.commands import erasure
from notifications.commands.message import cause_of, tell
from notifications.commands.session import announce, convene_others
from notifications.commands.webhook_delivery import note_facts
from notifications.message import CancelReason, Template
from notifications.notice import Application, Cohort, Project
from notifications.writing import Standing

log = structlog.get_logger()

facts = FactRouter("notifications")

facts.watcher(note_facts)


@facts.subscriber(CallOpened)
def learn_call(opened: CallOpened, work: Work) -> None:
    store.application.save_call(work.db, opened.call_id, opened.title)
    if opened.programme_name is not None:
        store.programme.save(work.db, cause_of(work).programme, opened.programme_name)


@facts.subscriber(PartnerJoined)
def learn_organisation(joined: PartnerJoined, work: Work) -> None:
    if joined.name is not None:
        store.organisation.save(work.db, joined.organisation_id, joined.name)


@facts.subscriber(ApplicationReceived)
def acknowledge_application(received: ApplicationReceived, work: Work) -> None:
    call_title = store.application.call_title(work.db, received.call_id)
    known = Application(
        received.application_id, received.number, received.project_title, call_title
    )
    store.application.save(work.db, known)
    store.writing.save_applicant(
        work.db, cause_of(work).programme, known.id, received.call_id, received.bearer_id
    )
    # What was handed over has its letter from who took it over.
    if received.handed_over_from is None:
        tell(work, [notice.receipt(received, call_title)])


@facts.subscriber(ApplicationDecided)
def answer_application(decided: ApplicationDecided, work: Work) -> None:
    application = store.application.find(work.db, decided.application_id)
    store.writing.save_standing(work.db, application.id, Standing(decided.decision))
    news = notice.decision(decided, application)
    if news is None:
        return
    # An answer that has not left is replaced: nobody must read two that contradict each other.
    store.message.cancel_unsent(
        work.db,
        decided.application_id,
        CancelReason.REPLACED,
        work.now,
        templates=[Template.APPLICATION_DECIDED, Template.PLACE_OFFERED],
    )
    store.application.save_answer(work.db, application.id, notice.answer(decided))
    if not _was_told(work, news):
        tell(work, [news])


def _was_told(work: Work, news: notice.Notice) -> bool:
    """Whether the last answer that left says the same: one in between was held, and went."""
    told = store.said.last_told(work.db, news.about_id, news.recipient_id, news.template)
    return told is not None and all(told.get(name) == it for name, it in news.details.items())


@facts.subscriber(ApplicationWithdrawn)
def confirm_withdrawal(withdrawn: ApplicationWithdrawn, work: Work) -> None:
    application = store.application.find(work.db, withdrawn.application_id)
    store.writing.drop_applicant(work.db, application.id)
    # An answer to what was taken back would be read as a mistake.
    store.message.cancel_unsent(
        work.db,
        withdrawn.application_id,
        CancelReason.REPLACED,
        work.now,
        templates=[Template.APPLICATION_DECIDED, Template.PLACE_OFFERED],
    )
    tell(work, [notice.withdrawal(withdrawn, application)])


@facts.subscriber(PlaceOffered)
def ask_whether_she_takes_the_place(offered: PlaceOffered, work: Work) -> None:
    application = store.application.find(work.db, offered.application_id)
    tell(work, [notice.offer(offered, application)])


@facts.subscriber(HandoverProposed)
def ask_whether_it_may_be_handed_over(asked: HandoverProposed, work: Work) -> None:
    application = store.application.find(work.db, asked.application_id)
    tell(work, [correspondence.agreement_asked(asked, application)])


@facts.subscriber(HandoverOffered)
def tell_what_is_handed_over(offered: HandoverOffered, work: Work) -> None:
    if offered.to_programme is None:
        return  # somebody outside: a link goes to her
    _cancel(work, offered.handover_id, Template.HANDOVER_OFFERED)
    application = store.application.find(work.db, offered.application_id)
    readers = _coordinators(work, offered.to_programme)
    tell(work, correspondence.to_take_over(offered, application, readers))


@facts.subscriber(HandoverAccepted)
def tell_who_took_it_over(accepted: HandoverAccepted, work: Work) -> None:
    application = store.application.find(work.db, accepted.application_id)
    became = accepted.to_application_id
    made = store.application.find(work.db, became) if became else None
    givers = _coordinators(work, cause_of(work).programme)
    _cancel(work, accepted.handover_id, Template.HANDOVER_OFFERED)
    tell(work, correspondence.taken_over(accepted, application, made, givers))


@facts.subscriber(HandoverDeclined)
def tell_that_nobody_takes_it_over(declined: HandoverDeclined, work: Work) -> None:
    application = store.application.find(work.db, declined.application_id)
    givers = _coordinators(work, cause_of(work).programme)
    # Whoever has not read that she is asked need not.
    _cancel(work, declined.handover_id, Template.HANDOVER_OFFERED)
    _cancel(work, declined.application_id, Template.HANDOVER_PROPOSED)
    tell(work, correspondence.not_taken_over(declined, application, givers))


@facts.subscriber(CorrectionAsked)
def ask_to_complete(asked: CorrectionAsked, work: Work) -> None:
    _cancel(work, asked.application_id, Template.CORRECTION_ASKED)
    application = store.application.find(work.db, asked.application_id)
    tell(work, [correspondence.completion_asked(asked, application)])


@facts.subscriber(ApplicationCorrected)
def acknowledge_completion(corrected: ApplicationCorrected, work: Work) -> None:
    known = store.application.find(work.db, corrected.application_id)
    _cancel(work, corrected.application_id, Template.CORRECTION_ASKED)
    renamed = replace(known, project_title=corrected.project_title)
    store.application.save(work.db, renamed)
    tell(work, [correspondence.completion_received(corrected, renamed)])


@facts.subscriber(NoteLeft)
def tell_that_a_note_was_left(left: NoteLeft, work: Work) -> None:
    """To her who applied. The coordination finds hers on its first page."""
    if left.by_bearer:
        return
    _cancel(work, left.application_id, Template.NOTE_LEFT)
    application = store.application.find(work.db, left.application_id)
    tell(work, [correspondence.note_left(left, application)])


def _coordinators(work: Work, programme: str) -> list[UUID]:
    """Who has no address is not written to: she would be waited for."""
    known = people_with_role(work.db, Role.COORDINATOR, work.today, programme)
    return [one.id for one in known if one.email]


def _cancel(work: Work, about_id: UUID, template: Template) -> None:
    """What has not left is replaced: nobody must read two that contradict each other."""
    store.message.cancel_unsent(
        work.db, about_id, CancelReason.REPLACED, work.now, templates=[template]
    )


@facts.subscriber(ReviewsAssigned)
def tell_what_to_score(assigned: ReviewsAssigned, work: Work) -> None:
    # Only the last list is hers: one that has not left yet would contradict it.
    store.message.cancel_unsent(
        work.db,
        assigned.call_id,
        CancelReason.REPLACED,
        work.now,
        recipients=[assigned.reviewer_id],
        templates=[Template.REVIEWS_ASSIGNED],
    )
    if assigned.to_review:
        title = store.application.call_title(work.db, assigned.call_id)
        tell(work, [notice.reviews(assigned, title)])


@facts.subscriber(CohortFormed)
def welcome_cohort(formed: CohortFormed, work: Work) -> None:
    cohort = Cohort(formed.cohort_id, formed.label, formed.starts_on)
    store.cohort.save(work.db, cohort)
    store.cohort.save_projects(work.db, map(_project, formed.projects))
    for project in formed.projects:
        _learn_members(work, cohort.id, project)
    tell(work, notice.welcomes(cohort, formed.projects))


@facts.subscriber(CohortChanged)
def follow_cohort(changed: CohortChanged, work: Work) -> None:
    project = changed.project
    if changed.change == CohortChange.LEFT:
        store.message.cancel_unsent(
            work.db,
            changed.cohort_id,
            CancelReason.LEFT_COHORT,
            work.now,
            recipients=project.bearer_ids,
        )
        store.writing.drop_members(work.db, changed.cohort_id, project.project_id)
        return
    store.cohort.save_projects(work.db, [_project(project)])
    cohort = store.cohort.find(work.db, changed.cohort_id)
    _learn_members(work, cohort.id, project)
    tell(work, notice.welcomes(cohort, [project]))


@facts.subscriber(SessionPlanned)
def convene_participants(planned: SessionPlanned, work: Work) -> None:
    known = store.session.find(work.db, planned.session_id)
    if session.is_stale(known, planned.sequence):
        return
    current = session.planned(planned, cause_of(work), work.origin)
    if known is not None and not session.reads_differently(known, current):
        convene_others(work, known, current)
    else:
        announce(work, known, current, None if known is None else "other")


@facts.subscriber(SessionMoved)
def announce_move(moved: SessionMoved, work: Work) -> None:
    known = store.session.find_told(work.db, moved.session_id)
    if session.is_stale(known, moved.sequence):
        return
    current = session.moved(known, moved, cause_of(work), work.origin)
    announce(work, known, current, moved.reason)


@facts.subscriber(SessionCancelled)
def announce_cancellation(cancelled: SessionCancelled, work: Work) -> None:
    known = store.session.find_told(work.db, cancelled.session_id)
    if session.is_stale(known, cancelled.sequence):
        return
    current = session.cancelled(known, cancelled, cause_of(work), work.origin)
    announce(work, known, current, cancelled.reason)


@facts.subscriber(SessionHeld)
def stop_reminding(held: SessionHeld, work: Work) -> None:
    store.session.close(work.db, held.session_id)


@facts.subscriber(PairingMade)
def introduce_pair(made: PairingMade, work: Work) -> None:
    project = store.cohort.find_project(work.db, made.project_id)
    names = store.organisation.names(work.db, [made.organisation_id])
    tell(work, notice.introductions(made, project, names.get(made.organisation_id)))


@facts.subscriber(DeliverableHandedIn)
def acknowledge_file(handed: DeliverableHandedIn, work: Work) -> None:
    project = store.cohort.find_project(work.db, handed.project_id)
    # She is not told that it is late, nor to correct what she has just replaced.
    _replace(work, handed.deliverable_id, Template.FILE_LATE, Template.FILE_REVIEWED)
    tell(work, final_file.receipts(handed, project))


@facts.subscriber(DeliverableReviewed)
def tell_what_came_of_reading(reviewed: DeliverableReviewed, work: Work) -> None:
    project = store.cohort.find_project(work.db, reviewed.project_id)
    _replace(work, reviewed.deliverable_id, Template.FILE_LATE, Template.FILE_REVIEWED)
    tell(work, final_file.reviews(reviewed, project))


@facts.subscriber(DeliverableReminded)
def remind_of_late_file(reminded: DeliverableReminded, work: Work) -> None:
    project = store.cohort.find_project(work.db, reminded.project_id)
    _replace(work, reminded.deliverable_id, Template.FILE_LATE)
    tell(work, final_file.reminders(reminded, project))


def _replace(work: Work, about_id: UUID, *templates: Template) -> None:
    """What has not left of these would contradict what is said now."""
    reason = CancelReason.REPLACED
    store.message.cancel_unsent(work.db, about_id, reason, work.now, templates=templates)


@facts.subscriber(TrophyAwarded)
def congratulate_bearers(awarded: TrophyAwarded, work: Work) -> None:
    project = store.cohort.find_project(work.db, awarded.project_id)
    names = store.organisation.names(work.db, [prize.contributor_id for prize in awarded.prizes])
    tell(work, notice.congratulations(awarded, project.title, names))


@facts.subscriber(
    RetentionAnnouncedByCandidatures,
    RetentionAnnouncedByScheduling,
    RetentionAnnouncedByNotifications,
)
def warn_of_erasures(announced: RetentionAnnounced, work: Work) -> None:
    """Operators, and who coordinates the programme: they may suspend what an audit needs.

    Who has no address is not written to: she would be waited for.
    """
    operators = people_with_role(work.db, Role.OPERATOR, work.today)
    programme = cause_of(work).programme
    coordinators = people_with_role(work.db, Role.COORDINATOR, work.today, programme)
    readers = dict.fromkeys(one.id for one in (*operators, *coordinators) if one.email)
    if not readers:
        log.warning("nobody to warn of erasures to come has an address", by=announced.owner)
    tell(work, notice.erasures_to_come(announced, readers))


@facts.subscriber(ErasureChanged)
def warn_of_erasure(changed: ErasureChanged, work: Work) -> None:
    erasure.note_changed(work, changed)


@facts.subscriber(PersonErased)
def take_leave(erased: PersonErased, work: Work) -> None:
    """Before she is forgotten, which comes last of what a chunk brings."""
    if erased.asked_by_herself is False:
        erasure.take_leave(work, erased.person_id)


def _learn_members(work: Work, cohort_id: UUID, project: CohortProject) -> None:
    store.writing.add_members(
        work.db, cause_of(work).programme, cohort_id, project.project_id, project.bearer_ids
    )


def _project(project: CohortProject) -> Project:
    return Project(project.project_id, project.title, project.bearer_ids)
