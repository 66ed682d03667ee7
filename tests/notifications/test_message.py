"""What follows a try to send."""

from datetime import UTC, datetime, timedelta

from essaim_contracts.notifications import FailureReason
from hypothesis import given
from hypothesis import strategies as st
from notifications.message import (
    GIVE_UP_AFTER,
    RETRY_AFTER,
    SOON,
    MessageState,
    NextStep,
    Outcome,
    OwnFailure,
    after_try,
)

NOW = datetime(2020, 1, 15, 12, tzinfo=UTC)
GIVE_UP_AT = NOW + GIVE_UP_AFTER


def step(outcome: Outcome, attempts: int = 1, *, was_uncertain: bool = False) -> NextStep:
    return after_try(
        outcome, attempts=attempts, was_uncertain=was_uncertain, give_up_at=GIVE_UP_AT, now=NOW
    )


def test_an_accepted_message_is_sent() -> None:
    assert step(Outcome.ACCEPTED) == NextStep(MessageState.SENT)


def test_a_message_the_server_refuses_for_good_fails_at_once() -> None:
    assert step(Outcome.REFUSED) == NextStep(
        MessageState.FAILED, failure=FailureReason.REFUSED_BY_SERVER
    )


def test_a_message_the_server_could_not_take_is_tried_again_later_and_later() -> None:
    retries = [step(Outcome.POSTPONED, attempts).retry_at for attempts in range(1, 7)]

    assert retries == [NOW + after for after in (*RETRY_AFTER, RETRY_AFTER[-1])]


def test_a_message_whose_connection_broke_is_tried_again_soon_then_later_and_later() -> None:
    """The server may only have been started again; or it breaks on this message each time."""
    retries = [step(Outcome.NOT_REACHED, attempts).retry_at for attempts in range(1, 7)]

    assert retries == [NOW + after for after in (SOON, SOON, *RETRY_AFTER[2:], RETRY_AFTER[-1])]


def test_a_message_postponed_for_five_days_is_given_up() -> None:
    late = after_try(
        Outcome.POSTPONED,
        attempts=120,
        was_uncertain=False,
        give_up_at=NOW + timedelta(minutes=1),
        now=NOW,
    )

    assert late == NextStep(MessageState.FAILED, failure=FailureReason.REFUSED_BY_SERVER)


def test_a_message_that_may_have_left_is_tried_once_more_and_soon() -> None:
    assert step(Outcome.UNCERTAIN) == NextStep(
        MessageState.QUEUED, retry_at=NOW + SOON, uncertain=True
    )


def test_a_letter_that_cannot_be_composed_fails_at_once_and_partners_hear_the_nearest() -> None:
    assert step(Outcome.UNWRITABLE) == NextStep(MessageState.FAILED, failure=OwnFailure.UNWRITABLE)


def test_a_message_that_may_have_left_twice_is_left_to_a_human() -> None:
    assert step(Outcome.UNCERTAIN, 2, was_uncertain=True) == NextStep(
        MessageState.FAILED, failure=FailureReason.SERVER_UNREACHABLE, uncertain=True
    )


@given(
    outcomes=st.lists(st.sampled_from(Outcome), min_size=200, max_size=200),
    pauses=st.lists(st.integers(0, 7200), min_size=200, max_size=200),
)
def test_whatever_the_server_does_a_message_ends_sent_or_failed_within_its_patience(
    outcomes: list[Outcome], pauses: list[int]
) -> None:
    now, uncertain, doubts = NOW, False, 0
    for attempts, (outcome, pause) in enumerate(zip(outcomes, pauses, strict=True), 1):
        doubts += outcome == Outcome.UNCERTAIN
        said = after_try(
            outcome, attempts=attempts, was_uncertain=uncertain, give_up_at=GIVE_UP_AT, now=now
        )
        if said.state != MessageState.QUEUED:
            assert said.state in (MessageState.SENT, MessageState.FAILED)
            break
        assert said.retry_at is not None
        assert now < said.retry_at <= GIVE_UP_AT
        now, uncertain = said.retry_at + timedelta(seconds=pause), said.uncertain
    assert doubts <= 2
    assert said.state != MessageState.QUEUED
