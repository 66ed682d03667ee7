"""Reminders are queued in their time, and never late."""

from datetime import timedelta

import sqlalchemy as sa
from essaim.observing.tracing import Origin, following
from essaim.running.runtime import Runtime
from essaim_contracts import scheduling as s
from notifications.commands import message as queue
from notifications.store.message import message as messages
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme, body_of

WAITING, QUEUED, SENT = "waiting_for_person", "queued", "sent"


def reminders(programme: Programme) -> list[tuple[str, str]]:
    return [
        (row.template.removeprefix("session-reminder-"), row.state)
        for row in programme.messages()
        if "reminder" in row.template
    ]


def test_each_participant_is_reminded_seven_days_and_one_day_before(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")
    planned = programme.session(ada.id, bob.id)
    programme.runtime.set_clock(planned.starts_at - timedelta(days=8))

    queued_at: list[timedelta] = []
    while programme.clock.now() < planned.starts_at:
        programme.later(hours=12)
        fill_mailbox(runtime)
        queued_at += [planned.starts_at - programme.clock.now()] * len(
            reminders(programme)[len(queued_at) :]
        )

    assert queued_at == [timedelta(days=7)] * 2 + [timedelta(days=1)] * 2
    assert sorted(reminders(programme)) == [
        ("1-day", SENT), ("1-day", SENT), ("7-days", SENT), ("7-days", SENT),
    ]  # fmt: skip
    body = body_of(programme.messages(template="session-reminder-1-day")[0])
    assert "Un dernier mot avant notre rencontre" in body


def test_a_reminder_is_part_of_what_led_to_its_session(programme: Programme) -> None:
    act = Origin("the-act", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
    ada = programme.knows("Ada", "ada@exemple.fr")
    with following(act):
        planned = programme.session(ada.id)

    programme.runtime.set_clock(planned.starts_at - timedelta(days=7))

    (reminder,) = programme.messages(template="session-reminder-7-days")
    assert reminder.origin == act


def test_a_cancelled_session_is_not_reminded_of(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.hears(programme.cancelled(planned))

    programme.runtime.set_clock(planned.starts_at - timedelta(days=3))

    assert reminders(programme) == []


def test_a_moved_session_is_reminded_of_at_its_new_date_only(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.runtime.set_clock(planned.starts_at - timedelta(days=7))
    assert reminders(programme) == [("7-days", QUEUED)]

    in_a_month = planned.starts_at + timedelta(days=30)
    programme.hears(
        programme.moved(planned, starts_at=in_a_month, ends_at=in_a_month + timedelta(hours=8))
    )
    programme.runtime.set_clock(planned.starts_at - timedelta(hours=1))
    assert reminders(programme) == [("7-days", "cancelled")]

    programme.runtime.set_clock(in_a_month - timedelta(days=6))
    assert reminders(programme) == [("7-days", "cancelled"), ("7-days", QUEUED)]


def test_a_clock_that_jumps_over_a_session_reminds_nobody(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.runtime.set_clock(planned.ends_at)

    assert reminders(programme) == []


def test_a_held_session_is_not_reminded_of(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.hears(
        s.SessionHeld(
            session_id=planned.session_id,
            edition_id=planned.edition_id,
            kind=planned.kind,
            held_on="2020-10-01",
            minutes=60,
            half_days=1,
            mode=planned.mode,
            participants=1,
        )
    )

    programme.runtime.set_clock(planned.starts_at - timedelta(days=3))

    assert reminders(programme) == []


def test_a_reminder_not_sent_before_the_session_is_given_up(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)
    programme.runtime.set_clock(planned.starts_at - timedelta(hours=1))
    with runtime.work() as work:
        past = queue.REAL_TIME.now() - timedelta(seconds=1)
        work.db.execute(sa.update(messages).values(give_up_at=past))

    fill_mailbox(runtime)

    (reminder,) = programme.messages(template="session-reminder-1-day")
    assert (reminder.state, reminder.reason) == ("failed", "server_unreachable")
