"""The committee: scores, conflicts of interest, decisions prepared and then applied together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from essaim import Person, Work
from essaim.people.directory import find_person
from essaim_contracts.candidatures import ApplicationDecided, Decision

from candidatures import store
from candidatures.application import Application, ApplicationState, unknown_application
from candidatures.assignment import Given
from candidatures.call import Call
from candidatures.commands import assignment
from candidatures.comment import Written, changed, changed_over, check_comments
from candidatures.committee import (
    Applied,
    Round,
    Verdict,
    application_withdrawn,
    applied,
    apply_decisions,
    check_verdict,
    decisions_leaving,
    not_the_next_round,
    nothing_kept,
    nothing_to_undo,
    refuse_before_closing,
    refuse_unknown_track,
)
from candidatures.conflict import Conflict, conflict_of_interest, conflict_stands
from candidatures.minutes import minutes_missing
from candidatures.ranking import (
    Asked,
    decision_prepared_elsewhere,
    read_verdict,
    written_verdict,
)
from candidatures.scoring import Grid, Seen, changed_points, check_scores, weighted_mean
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
    check_scores(call.criteria_of(store.round.of_application(work.db, application_id)), points)
    store.committee.save_scores(work.db, application_id, evaluator.id, points, work.now)
    return _mean_for(work, application, evaluator)


def write_comments(
    work: Work,
    application_id: UUID,
    evaluator: Person,
    written: Mapping[str, Written],
    version: int,
) -> int:
    """Save what she writes over the `version` she saw, by criterion. The version it makes.

    Raises:
        Refusal: as `give_scores`; or (409) she wrote something else meanwhile, elsewhere.
    """
    application = _received(work, application_id)
    _refuse_conflict(work, application, evaluator)
    call = store.call.of_id(work.db, application.call_id)
    nth = store.round.of_application(work.db, application_id)
    check_comments(call.criteria_of(nth), written)
    before = store.review_comment.own(work.db, application_id, evaluator.id)
    new = changed(before, written, version)
    store.review_comment.save(work.db, application_id, evaluator.id, new, before, work.now)
    return before.version + 1 if new else before.version


def save_grid(
    work: Work, application_id: UUID, evaluator: Person, written: Grid, seen: Seen
) -> None:
    """Save what this evaluator changes of her grid, over what stood in it when she opened it.

    Raises:
        Refusal: as `give_scores` and `write_comments`; (409) where she gave or wrote something
            else meanwhile, elsewhere: nothing of this is saved then.
    """
    own = store.committee.points_of(work.db, application_id, evaluator.id)
    given = changed_points(own, written.points, seen.points)
    give_scores(work, application_id, evaluator, given)
    before = store.review_comment.own(work.db, application_id, evaluator.id)
    comments = changed_over(before, written.comments, seen.comments)
    write_comments(work, application_id, evaluator, comments, before.version)


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


def pin_conflict(work: Work, application_id: UUID, evaluator: Person, stands: bool | None) -> None:
    """Say for the coordination that a conflict stands, or that a guess is wrong; None: neither.

    What she was given and may not read any more is taken back.
    """
    application = _received(work, application_id)
    refuse_decider_in_conflict(work, application)
    store.conflict.pin(work.db, application.id, evaluator.id, stands, work.actor, work.now)
    _save_mean(work, application)
    call = store.call.of_id(work.db, application.call_id)
    held = store.assignment.in_call(work.db, call.id).get(evaluator.id, ())
    if stands and application.id in held:
        assignment.change(work, call.slug, (), [Given(application.id, evaluator.id)], None)


def begin_round(work: Work, slug: str, nth: int) -> int:
    """Begin round `nth` with the applications without a prepared decision. How many they are.

    Raises:
        Refusal: it is not the next one, or it would have no application.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    refuse_before_closing(call, work.now)
    _refuse_leaving(work, call.id)
    if nth != call.round + 1 or nth > len(call.rounds):
        raise not_the_next_round(call, nth)
    kept = store.ranking.left_to_decide(work.db, call)
    if not kept:
        raise nothing_kept(call)
    store.round.keep(work.db, kept, nth, work.actor, work.now)
    store.call.begin_round(work.db, call.id, nth)
    store.assignment.forget_all(work.db, call.id)
    return len(kept)


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
    asked = call.criteria_of(store.round.of_application(work.db, application.id))
    return mean if is_in(asked, given) and not in_conflict else None


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


def refuse_decider_in_conflict(work: Work, application: Application) -> None:
    decider = find_person(work.db, work.actor) if work.actor else None
    if decider is not None:
        _refuse_conflict(work, application, decider)


