"""A message is queued once, waits for its reader, and is taken back or sent again by hand."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim_contracts.notifications import Channel, FailureReason, MessageFailed
from notifications.commands import message as queue
from notifications.store.figures import figures
from notifications.store.message import message as table
from notifications.worker import fill_mailbox
from waiting import PATIENCE

from tests.notifications.correspondence import Programme, body_of, subject_of

WAITING, QUEUED, SENT = "waiting_for_person", "queued", "sent"


def test_a_received_application_is_acknowledged_with_its_number(programme: Programme) -> None:
    bearer = programme.knows("Maëlle Çelik", "maelle@exemple.fr")

    received = programme.application(bearer.id)

    (message,) = programme.messages()
    assert (message.template, message.state) == ("application-received", QUEUED)
    assert message.about_id == received.application_id
    assert "PREM-2020-042" in subject_of(message)
    assert "Bonjour Maëlle Çelik," in body_of(message)
    assert "« Prémices 2020 »" in body_of(message).replace("\u00a0", " ")


def test_a_person_is_written_to_in_her_language(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr", language="en")

    programme.application(bearer.id)

    (message,) = programme.messages()
    assert message.language == "en"
    assert body_of(message).startswith("Dear Ada,")


def test_a_fact_heard_twice_tells_once(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(bearer.id)
    (first,) = programme.messages()

    programme.hears(planned, id=first.cause)
    programme.hears(planned)

    assert len(programme.messages()) == 1


def test_the_same_fact_never_tells_the_same_person_twice_even_past_the_inbox(
    programme: Programme,
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    received = programme.application(bearer.id)
    (first,) = programme.messages()

    programme.hears(received, id=first.cause)

    assert [row.id for row in programme.messages()] == [first.id]


def test_a_message_waits_for_a_person_whom_the_directory_does_not_know_yet(
    programme: Programme,
) -> None:
    bearer = replace(programme.knows("Ada", "ada@exemple.fr"), id=new_id())
    programme.application(bearer.id)
    assert programme.states() == [("application-received", WAITING)]

    programme.learns(bearer)
    programme.later(seconds=1)

    (message,) = programme.messages()
    assert message.state == QUEUED
    assert body_of(message).startswith("Bonjour Ada,")


def test_a_message_waits_for_an_address_too(programme: Programme) -> None:
    bearer = programme.knows("Ada", email=None)
    programme.application(bearer.id)
    programme.later(days=1)
    assert programme.states() == [("application-received", WAITING)]

    programme.learns(replace(bearer, email="ada@exemple.fr"))
    programme.later(seconds=1)

    assert programme.states() == [("application-received", QUEUED)]


def test_a_queued_message_waits_again_when_its_reader_loses_her_address(
    programme: Programme,
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    programme.application(bearer.id)

    programme.learns(replace(bearer, email=None))
    programme.later(minutes=1)

    assert programme.states() == [("application-received", WAITING)]


def test_a_message_for_somebody_unknown_for_a_week_is_given_up(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = new_id()
    received = programme.application(nobody)
    monkeypatch.setattr(queue, "_REAL_PATIENCE", timedelta())

    programme.later(days=7)

    (message,) = programme.messages()
    assert (message.state, message.reason) == ("failed", "no_address")
    assert programme.told() == [
        MessageFailed(
            message_id=message.id,
            recipient_id=nobody,
            template="application-received",
            channel=Channel.EMAIL,
            about_id=received.application_id,
            reason=FailureReason.NO_ADDRESS,
            attempts=1,
            failed_at=programme.clock.now(),
        )
    ]


def test_a_clock_that_jumps_gives_nobody_up_while_the_directory_is_on_its_way(
    programme: Programme,
) -> None:
    programme.application(new_id())

    programme.later(days=30)

    assert programme.states() == [("application-received", WAITING)]


# ---- by hand


def test_a_waiting_message_can_be_taken_back_and_queued_again(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()

    with runtime.work() as work:
        queue.cancel(work, message.id)
    assert programme.states() == [("application-received", "cancelled")]

    with runtime.work() as work:
        queue.retry(work, message.id)
    programme.later(seconds=1)
    assert programme.states() == [("application-received", QUEUED)]


def test_a_sent_message_can_be_neither_taken_back_nor_sent_again(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    fill_mailbox(runtime)
    (message,) = programme.messages()

    for act in (queue.cancel, queue.retry):
        with pytest.raises(Refusal), runtime.work() as work:
            act(work, message.id)


def test_a_message_taken_back_while_it_is_about_to_leave_does_not_leave(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    (message,) = programme.messages()

    with ThreadPoolExecutor() as threads:
        with runtime.work() as work:
            queue.cancel(work, message.id)
            leaving = threads.submit(fill_mailbox, runtime)
            wait([leaving], timeout=0.2)
        leaving.result(timeout=PATIENCE)

    assert programme.states() == [("application-received", "cancelled")]
    assert programme.told() == []


def test_prometheus_is_told_how_many_letters_wait_and_since_when(
    programme: Programme, runtime: Runtime
) -> None:
    programme.application(programme.knows("Ada", "ada@exemple.fr").id)
    programme.application(new_id())
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with runtime.work() as work:
        work.db.execute(sa.update(table).values(entered_at=hour_ago))

    with runtime.read() as db:
        letters, oldest, _ = figures(db)

    waiting = {one.labels["state"]: one.value for one in letters.samples}
    assert waiting == {WAITING: 1, "held": 0, QUEUED: 1, "sending": 0, "failed": 0}
    assert 3600 <= oldest.samples[0].value < 3700
