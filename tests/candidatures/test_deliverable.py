from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from candidatures import commands, store
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import DeliverableHandedIn, DeliverableKind

from tests.candidatures.premices import (
    PDF,
    a_document,
    decide_all,
    form_cohort,
    project_of,
    set_clock,
    told,
)


def hand_in(runtime: Runtime, project_id: UUID, content: bytes) -> DeliverableHandedIn | None:
    file = a_document(runtime, content, "dossier.pdf")
    with runtime.work() as work:
        return commands.deliverable.hand_in(work, project_id, DeliverableKind.FINAL_FILE, file)


def test_each_new_version_of_a_file_is_said_and_the_same_file_twice_is_one(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    project_id = project_of(premices, four[0])
    set_clock(premices, datetime.fromisoformat("2020-12-15T23:59:00+01:00"))

    first, same = hand_in(premices, project_id, PDF), hand_in(premices, project_id, PDF)
    set_clock(premices, datetime.fromisoformat("2020-12-16T00:00:00+01:00"))
    second = hand_in(premices, project_id, PDF + b"% more")

    assert same is None
    facts = told(premices, DeliverableHandedIn)
    assert facts == [first, second]
    assert [fact.version for fact in facts] == [1, 2]
    assert len({fact.key for fact in facts}) == 1
    with premices.read() as db:
        late = [one.late for one in store.deliverable.versions_of(db, project_id)]
    assert late == [True, False]


def test_files_handed_in_at_once_become_versions_one_after_the_other(
    premices: Runtime, four: list[UUID]
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    project_id = project_of(premices, four[0])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda nth: hand_in(premices, project_id, PDF + bytes([nth])), range(4)))

    versions = [fact.version for fact in told(premices, DeliverableHandedIn)]
    assert versions == [1, 2, 3, 4]


def test_a_project_in_no_cohort_owes_nothing(premices: Runtime, four: list[UUID]) -> None:
    with pytest.raises(Refusal) as refused:
        hand_in(premices, project_of(premices, four[0]), PDF)

    assert refused.value.code == "not_in_cohort"
