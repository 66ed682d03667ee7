"""Drafts, submissions and receipts on a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
import sqlalchemy as sa
from candidatures import applying, store
from candidatures.application import ApplicationState
from candidatures.files import sweep
from candidatures.form import FileType
from candidatures.tables import application as application_table
from essaim.people import directory
from essaim.person import Role
from essaim.refusal import Refusal, Refusals
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import (
    ApplicationReceived,
    ApplicationWithdrawn,
    CallOpened,
    WithdrawalReason,
)
from premices import (
    CLOSING,
    CONTENT,
    OPEN,
    PDF,
    a_draft,
    everything_told,
    received,
    the_call,
    told,
)


@pytest.fixture
def open_call(premices: Runtime) -> Runtime:
    premices.clock.set(OPEN)  # type: ignore[attr-defined]
    return premices


def drafts(runtime: Runtime) -> int:
    with runtime.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(application_table)) or 0


def test_the_first_save_makes_a_draft_and_the_next_ones_find_it(open_call: Runtime) -> None:
    call = the_call(open_call)
    for version, title in enumerate(["Le Fournil", "Le Fournil des Cimes"]):
        with open_call.work() as work:
            saved = applying.save_draft(
                work,
                call,
                "a secret of mine",
                {"project_title": title},
                version,
                language="fr",
                arrived_at=work.now,
            )

    assert saved.version == 2
    assert drafts(open_call) == 1
    with open_call.read() as db:
        found = store.find_draft(db, call.id, "a secret of mine")
    assert found is not None
    assert found.content == {"project_title": "Le Fournil des Cimes"}


def test_a_first_save_sent_twice_at_once_makes_one_draft(open_call: Runtime) -> None:
    call, start = the_call(open_call), Barrier(4)

    def save(_: int) -> None:
        start.wait()
        with open_call.work() as work:
            applying.save_draft(
                work, call, "one secret", CONTENT, 0, language="fr", arrived_at=work.now
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(4)))

    assert drafts(open_call) == 1


def test_a_secret_is_kept_only_as_its_digest(open_call: Runtime) -> None:
    a_draft(open_call, token="my very own secret token 12345")

    with open_call.read() as db:
        row = db.execute(sa.select(application_table)).one()
    assert "Le Fournil des Cimes" in str(tuple(row))
    assert "my very own secret" not in str(tuple(row))


def test_a_submission_gives_a_number_a_person_and_a_fact(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    with open_call.work() as work:
        number = applying.submit(work, draft_id, work.now)

    (fact,) = told(open_call, ApplicationReceived)
    assert isinstance(fact, ApplicationReceived)
    assert number == fact.number == "PREM-2020-0001"
    assert fact.project_title == "Le Fournil des Cimes"
    assert (fact.jobs_min, fact.jobs_max) == (2, 4)
    with open_call.read() as db:
        bearer = directory.find_person(db, fact.bearer_id)
    assert bearer is not None
    assert bearer.email == "dora@example.org"
    assert bearer.holds({Role.BEARER}, OPEN.date(), "premices")
    text = everything_told(open_call)
    assert "Dora" not in text
    assert "dora@" not in text
    assert "cuit au bois" not in text


def test_the_opening_of_a_call_is_said_before_the_first_application(open_call: Runtime) -> None:
    received(open_call)

    kinds = [type(fact) for fact in told(open_call, CallOpened, ApplicationReceived)]
    assert kinds == [CallOpened, ApplicationReceived]


def test_somebody_already_known_by_her_address_stays_the_same_person(open_call: Runtime) -> None:
    for nth, email in enumerate(["alix@example.org", "ALIX@example.org"]):
        draft_id = a_draft(open_call, token=f"{nth:030d}", bearer_email=email, bearer_name="Autre")
        with open_call.work() as work:
            applying.submit(work, draft_id, work.now)

    with open_call.read() as db:
        alix = directory.find_person_by_email(db, "alix@example.org")
    assert alix is not None
    assert alix.name == "Alix (fictive)"
    assert sorted(held.role for held in alix.roles) == [Role.BEARER, Role.COORDINATOR]


def test_a_late_application_is_refused_and_its_draft_stays_readable(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    open_call.clock.set(CLOSING + timedelta(seconds=1))  # type: ignore[attr-defined]

    with pytest.raises(Refusal) as refused, open_call.work() as work:
        applying.submit(work, draft_id, work.now)

    assert refused.value.code == "call_closed"
    assert refused.value.values["closes_at"] == CLOSING
    with open_call.read() as db:
        kept = store.find_application(db, draft_id)
    assert kept is not None
    assert kept.state == ApplicationState.DRAFT
    assert kept.content == CONTENT
    assert told(open_call, ApplicationReceived) == []


def test_a_request_that_came_in_time_is_in_time_however_long_it_queued(
    open_call: Runtime,
) -> None:
    draft_id = a_draft(open_call)
    arrived_at = CLOSING - timedelta(milliseconds=1)
    open_call.clock.set(CLOSING + timedelta(seconds=2))  # type: ignore[attr-defined]

    with open_call.work() as work:
        number = applying.submit(work, draft_id, arrived_at)

    assert number == "PREM-2020-0001"


def test_a_draft_that_lacks_something_is_refused_and_takes_no_number(open_call: Runtime) -> None:
    wrong = a_draft(open_call, token="a" * 30, jobs_max="")
    with pytest.raises(Refusals), open_call.work() as work:
        applying.submit(work, wrong, work.now)

    right = a_draft(open_call, token="b" * 30)
    with open_call.work() as work:
        assert applying.submit(work, right, work.now) == "PREM-2020-0001"


def test_ninety_people_submit_in_the_last_second_and_each_gets_her_own_number(
    open_call: Runtime,
) -> None:
    ids = [
        a_draft(open_call, token=f"{nth:030d}", bearer_email=f"p{nth}@example.org")
        for nth in range(90)
    ]
    open_call.clock.set(CLOSING - timedelta(seconds=1))  # type: ignore[attr-defined]
    start = Barrier(30)

    def send(nth: int) -> str:
        if nth < 30:
            start.wait()
        arrived_at = open_call.clock.now()
        with open_call.work() as work:
            return applying.submit(work, ids[nth], arrived_at)

    with ThreadPoolExecutor(30) as pool:
        numbers = list(pool.map(send, range(90)))

    assert sorted(numbers) == [f"PREM-2020-{nth:04d}" for nth in range(1, 91)]
    assert len(told(open_call, ApplicationReceived)) == 90
    assert the_call(open_call).received == 90


def test_a_submission_that_fails_leaves_no_gap_in_the_numbers(open_call: Runtime) -> None:
    first, second = (a_draft(open_call, token=letter * 30) for letter in "ab")

    class PulledPlug(Exception):
        pass

    def send_and_fail() -> None:
        with open_call.work() as work:
            applying.submit(work, first, work.now)
            raise PulledPlug

    with pytest.raises(PulledPlug):
        send_and_fail()
    with open_call.work() as work:
        assert applying.submit(work, second, work.now) == "PREM-2020-0001"


def test_an_application_is_sent_once(open_call: Runtime) -> None:
    sent = received(open_call)

    with pytest.raises(Refusal, match="PREM-2020-0001"), open_call.work() as work:
        applying.submit(work, sent, work.now)


def test_a_received_application_is_withdrawn_once_with_a_reason(open_call: Runtime) -> None:
    sent = received(open_call)
    with open_call.work() as work:
        applying.withdraw_application(work, sent, WithdrawalReason.OTHER_SUPPORT)

    (fact,) = told(open_call, ApplicationWithdrawn)
    assert isinstance(fact, ApplicationWithdrawn)
    assert fact.reason == WithdrawalReason.OTHER_SUPPORT
    with pytest.raises(Refusal) as refused, open_call.work() as work:
        applying.withdraw_application(work, sent, WithdrawalReason.BEARER_CHOICE)
    assert refused.value.code == "already_withdrawn"


def test_a_draft_never_sent_cannot_be_withdrawn(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)

    with pytest.raises(Refusal) as refused, open_call.work() as work:
        applying.withdraw_application(work, draft_id, WithdrawalReason.BEARER_CHOICE)

    assert refused.value.code == "not_received"


def test_a_document_replaced_leaves_the_disk_once_nobody_names_it(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    documents = open_call.documents
    other = documents.keep(BytesIO(PDF + b"% second"), 1000)
    with open_call.read() as db:
        before = store.documents_of(db, draft_id)["summary"].sha256
    with open_call.work() as work:
        applying.add_document(work, draft_id, "summary", "autre.pdf", FileType.PDF, other)
    with open_call.work() as work:
        sweep(documents, work.db, settled=0)

    assert not documents.path_of(before).exists()
    assert documents.path_of(other.sha256).exists()


def test_a_document_that_two_applications_share_stays_while_one_names_it(
    open_call: Runtime,
) -> None:
    first, second = (a_draft(open_call, token=letter * 30) for letter in "ab")
    with open_call.work() as work:
        applying.remove_document(work, first, "summary")
        sweep(open_call.documents, work.db, settled=0)
        sha256 = store.documents_of(work.db, second)["summary"].sha256

    assert open_call.documents.path_of(sha256).exists()
