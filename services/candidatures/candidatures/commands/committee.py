"""The committee: scores, conflicts of interest, decisions prepared and then applied together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from essaim import Person, Work
from essaim.ids import new_id
from essaim.people.directory import find_person
from essaim_contracts.candidatures import Decision

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
from candidatures.conflict import Conflict, conflict_of_interest, conflict_stands
from candidatures.ranking import (
    Asked,
    decision_prepared_elsewhere,
    read_verdict,
    written_verdict,
)
from candidatures.scoring import check_scores, weighted_mean
from candidatures.sight import is_in


def give_scores(
    work: Work, application_id: UUID, evaluator: Person, points: Mapping[str, int | None]
) -> float | None:
    """Save what this evaluator gives. The new mean, once all of hers is in; before, None.

    Raises:
        Refusal: a conflict of interest keeps her from it, the application is not before the
            committee, or (422) a criterion or a number of points does not exist.
    """
    application = _received(work, application_id)
    _refuse_conflict(work, application, evaluator)
    call = store.call.of_id(work.db, application.call_id)
    check_scores(call.criteria, points)
    store.committee.save_scores(work.db, application_id, evaluator.id, points, work.now)
    return _mean_for(work, application, evaluator)


def declare_conflict(
    work: Work, application_id: UUID, evaluator: Person, declared: bool
) -> float | None:
    """Withdraw from an application, or come back to it; her scores count only without conflict.

    The new mean, when she may see it.

    Raises:
        Refusal: she would lift a conflict that stands by itself.
    """
    application = _received(work, application_id)
    known = store.conflict.find(work.db, application_id, evaluator)
    if not declared and known not in (None, Conflict.DECLARED):
        raise conflict_stands(application.number)
    store.conflict.save_conflict(work.db, application_id, evaluator.id, declared, work.now)
    return _mean_for(work, application, evaluator)


def _refuse_conflict(work: Work, application: Application, person: Person) -> None:
    conflict = store.conflict.find(work.db, application.id, person)
    if conflict is not None:
        raise conflict_of_interest(application.number, conflict)


def _mean_for(work: Work, application: Application, evaluator: Person) -> float | None:
    """Save the mean as it is now, and say it to an evaluator who may see it."""
    mean = _save_mean(work, application)
    call = store.call.of_id(work.db, application.call_id)
    given = store.committee.points_of(work.db, application.id, evaluator.id)
    in_conflict = store.conflict.find(work.db, application.id, evaluator) is not None
    return mean if is_in(call.criteria, given) and not in_conflict else None


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


def _refuse_decider_in_conflict(work: Work, application: Application) -> None:
    decider = find_person(work.db, work.actor) if work.actor else None
    if decider is not None:
        _refuse_conflict(work, application, decider)


def prepare_decision(work: Work, application_id: UUID, verdict: Verdict, note: str | None) -> None:
    """Prepare a decision: nobody hears of it before it is applied, of the note never.

    Raises:
        Refusal: a conflict of interest keeps her who decides from it.
    """
    application = _received(work, application_id)
    _refuse_decider_in_conflict(work, application)
    check_verdict(verdict)
    store.committee.prepare_decision(work.db, application.id, verdict, note, work.actor, work.now)


def prepare_decisions(work: Work, slug: str, asked: Iterable[Asked]) -> int:
    """Prepare what a page of decisions wants changed, all of it or nothing. How many changed.

    Raises:
        Refusal: as `prepare_seen`; or (404) one is not of this call.
    """
    call_id = store.call.get(work.db, slug).id
    changed = 0
    for one in asked:
        application = store.application.get(work.db, one.application_id)
        if application.call_id != call_id:
            raise unknown_application()
        before = store.committee.prepared_for(work.db, application.id)
        changed += prepare_seen(work, one, before.note if before else None)
    return changed


def prepare_seen(work: Work, asked: Asked, note: str | None) -> bool:
    """Prepare a decision over the one that was seen. Whether anything changed.

    A waiting list goes on behind its last rank where none is given.

    Raises:
        Refusal: as `prepare_decision`; or (409) somebody else prepared another one meanwhile.
    """
    application = store.application.get(work.db, asked.application_id)
    call = store.call.of_id(work.db, application.call_id, lock=True)
    # First: what was prepared is nothing that she may find out by asking for another.
    _refuse_decider_in_conflict(work, application)
    before = store.committee.prepared_for(work.db, application.id)
    known = before.verdict if before else None
    if written_verdict(known) not in (asked.shown, asked.chosen):
        raise decision_prepared_elsewhere(application.number)
    verdict = read_verdict(asked.chosen, asked.rank or (known.rank if known else None))
    if verdict.decision == Decision.WAITING_LIST and verdict.rank is None:
        verdict = replace(verdict, rank=store.ranking.last_rank(work.db, call) + 1)
    if before and (verdict, note) == (before.verdict, before.note):
        return False
    prepare_decision(work, application.id, verdict, note)
    return True


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
