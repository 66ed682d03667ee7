from datetime import datetime, timedelta

from candidatures.call import CallState
from candidatures.commands.application import withdraw
from candidatures.commands.call import close_due_calls, open_due_calls
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import CallClosed, CallOpened, Coded, WithdrawalReason

from tests.candidatures.premices import CLOSING, received, set_clock, the_call, told

OPENING = datetime.fromisoformat("2019-11-15T09:00:00+01:00")
SECOND = timedelta(seconds=1)


def test_a_call_accepts_from_its_opening_included_to_its_closing_excluded(
    premices: Runtime,
) -> None:
    call = the_call(premices)

    assert call.state(OPENING - SECOND) == CallState.TO_COME
    assert call.state(OPENING) == CallState.OPEN
    assert call.state(CLOSING - SECOND) == CallState.OPEN
    assert call.state(CLOSING) == CallState.CLOSED


def test_the_next_date_is_the_one_people_wait_for(premices: Runtime) -> None:
    call = the_call(premices)

    assert call.next_date(OPENING - SECOND) == OPENING
    assert call.next_date(OPENING) == CLOSING
    assert call.next_date(CLOSING) is None


def test_a_call_is_said_open_and_closed_once_each(premices: Runtime) -> None:
    for now in (OPENING, OPENING, CLOSING, CLOSING, CLOSING + SECOND):
        set_clock(premices, now)
        premices.run_timers()

    assert [type(fact) for fact in told(premices, CallOpened, CallClosed)] == [
        CallOpened,
        CallClosed,
    ]


def test_an_opened_call_says_what_its_codes_are_called(premices: Runtime) -> None:
    set_clock(premices, OPENING)
    premices.run_timers()

    (opened,) = told(premices, CallOpened)
    assert isinstance(opened, CallOpened)
    assert opened.sectors == (
        Coded(code="catering", fr="Restauration", en="Catering"),
        Coded(code="organic-farming", fr="Agriculture biologique", en="Organic farming"),
    )
    assert [one.fr for one in opened.heard_from] == ["Lettre d’information"]


def test_a_closed_call_says_how_many_came_in_time_withdrawn_ones_included(
    premices: Runtime,
) -> None:
    set_clock(premices, OPENING)
    received(premices, 1)
    second = received(premices, 2)
    with premices.work() as work:
        withdraw(work, second, WithdrawalReason.OTHER_SUPPORT)
    set_clock(premices, CLOSING + timedelta(minutes=3))
    with premices.work() as work:
        close_due_calls(work)

    call = the_call(premices)
    assert told(premices, CallClosed) == [
        CallClosed(
            call_id=call.id, edition_id=call.edition_id, closed_at=CLOSING, applications_received=2
        )
    ]


def test_a_call_found_late_is_said_open_before_it_is_said_closed(premices: Runtime) -> None:
    set_clock(premices, CLOSING)
    with premices.work() as work:
        close_due_calls(work)
        open_due_calls(work)

    assert [type(fact) for fact in told(premices, CallOpened, CallClosed)] == [
        CallOpened,
        CallClosed,
    ]
