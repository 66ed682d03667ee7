"""The committee, cohorts, files, trophies and people on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
import sqlalchemy as sa
from candidatures import applying, steering, store
from candidatures.committee import REASONS, Verdict
from candidatures.files import sweep
from candidatures.form import FileType
from candidatures.steering import get_person
from candidatures.tables import decision_round
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import (
    ApplicationDecided,
    CohortChange,
    CohortChanged,
    CohortFormed,
    Decision,
    DeliverableHandedIn,
    DeliverableKind,
    PersonErased,
    TrophyAwarded,
    WithdrawalReason,
)
from premices import CLOSING, OPEN, PDF, everything_told, received, the_call, told

AFTER = CLOSING + timedelta(days=20)
START = date(2020, 2, 27)


@pytest.fixture
def four(premices: Runtime) -> list[UUID]:
    """Four applications received; the call is closed and the committee meets."""
    premices.clock.set(OPEN)  # type: ignore[attr-defined]
    ids = [received(premices, nth) for nth in range(1, 5)]
    premices.clock.set(AFTER)  # type: ignore[attr-defined]
    premices.run_timers()
    return ids


def person(runtime: Runtime, code: str) -> Person:
    with runtime.work() as work:
        return get_person(work, stable_id("premices", "person", code))


def prepare(
    runtime: Runtime,
    application_id: UUID,
    decision: Decision,
    rank: int | None = None,
    note: str | None = None,
) -> None:
    track = "starter" if decision == Decision.REORIENTED else None
    with runtime.work() as work:
        verdict = Verdict(decision, REASONS[decision][0], rank, track)
        steering.prepare_decision(work, application_id, verdict, note)


def apply(
    runtime: Runtime, *, partial: bool = False, over_places: bool = False
) -> steering.Applied:
    actor = stable_id("premices", "person", "alix")
    with runtime.work(actor=actor) as work:
        return steering.apply_prepared(
            work, "premices-2020", decided_on=None, partial=partial, over_places=over_places
        )


def decide_all(runtime: Runtime, four: list[UUID]) -> None:
    prepare(runtime, four[0], Decision.SELECTED)
    prepare(runtime, four[1], Decision.SELECTED)
    prepare(runtime, four[2], Decision.WAITING_LIST, rank=1)
    prepare(runtime, four[3], Decision.REFUSED, note="Le plan est celui de son cousin.")
    apply(runtime)


def form(runtime: Runtime) -> CohortFormed:
    with runtime.work() as work:
        return steering.form_cohort_of_call(work, "premices-2020", "promotion 2020", START)


def project_of(runtime: Runtime, application_id: UUID) -> UUID:
    with runtime.read() as db:
        found = store.find_application(db, application_id)
    assert found is not None
    return found.project_id


# --- scores


def test_two_evaluators_scores_make_one_mean(premices: Runtime, four: list[UUID]) -> None:
    basile, chloe = person(premices, "basile"), person(premices, "chloe")
    with premices.work() as work:
        steering.give_scores(work, four[0], basile, {"ess": 5, "maturity": 5, "autonomy": 0})
    with premices.work() as work:
        mean = steering.give_scores(work, four[0], chloe, {"ess": 5, "autonomy": None})

    assert mean == pytest.approx(83.33)


def test_giving_scores_again_replaces_ones_own(premices: Runtime, four: list[UUID]) -> None:
    basile = person(premices, "basile")
    for points in (1, 5):
        with premices.work() as work:
            mean = steering.give_scores(work, four[0], basile, {"ess": points})

    assert mean == 100.0


def test_a_member_with_a_conflict_does_not_score_and_her_scores_no_longer_count(
    premices: Runtime, four: list[UUID]
) -> None:
    basile, chloe = person(premices, "basile"), person(premices, "chloe")
    with premices.work() as work:
        steering.give_scores(work, four[0], basile, {"ess": 0})
        steering.give_scores(work, four[0], chloe, {"ess": 5})
        assert steering.declare_conflict(work, four[0], basile, declared=True) == 100.0
    with pytest.raises(Refusal, match="conflit"), premices.work() as work:
        steering.give_scores(work, four[0], basile, {"ess": 5})
    with premices.work() as work:
        assert steering.declare_conflict(work, four[0], basile, declared=False) == 50.0


# --- decisions


def test_decisions_are_heard_only_once_applied_and_their_notes_never(
    premices: Runtime, four: list[UUID]
) -> None:
    prepare(premices, four[0], Decision.SELECTED, note="Une idée lumineuse")
    assert told(premices, ApplicationDecided) == []
    apply(premices, partial=True)

    (fact,) = told(premices, ApplicationDecided)
    assert isinstance(fact, ApplicationDecided)
    assert (fact.application_id, fact.decision) == (four[0], Decision.SELECTED)
    assert fact.decided_on == date(2020, 2, 4)
    assert "lumineuse" not in everything_told(premices)


def test_applying_twice_says_only_what_changed_in_between(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    assert len(told(premices, ApplicationDecided)) == 4

    assert apply(premices).changed == 0
    prepare(premices, four[3], Decision.REORIENTED)
    assert apply(premices).changed == 1

    last = told(premices, ApplicationDecided)[-1]
    assert isinstance(last, ApplicationDecided)
    assert (last.application_id, last.track_code) == (four[3], "starter")


def test_a_withdrawn_application_needs_no_decision(premices: Runtime, four: list[UUID]) -> None:
    with premices.work() as work:
        applying.withdraw_application(work, four[3], WithdrawalReason.BEARER_CHOICE)
    for nth in (0, 1):
        prepare(premices, four[nth], Decision.SELECTED)
    prepare(premices, four[2], Decision.REFUSED)

    assert apply(premices) == steering.Applied(3, {"selected": 2, "refused": 1}, undecided=0)


def test_decisions_wait_for_the_closing_of_the_call(premices: Runtime) -> None:
    premices.clock.set(OPEN)  # type: ignore[attr-defined]
    prepare(premices, received(premices), Decision.SELECTED)

    with pytest.raises(Refusal) as refused:
        apply(premices)

    assert refused.value.code == "call_still_open"


def test_going_over_the_places_is_kept_under_the_name_of_who_did(
    premices: Runtime, four: list[UUID]
) -> None:
    for application_id in four:
        prepare(premices, application_id, Decision.SELECTED)
    with pytest.raises(Refusal, match="4 candidatures seraient retenues pour 2 places"):
        apply(premices)
    apply(premices, over_places=True)

    with premices.read() as db:
        row = db.execute(sa.select(decision_round)).one()
    assert row.over_places_by == stable_id("premices", "person", "alix")
    assert row.changed == 4


# --- cohorts


def test_a_cohort_is_formed_once_from_the_selected_applications(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    formed = form(premices)

    assert told(premices, CohortFormed) == [formed]
    assert [one.application_id for one in formed.projects] == four[:2]
    assert [one.title for one in formed.projects] == ["Projet fictif 1", "Projet fictif 2"]
    assert [(one.jobs_min, one.jobs_max) for one in formed.projects] == [(2, 4), (2, 4)]
    with pytest.raises(Refusal, match="promotion 2020"):
        form(premices)


def test_no_cohort_comes_of_a_call_that_selected_nobody(
    premices: Runtime, four: list[UUID]
) -> None:
    with pytest.raises(Refusal) as refused:
        form(premices)

    assert refused.value.code == "nobody_selected"


def test_a_project_leaves_and_one_of_the_waiting_list_joins(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    formed = form(premices)
    leaver, joiner = project_of(premices, four[0]), project_of(premices, four[2])
    day = date(2020, 3, 20)

    def change(project_id: UUID, change: CohortChange) -> None:
        with premices.work() as work:
            steering.change_cohort_member(work, formed.cohort_id, project_id, change, day)

    change(leaver, CohortChange.LEFT)
    with pytest.raises(Refusal, match="n'est pas retenu"):
        change(joiner, CohortChange.JOINED)
    prepare(premices, four[2], Decision.SELECTED)
    apply(premices, over_places=True)
    change(joiner, CohortChange.JOINED)
    with pytest.raises(Refusal, match="déjà partie"):
        change(joiner, CohortChange.JOINED)
    with pytest.raises(Refusal, match="ne fait pas partie"):
        change(leaver, CohortChange.LEFT)

    changes = [(fact.change, fact.project.project_id) for fact in told(premices, CohortChanged)]  # type: ignore[attr-defined]
    assert changes == [(CohortChange.LEFT, leaver), (CohortChange.JOINED, joiner)]


def test_a_project_in_a_cohort_does_not_withdraw_its_application(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form(premices)

    with pytest.raises(Refusal, match="promotion 2020"), premices.work() as work:
        applying.withdraw_application(work, four[0], WithdrawalReason.BEARER_CHOICE)


# --- deliverables


def hand_in(runtime: Runtime, project_id: UUID, content: bytes) -> DeliverableHandedIn | None:
    kept = runtime.documents.keep(BytesIO(content), 1000)
    with runtime.work() as work:
        return steering.hand_in_deliverable(
            work, project_id, DeliverableKind.FINAL_FILE, "dossier.pdf", FileType.PDF, kept
        )


def test_each_new_version_of_a_file_is_said_and_the_same_file_twice_is_one(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form(premices)
    project_id = project_of(premices, four[0])
    premices.clock.set(datetime.fromisoformat("2020-12-15T23:59:00+01:00"))  # type: ignore[attr-defined]

    first, same = hand_in(premices, project_id, PDF), hand_in(premices, project_id, PDF)
    premices.clock.set(datetime.fromisoformat("2020-12-16T00:00:00+01:00"))  # type: ignore[attr-defined]
    second = hand_in(premices, project_id, PDF + b"% more")

    assert same is None
    facts = told(premices, DeliverableHandedIn)
    assert facts == [first, second]
    assert [fact.version for fact in facts] == [1, 2]  # type: ignore[attr-defined]
    assert len({fact.key for fact in facts}) == 1
    with premices.read() as db:
        from candidatures.views import version

        late = [version(row._mapping)["late"] for row in store.versions_of(db, project_id)]
    assert late == [True, False]


def test_files_handed_in_at_once_become_versions_one_after_the_other(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form(premices)
    project_id = project_of(premices, four[0])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda nth: hand_in(premices, project_id, PDF + bytes([nth])), range(4)))

    versions = [fact.version for fact in told(premices, DeliverableHandedIn)]  # type: ignore[attr-defined]
    assert versions == [1, 2, 3, 4]


def test_a_project_in_no_cohort_owes_nothing(premices: Runtime, four: list[UUID]) -> None:
    with pytest.raises(Refusal) as refused:
        hand_in(premices, project_of(premices, four[0]), PDF)

    assert refused.value.code == "not_in_cohort"


# --- trophies


def award(runtime: Runtime, project_id: UUID, *prizes: str) -> TrophyAwarded:
    with runtime.work() as work:
        return steering.award(
            work, project_id, "Trophée de l’élan", date(2021, 1, 19), prizes, jury_ids=[]
        )


def test_a_trophy_comes_with_prizes_and_each_prize_is_given_once(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form(premices)
    first, second = project_of(premices, four[0]), project_of(premices, four[1])

    awarded = award(premices, first, "video", "money")
    with pytest.raises(Refusal, match="Trophée de l’élan"):
        award(premices, second, "video")
    honour = award(premices, second)

    assert sum(prize.value_eur for prize in awarded.prizes) == 5000
    assert honour.prizes == ()
    assert told(premices, TrophyAwarded) == [awarded, honour]


def test_a_prize_named_twice_in_one_trophy_is_refused(premices: Runtime, four: list[UUID]) -> None:
    decide_all(premices, four)
    form(premices)

    with pytest.raises(Refusal) as refused:
        award(premices, project_of(premices, four[0]), "video", "video")

    assert refused.value.code == "prize_given"


def test_a_prize_nobody_pledged_is_refused_with_those_there_are(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form(premices)

    with pytest.raises(Refusal, match=r"castle.*money, video"):
        award(premices, project_of(premices, four[0]), "castle")


def test_a_project_outside_any_cohort_receives_no_trophy(
    premices: Runtime, four: list[UUID]
) -> None:
    with pytest.raises(Refusal) as refused:
        award(premices, project_of(premices, four[0]), "video")

    assert refused.value.code == "not_in_cohort"


# --- people


def test_an_erased_person_leaves_no_trace_of_hers_in_the_tables_or_on_the_disk(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    with premices.read() as db:
        application = store.find_application(db, four[3])
        sha256 = store.documents_of(db, four[3])["summary"].sha256
    assert application is not None
    assert application.bearer_id is not None
    with premices.work() as work:
        for other in four[:3]:
            store.delete_document(work.db, other, "summary")
        steering.erase(work, application.bearer_id, ())
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0)

    assert told(premices, PersonErased) == [
        PersonErased(person_id=application.bearer_id, erased_at=AFTER)
    ]
    with premices.read() as db:
        everything = "".join(
            str(tuple(row))
            for table in store.call.metadata.sorted_tables
            for row in db.execute(sa.select(table))
        )
        assert directory.find_person(db, application.bearer_id) is None
    assert "porteuse-4" not in everything
    assert "Porteuse 4" not in everything
    assert "cousin" not in everything
    assert "porteuse-3" in everything
    assert not premices.documents.path_of(sha256).exists()


def test_a_draft_never_sent_is_erased_with_its_author(premices: Runtime) -> None:
    from premices import a_draft

    premices.clock.set(OPEN)  # type: ignore[attr-defined]
    received(premices, 1)
    draft_id = a_draft(
        premices, token="z" * 30, bearer_email="Porteuse-1@example.org", bearer_name="Encore elle"
    )
    with premices.work() as work:
        someone = directory.find_person_by_email(work.db, "porteuse-1@example.org")
        assert someone is not None
        steering.erase(work, someone.id, ())

    with premices.read() as db:
        draft = store.find_application(db, draft_id)
    assert draft is not None
    assert draft.content == {}


def test_an_address_belongs_to_one_person(premices: Runtime) -> None:
    double = Person(stable_id("premices", "person", "double"), "Double", email="ALIX@example.org")

    with pytest.raises(Refusal) as refused, premices.work() as work:
        steering.add_person(work, double)

    assert refused.value.code == "email_taken"
    assert the_call(premices).received == 0
