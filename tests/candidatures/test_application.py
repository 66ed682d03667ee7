"""Applications: in time or not, received with their number, taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from candidatures import commands, store
from candidatures.application import ApplicationState, refuse_outside_window
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Role
from essaim.refusal import Refusal, Refusals
from essaim.running.runtime import Runtime
from essaim.web import speaking
from essaim_contracts.candidatures import (
    ApplicationReceived,
    ApplicationWithdrawn,
    CallOpened,
    WithdrawalReason,
)

from tests.candidatures.premices import (
    CALL,
    CLOSING,
    CONTENT,
    OPEN,
    a_draft,
    everything_told,
    received,
    set_clock,
    the_call,
    told,
)


def test_an_application_one_second_late_is_refused_with_the_closing_time_and_the_reason() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_outside_window(CALL, CLOSING)

    with speaking("candidatures", "fr") as _:
        sentence = _.refusal(refused.value).replace("\N{NO-BREAK SPACE}", " ")
    assert "15 janvier 2020 à 18 h 00" in sentence
    assert "trop tard" in sentence
    assert "brouillon est gardé" in sentence


def test_an_application_in_the_last_second_is_in_time() -> None:
    refuse_outside_window(CALL, CLOSING - timedelta(microseconds=1))


def test_before_the_opening_the_date_is_given() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_outside_window(CALL, OPEN - timedelta(days=60))

    assert refused.value.values["opens_at"] == CALL.opens_at


def test_a_submission_gives_a_number_a_person_and_a_fact(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    with open_call.work() as work:
        number = commands.application.submit(work, draft_id, work.now)

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

    facts = told(open_call, CallOpened, ApplicationReceived)
    assert [fact.type for fact in facts] == [CallOpened.type, ApplicationReceived.type]


def test_somebody_who_signed_in_stays_the_same_person(open_call: Runtime) -> None:
    signed_in = stable_id("premices", "person", "alix")
    for nth, email in enumerate(["alix@example.org", "ALIX@example.org"]):
        draft_id = a_draft(open_call, token=f"{nth:030d}", bearer_email=email, bearer_name="Autre")
        with open_call.work(actor=signed_in) as work:
            commands.application.submit(work, draft_id, work.now)

    with open_call.read() as db:
        alix = directory.find_person_by_email(db, "alix@example.org")
    assert alix is not None
    assert alix.name == "Alix (fictive)"
    assert sorted(held.role for held in alix.roles) == [Role.BEARER, Role.COORDINATOR]


def test_a_late_application_is_refused_and_its_draft_stays_readable(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    set_clock(open_call, CLOSING + timedelta(seconds=1))

    with pytest.raises(Refusal) as refused, open_call.work() as work:
        commands.application.submit(work, draft_id, work.now)

    assert refused.value.code == "call_closed"
    assert refused.value.values["closes_at"] == CLOSING
    with open_call.read() as db:
        kept = store.application.find(db, draft_id)
    assert kept is not None
    assert kept.state == ApplicationState.DRAFT
    assert kept.content == CONTENT
    assert told(open_call, ApplicationReceived) == []


def test_a_request_that_came_in_time_is_in_time_however_long_it_queued(
    open_call: Runtime,
) -> None:
    draft_id = a_draft(open_call)
    arrived_at = CLOSING - timedelta(milliseconds=1)
    set_clock(open_call, CLOSING + timedelta(seconds=2))

    with open_call.work() as work:
        number = commands.application.submit(work, draft_id, arrived_at)

    assert number == "PREM-2020-0001"


def test_a_draft_that_lacks_something_is_refused_and_takes_no_number(open_call: Runtime) -> None:
    wrong = a_draft(open_call, token="a" * 30, jobs_max="")
    with pytest.raises(Refusals), open_call.work() as work:
        commands.application.submit(work, wrong, work.now)

    right = a_draft(open_call, token="b" * 30)
    with open_call.work() as work:
        assert commands.application.submit(work, right, work.now) == "PREM-2020-0001"


def test_ninety_people_submit_in_the_last_second_and_each_gets_her_own_number(
    open_call: Runtime,
) -> None:
    ids = [
        a_draft(open_call, token=f"{nth:030d}", bearer_email=f"p{nth}@example.org")
        for nth in range(90)
    ]
    set_clock(open_call, CLOSING - timedelta(seconds=1))
    start = Barrier(30)

    def send(nth: int) -> str:
        if nth < 30:
            start.wait()
        arrived_at = open_call.clock.now()
        with open_call.work() as work:
            return commands.application.submit(work, ids[nth], arrived_at)

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
            commands.application.submit(work, first, work.now)
            raise PulledPlug

    with pytest.raises(PulledPlug):
        send_and_fail()
    with open_call.work() as work:
        assert commands.application.submit(work, second, work.now) == "PREM-2020-0001"


def test_an_application_is_sent_once(open_call: Runtime) -> None:
    sent = received(open_call)

    with pytest.raises(Refusal, match="PREM-2020-0001"), open_call.work() as work:
        commands.application.submit(work, sent, work.now)


def test_a_received_application_is_withdrawn_once_with_a_reason(open_call: Runtime) -> None:
    sent = received(open_call)
    with open_call.work() as work:
        commands.application.withdraw(work, sent, WithdrawalReason.OTHER_SUPPORT)

    (fact,) = told(open_call, ApplicationWithdrawn)
    assert isinstance(fact, ApplicationWithdrawn)
    assert fact.reason == WithdrawalReason.OTHER_SUPPORT
    with pytest.raises(Refusal) as refused, open_call.work() as work:
        commands.application.withdraw(work, sent, WithdrawalReason.BEARER_CHOICE)
    assert refused.value.code == "already_withdrawn"


def test_a_draft_never_sent_cannot_be_withdrawn(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)

    with pytest.raises(Refusal) as refused, open_call.work() as work:
        commands.application.withdraw(work, draft_id, WithdrawalReason.BEARER_CHOICE)

    assert refused.value.code == "not_received"