def prepare_decision(
    work: Work,
    application_id: UUID,
    verdict: Verdict,
    note: str | None,
    feedback: str | None = None,
) -> None:
    """Prepare a decision: nobody hears of it before it is applied, of the note never.

    Raises:
        Refusal: a conflict of interest keeps her who decides from it, or the decisions of its call
            are about to leave.
    """
    application = _received(work, application_id)
    refuse_decider_in_conflict(work, application)
    _refuse_leaving(work, application.call_id)
    check_verdict(verdict)
    refuse_unknown_track(store.call.of_id(work.db, application.call_id), verdict)
    store.committee.prepare_decision(
        work.db, application.id, verdict, note, feedback, work.actor, work.now
    )


def _refuse_leaving(work: Work, call_id: UUID) -> None:
    waiting = store.decision_round.waiting(work.db, call_id)
    if waiting is not None:
        raise decisions_leaving(waiting)


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
        note, feedback = (before.note, before.feedback) if before else (None, None)
        changed += prepare_seen(work, one, note, feedback)
    return changed


def prepare_seen(work: Work, asked: Asked, note: str | None, feedback: str | None) -> bool:
    """Prepare a decision over the one that was seen. Whether anything changed.

    A waiting list goes on behind its last rank where none is given.

    Raises:
        Refusal: as `prepare_decision`; or (409) somebody else prepared another one meanwhile.
    """
    application = store.application.get(work.db, asked.application_id)
    call = store.call.of_id(work.db, application.call_id, lock=True)
    # First: what was prepared is nothing that she may find out by asking for another.
    refuse_decider_in_conflict(work, application)
    before = store.committee.prepared_for(work.db, application.id)
    known = before.verdict if before else None
    if written_verdict(known) not in (asked.shown, asked.chosen):
        raise decision_prepared_elsewhere(application.number)
    verdict = read_verdict(asked.chosen, asked.rank or (known.rank if known else None))
    if verdict.decision == Decision.WAITING_LIST and verdict.rank is None:
        verdict = replace(verdict, rank=store.ranking.last_rank(work.db, call) + 1)
    if before and (verdict, note, feedback) == (before.verdict, before.note, before.feedback):
        return False
    prepare_decision(work, application.id, verdict, note, feedback)
    return True


def apply_prepared(
    work: Work,
    slug: str,
    *,
    decided_on: date | None,
    partial: bool,
    over_places: bool,
    grace: timedelta = timedelta(0),
) -> Applied:
    """Apply all prepared decisions of a call together; only changed ones are said again.

    Nobody is told before `grace` has passed, and until then it can be undone.

    Raises:
        Refusal: the call is not closed yet, some applications lack a decision (unless `partial`),
            more are selected than there are places (unless `over_places`, in the actor's name),
            two have one rank, decisions are about to leave already, or the call asks for a quorum
            and there are no minutes.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    refuse_before_closing(call, work.now)
    _refuse_leaving(work, call.id)
    if call.quorum is not None and not store.minutes.of_call(work.db, call.id):
        raise minutes_missing(call.quorum)
    considered = store.committee.considered_of(work.db, call)
    day = decided_on or work.today
    facts = apply_decisions(call, considered, day, partial=partial, over_places=over_places)
    due_at = work.now + grace
    made = Round(call.id, day, work.now, work.actor, over_places, len(facts), due_at)
    if facts:
        store.decision_round.add(work.db, made, None if grace else work.now)
    if not grace:
        say(work, call, facts)
    return applied(considered, len(facts), due_at)


def say(work: Work, call: Call, facts: Iterable[ApplicationDecided]) -> None:
    for decided in facts:
        store.committee.mark_applied(work.db, decided)
        work.tell(decided, programme=call.programme)


def tell_due_decisions(work: Work) -> bool:
    """Say the decisions whose grace has passed. A timer."""
    for waiting in store.decision_round.due(work.db, work.now):
        call = store.call.of_id(work.db, waiting.call_id, lock=True)
        considered = store.committee.considered_of(work.db, call)
        # What was allowed when they were applied is not asked again: nothing was prepared since.
        facts = apply_decisions(
            call, considered, waiting.decided_on, partial=True, over_places=True
        )
        say(replace(work, actor=waiting.applied_by), call, facts)
        store.decision_round.mark_told(work.db, waiting, work.now)
    return False


def undo_decisions(work: Work, slug: str) -> int:
    """Take back decisions that were applied and of which nobody is told yet. How many.

    Raises:
        Refusal: none waits.
    """
    call = store.call.of_id(work.db, store.call.get(work.db, slug).id, lock=True)
    waiting = store.decision_round.waiting(work.db, call.id)
    if waiting is None or waiting.due_at <= work.now:
        raise nothing_to_undo()
    store.decision_round.mark_undone(work.db, waiting, work.actor, work.now)
    return waiting.changed
