"""Who is told of what, once, and what happens before it leaves."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts import candidatures as c
from essaim_contracts import scheduling as s
from essaim_contracts.notifications import Channel, FailureReason, MessageFailed
from notifications import queue, store
from notifications.delivery import fill_mailbox
from waiting import PATIENCE

WAITING, QUEUED, SENT = "waiting_for_person", "queued", "sent"


def test_a_received_application_is_acknowledged_with_its_number(programme) -> None:
    bearer = programme.knows("Maëlle Çelik", "maelle@exemple.fr")

    received = programme.application(bearer.id)

    (message,) = programme.messages()
    assert (message.template, message.state) == ("application-received", QUEUED)
    assert message.about_id == received.application_id
    assert "PREM-2020-042" in message.subject
    assert "Bonjour Maëlle Çelik," in message.body
    assert "« Prémices 2020 »" in message.body.replace("\u00a0", " ")


def test_a_person_is_written_to_in_her_language(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr", language="en")

    programme.application(bearer.id)

    (message,) = programme.messages()
    assert message.language == "en"
    assert message.body.startswith("Dear Ada,")


def test_a_fact_heard_twice_tells_once(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(bearer.id)
    (first,) = programme.messages()

    programme.hears(planned, id=first.cause)
    programme.hears(planned)

    assert len(programme.messages()) == 1


def test_the_same_fact_never_tells_the_same_person_twice_even_past_the_inbox(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    received = programme.application(bearer.id)
    (first,) = programme.messages()

    programme.hears(received, id=first.cause)

    assert [row.id for row in programme.messages()] == [first.id]


def test_a_message_waits_for_a_person_whom_the_directory_does_not_know_yet(programme) -> None:
    bearer = replace(programme.knows("Ada", "ada@exemple.fr"), id=new_id())
    programme.application(bearer.id)
    assert programme.states() == [("application-received", WAITING)]

    programme.learns(bearer)
    programme.later(seconds=1)

    (message,) = programme.messages()
    assert message.state == QUEUED
    assert message.body.startswith("Bonjour Ada,")


def test_a_message_waits_for_an_address_too(programme) -> None:
    bearer = programme.knows("Ada", email=None)
    programme.application(bearer.id)
    programme.later(days=1)
    assert programme.states() == [("application-received", WAITING)]

    programme.learns(replace(bearer, email="ada@exemple.fr"))
    programme.later(seconds=1)

    assert programme.states() == [("application-received", QUEUED)]


def test_a_queued_message_waits_again_when_its_reader_loses_her_address(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    programme.application(bearer.id)

    programme.learns(replace(bearer, email=None))
    programme.later(minutes=1)

    assert programme.states() == [("application-received", WAITING)]


def test_a_message_for_somebody_unknown_for_a_week_is_given_up(programme, monkeypatch) -> None:
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


def test_a_clock_that_jumps_gives_nobody_up_while_the_directory_is_on_its_way(programme) -> None:
    programme.application(new_id())

    programme.later(days=30)

    assert programme.states() == [("application-received", WAITING)]


# ---- decisions


def test_a_decision_is_told_without_the_score(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "refused", "places_filled", score=87.5))

    message = programme.messages()[-1]
    assert message.template == "application-decided"
    assert "Toutes les places ont été attribuées." in message.body
    assert "87" not in message.body.replace(application.number, "")
    assert "score" not in message.details


def test_a_later_decision_replaces_one_that_has_not_left(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "selected", "meets_criteria"))
    programme.hears(programme.decided(application, "refused", "not_ess"))

    first, second = programme.messages(template="application-decided")
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert second.state == QUEUED
    assert "n'a pas été retenu" in second.body


def test_a_decision_that_has_left_is_followed_by_the_new_one(programme, runtime) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "waiting_list", "places_filled", rank=1))
    fill_mailbox(runtime)
    programme.hears(programme.decided(application, "selected", "meets_criteria"))

    assert programme.states(template="application-decided") == [
        ("application-decided", SENT),
        ("application-decided", QUEUED),
    ]


def test_the_same_decision_told_again_is_no_news(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
    decided = programme.decided(application, "refused", "not_ess", score=10.0)

    programme.hears(decided)
    programme.hears(decided.model_copy(update={"score": 12.0}))

    assert len(programme.messages(template="application-decided")) == 1


def test_a_withdrawn_application_gets_no_decision_any_more(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
    programme.hears(programme.decided(application, "refused", "not_ess"))

    programme.hears(
        c.ApplicationWithdrawn(
            application_id=application.application_id,
            call_id=application.call_id,
            edition_id=application.edition_id,
            project_id=application.project_id,
            bearer_id=bearer.id,
            reason=c.WithdrawalReason.BEARER_CHOICE,
            withdrawn_at=programme.clock.now(),
        )
    )

    assert programme.states() == [
        ("application-received", QUEUED),
        ("application-decided", "cancelled"),
    ]


def test_a_decision_on_an_application_never_heard_of_says_what_to_do(programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id).model_copy(update={"application_id": new_id()})

    with pytest.raises(store.NotHeardOf, match="essaim dead list"):
        programme.hears(programme.decided(application, "refused", "not_ess"))


# ---- cohorts, pairings, trophies


def test_every_bearer_of_a_cohort_is_welcomed_once(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")

    programme.cohort(
        programme.project(ada.id, bob.id, title="Épicerie"),
        programme.project(ada.id, title="Fournil"),
    )

    to_ada, to_bob = sorted(programme.messages(), key=lambda row: row.recipient_id != ada.id)
    assert "« Épicerie », « Fournil »" in to_ada.body.replace("\u00a0", " ")
    assert "Fournil" not in to_bob.body


def test_a_project_that_joins_later_is_welcomed_and_one_that_leaves_before_is_not(
    programme,
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")
    leaves, joins = programme.project(ada.id), programme.project(bob.id, title="Fournil")
    formed = programme.cohort(leaves)

    for change, project in ((c.CohortChange.LEFT, leaves), (c.CohortChange.JOINED, joins)):
        programme.hears(
            c.CohortChanged(
                cohort_id=formed.cohort_id,
                edition_id=formed.edition_id,
                track_code="premices",
                change=change,
                project=project,
                effective_on=formed.starts_on,
            )
        )

    to_ada, to_bob = programme.messages()
    assert (to_ada.state, to_ada.reason) == ("cancelled", "left_cohort")
    assert (to_bob.recipient_id, to_bob.state) == (bob.id, QUEUED)
    assert "« Fournil »" in to_bob.body.replace("\u00a0", " ")


def pairing(project: c.CohortProject, organisation_id, person_id) -> s.PairingMade:
    return s.PairingMade(
        pairing_id=new_id(),
        edition_id=new_id(),
        cohort_id=new_id(),
        project_id=project.project_id,
        kind=s.PairingKind.GODPARENT,
        organisation_id=organisation_id,
        person_id=person_id,
        method=s.PairingMethod.BY_HAND,
        made_on="2020-03-01",
    )


def partner(name: str | None) -> c.PartnerJoined:
    return c.PartnerJoined(
        organisation_id=new_id(),
        name=name,
        commitments=(c.Commitment.GODPARENT,),
        joined_on="2020-01-01",
    )


def test_a_pairing_introduces_both_sides_to_each_other(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    noe = programme.knows("Noé Lefèvre", "noe@brasserie.example")
    project = programme.project(ada.id, title="Épicerie")
    programme.cohort(project)
    brewery = partner("Brasserie de l'Allagnon")
    programme.hears(brewery)

    programme.hears(pairing(project, brewery.organisation_id, noe.id))

    to_bearer, to_contact = programme.messages(template="pairing-made")
    assert to_bearer.recipient_id == ada.id
    assert "Brasserie de l'Allagnon accompagne votre projet" in to_bearer.subject
    assert "– Noé Lefèvre, noe@brasserie.example" in to_bearer.body
    assert to_contact.recipient_id == noe.id
    assert "– Ada, ada@exemple.fr" in to_contact.body


def test_an_expert_who_acts_alone_is_introduced_by_her_name(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    expert = programme.knows("Carine Dupré", "carine@exemple.fr")
    project = programme.project(ada.id)
    programme.cohort(project)
    alone = partner(None)
    programme.hears(alone)

    programme.hears(pairing(project, alone.organisation_id, expert.id))

    to_bearer = programme.messages(template="pairing-made")[0]
    assert to_bearer.subject.startswith("Une personne experte accompagne")
    assert "– Carine Dupré, carine@exemple.fr" in to_bearer.body


def test_a_trophy_is_announced_to_the_bearers_with_its_prizes(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    project = programme.project(ada.id, title="Épicerie")
    programme.cohort(project)
    nef = partner("La Nef")
    programme.hears(nef)

    programme.hears(
        c.TrophyAwarded(
            trophy_id=new_id(),
            edition_id=new_id(),
            cohort_id=new_id(),
            project_id=project.project_id,
            bearer_ids=(ada.id,),
            title="Trophée de la coopération",
            awarded_on="2021-01-19",
            prizes=(
                c.Prize(
                    prize_id=new_id(),
                    contributor_id=nef.organisation_id,
                    kind=c.PrizeKind.MONEY,
                    title="Dotation",
                    value_eur=36000,
                ),
            ),
        )
    )

    message = programme.messages(template="trophy-awarded")[0]
    spaced = message.body.replace("\u00a0", " ").replace("\u202f", " ")
    assert "– Dotation, d'une valeur de 36 000 €, de la part de La Nef" in spaced


# ---- sessions


def test_participants_are_convened_with_what_they_need_to_come(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    host = partner("Les Amanins")
    programme.hears(host)

    planned = programme.session(ada.id, host_id=host.organisation_id)

    (message,) = programme.messages()
    body = message.body.replace("\u00a0", " ")
    assert (message.template, message.about_id) == ("session-convocation", planned.session_id)
    assert "– Quand : jeudi 8 octobre 2020, de 9 h 00 à 17 h 00 (heure de Paris)" in body
    assert "– Où : Les Amanins" in body
    assert "– Accueil : Les Amanins" in body
    assert "– Au programme : cadre réglementaire ; structuration des filières" in body


def test_nobody_is_convened_to_a_session_that_has_begun(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.later(days=400)

    programme.session(ada.id)

    assert programme.messages() == []


def test_a_move_before_the_convocation_left_makes_one_convocation_to_the_new_date(
    programme,
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.hears(programme.moved(planned))

    first, second = programme.messages()
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert (second.template, second.state) == ("session-convocation", QUEUED)
    assert "vendredi 9 octobre 2020" in second.body


def test_a_move_after_the_convocation_left_says_what_changed(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    programme.hears(programme.moved(planned))

    message = programme.messages()[-1]
    assert (message.template, message.state) == ("session-moved", QUEUED)
    assert "À la demande de la structure qui nous accueille" in message.body
    assert message.details["sequence"] == 1


def test_a_stale_move_tells_nobody_anything(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)
    programme.hears(programme.moved(planned, sequence=2))
    known = programme.messages()

    programme.hears(programme.moved(planned, sequence=1, reason=s.ChangeReason.SPEAKER))
    programme.hears(programme.cancelled(planned, sequence=2))

    assert programme.messages() == known


def test_a_cancellation_before_anything_left_writes_to_nobody(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.hears(programme.cancelled(planned))

    (message,) = programme.messages()
    assert (message.state, message.reason) == ("cancelled", "session_cancelled")


def test_a_cancellation_is_told_to_those_who_were_convened(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    programme.hears(programme.cancelled(planned))

    assert programme.states() == [("session-convocation", SENT), ("session-cancelled", QUEUED)]


def test_when_others_are_convened_those_who_stay_are_left_in_peace(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")
    eve = programme.knows("Ève", "eve@exemple.fr")
    planned = programme.session(ada.id, bob.id)
    fill_mailbox(runtime)

    again = planned.model_copy(update={"participant_ids": (ada.id, eve.id), "sequence": 1})
    programme.hears(again)

    new = [(row.recipient_id, row.template) for row in programme.messages(state=QUEUED)]
    assert new == [(eve.id, "session-convocation"), (bob.id, "session-cancelled")]
    withdrawal = programme.messages(recipient_id=bob.id)[-1]
    assert "Votre présence n'est plus nécessaire à cette rencontre" in withdrawal.body


def test_whoever_is_convened_again_after_a_withdrawal_gets_a_convocation(
    programme, runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)
    programme.hears(planned.model_copy(update={"participant_ids": (), "sequence": 1}))
    fill_mailbox(runtime)

    programme.hears(planned.model_copy(update={"sequence": 2}))

    assert programme.states() == [
        ("session-convocation", SENT),
        ("session-cancelled", SENT),
        ("session-convocation", QUEUED),
    ]


# ---- reminders


def reminders(programme) -> list[tuple[str, str]]:
    return [
        (row.template.removeprefix("session-reminder-"), row.state)
        for row in programme.messages()
        if "reminder" in row.template
    ]


def test_each_participant_is_reminded_seven_days_and_one_day_before(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")
    planned = programme.session(ada.id, bob.id)
    programme.runtime.set_clock(planned.starts_at - timedelta(days=8))

    queued_at = []
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
    body = programme.messages(template="session-reminder-1-day")[0].body
    assert "Un dernier mot avant notre rencontre" in body


def test_a_cancelled_session_is_not_reminded_of(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.hears(programme.cancelled(planned))

    programme.runtime.set_clock(planned.starts_at - timedelta(days=3))

    assert reminders(programme) == []


def test_a_moved_session_is_reminded_of_at_its_new_date_only(programme) -> None:
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


def test_a_clock_that_jumps_over_a_session_reminds_nobody(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.runtime.set_clock(planned.ends_at)

    assert reminders(programme) == []


def test_a_held_session_is_not_reminded_of(programme) -> None:
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


def test_a_reminder_not_sent_before_the_session_is_given_up(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)
    programme.runtime.set_clock(planned.starts_at - timedelta(hours=1))
    with runtime.work() as work:
        past = queue.REAL_TIME.now() - timedelta(seconds=1)
        work.db.execute(sa.update(store.message).values(give_up_at=past))

    fill_mailbox(runtime)

    (reminder,) = programme.messages(template="session-reminder-1-day")
    assert (reminder.state, reminder.reason) == ("failed", "server_unreachable")


# ---- by hand


def test_a_waiting_message_can_be_taken_back_and_queued_again(programme, runtime) -> None:
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


def test_a_sent_message_can_be_neither_taken_back_nor_sent_again(programme, runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.application(ada.id)
    fill_mailbox(runtime)
    (message,) = programme.messages()

    for act in (queue.cancel, queue.retry):
        with pytest.raises(Refusal), runtime.work() as work:
            act(work, message.id)


# ---- erasure


def everything_kept(runtime) -> str:
    """All that the service's own tables hold, as text."""
    with runtime.read() as db:
        return "\n".join(
            str(tuple(row))
            for table in store.metadata.tables.values()
            for row in db.execute(sa.select(table))
        )


