"""The committee: scores, conflicts of interest, decisions prepared and then applied together."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from essaim import Person, Work
from essaim.ids import new_id

from candidatures import store
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.committee import (
    Applied,
    Verdict,
    application_withdrawn,
    applied,
    apply_decisions,
    check_verdict,
    refuse_before_closing,
)
from candidatures.scoring import check_scores, conflict_of_interest, weighted_mean


def give_scores(
    work: Work, application_id: UUID, evaluator: Person, points: Mapping[str, int | None]
) -> float | None:
    """Save what this evaluator gives; the new mean of the application.

    Raises:
        Refusal: she withdrew for a conflict of interest, the application is not before the
            committee, or (422) a criterion or a number of points does not exist.
    """
    application = _received(work, application_id)
    if store.committee.has_conflict(work.db, application_id, evaluator.id):
        raise conflict_of_interest(application.number)
    call = store.call.of_id(work.db, application.call_id)
    check_scores(call.criteria, points)
    store.committee.save_scores(work.db, application_id, evaluator.id, points, work.now)
    return _save_mean(work, application)


def declare_conflict(
    work: Work, application_id: UUID, evaluator: Person, declared: bool
) -> float | None:
    """Withdraw from an application, or come back to it; her scores count only without conflict."""
    application = _received(work, application_id)
    store.committee.save_conflict(work.db, application_id, evaluator.id, declared, work.now)
    return _save_mean(work, application)


def _received(work: Work, application_id: UUID) -> Application:
    application = store.application.get(work.db, application_id, lock=True)
    if application.state == ApplicationState.DRAFT:
        raise unknown_application()
    if application.state == ApplicationState.WITHDRAWN:
        raise application_withdrawn(application.number)
    return application


def _save_mean(work: Work, application: Application) -> float | None:
    call = store.call.of_id(work.db, application.call_id)
    mean = weighted_mean(call.criteria, store.committee.scores_of(work.db, application.id))
    store.committee.save_mean(work.db, application.id, mean)
    return mean


def prepare_decision(work: Work, application_id: UUID, verdict: Verdict, note: str | None) -> None:
    """Prepare a decision: nobody hears of it before it is applied, of the note never."""
    application = _received(work, application_id)
    check_verdict(verdict)
    store.committee.prepare_decision(work.db, application.id, verdict, note, work.actor, work.now)


def apply_prepared(
    work: Work, slug: str, *, decided_on: date | None, partial: bool, over_places: bool
) -> Applied:
    """Apply all prepared decisions of a call together; only changed ones are said again.

    Raises:
        Refusal: the call is not closed yet, some applications lack a decision (unless `partial`),
            more are selected than there are places (unless `over_places`, in the actor's name),
            or two have one rank.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    refuse_before_closing(call, work.now)
    considered = store.committee.considered_of(work.db, call)
    day = decided_on or work.today
    facts = apply_decisions(call, considered, day, partial=partial, over_places=over_places)
    for decided in facts:
        store.committee.mark_applied(work.db, decided)
        work.tell(decided, programme=call.programme)
    if facts:
        store.committee.add_round(
            work.db,
            new_id(),
            call.id,
            decided_on=day,
            changed=len(facts),
            actor=work.actor,
            over_places=over_places,
            now=work.now,
        )
    return applied(considered, changed=len(facts))