def test_an_erased_person_leaves_no_trace_but_the_count_of_her_messages(programme, runtime) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    noe = programme.knows("Noé", "noe@exemple.fr")
    programme.application(ada.id)
    project = programme.project(ada.id)
    programme.cohort(project)
    fill_mailbox(runtime)
    brewery = partner("Brasserie")
    programme.hears(brewery, pairing(project, brewery.organisation_id, noe.id))
    fill_mailbox(runtime)
    programme.session(ada.id)
    assert "Canari Perdu" in everything_kept(runtime)

    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))

    kept = everything_kept(runtime)
    assert "Canari Perdu" not in kept
    assert "canari@" not in kept
    assert [state for _, state in programme.states(recipient_id=ada.id)] == [
        SENT, SENT, SENT, "cancelled",
    ]  # fmt: skip


def test_a_message_that_names_an_erased_person_is_written_again_without_her(programme) -> None:
    ada = programme.knows("Canari Perdu", "canari@exemple.fr")
    noe = programme.knows("Noé", "noe@exemple.fr")
    project = programme.project(ada.id)
    programme.cohort(project)
    brewery = partner("Brasserie")
    programme.hears(brewery, pairing(project, brewery.organisation_id, noe.id))

    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))
    programme.later(seconds=1)

    (to_noe,) = programme.messages(recipient_id=noe.id)
    assert to_noe.state == QUEUED
    assert "Canari" not in to_noe.body
    assert "Bonjour Noé," in to_noe.body


def test_nothing_is_queued_any_more_for_an_erased_person(programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    programme.hears(c.PersonErased(person_id=ada.id, erased_at=programme.clock.now()))
    programme.learns(ada)

    programme.hears(programme.moved(planned))
    programme.runtime.set_clock(planned.starts_at - timedelta(days=2))

    assert [row.state for row in programme.messages()] == ["cancelled"]


def test_a_message_taken_back_while_it_is_about_to_leave_does_not_leave(programme, runtime) -> None:
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
