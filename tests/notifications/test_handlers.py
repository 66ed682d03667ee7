"""Who is told of what."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from essaim.ids import new_id
from essaim.running.runtime import Runtime
from essaim_contracts import candidatures as c
from essaim_contracts import scheduling as s
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed, FileVerdict
from essaim_contracts.selection import PlaceOffered, ReviewsAssigned
from notifications import store
from notifications.settings import page_of
from notifications.store.mailbox import mailbox
from notifications.worker import fill_mailbox

from tests.notifications.correspondence import Programme, body_of, pairing, partner, subject_of

WAITING, HELD, QUEUED, SENT = "waiting_for_person", "held", "queued", "sent"


# ---- decisions


def test_a_decision_is_told_without_the_score(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "refused", "places_filled", score=87.5))

    message = programme.messages()[-1]
    assert message.template == "application-decided"
    assert "Toutes les places ont été attribuées." in body_of(message)
    assert "87" not in body_of(message).replace(application.number, "")
    assert "score" not in message.details


def test_a_later_decision_replaces_one_that_has_not_left(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "selected", "meets_criteria"))
    programme.hears(programme.decided(application, "refused", "not_ess"))

    first, second = programme.messages(template="application-decided")
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert second.state == HELD
    assert "n’a pas été retenu" in body_of(second)


def test_a_decision_that_has_left_is_followed_by_the_new_one(
    programme: Programme, runtime: Runtime
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    programme.hears(programme.decided(application, "waiting_list", "places_filled", rank=1))
    programme.releases()
    fill_mailbox(runtime)
    programme.hears(programme.decided(application, "selected", "meets_criteria"))

    assert programme.states(template="application-decided") == [
        ("application-decided", SENT),
        ("application-decided", HELD),
    ]


def test_the_same_decision_told_again_is_no_news(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
    decided = programme.decided(application, "refused", "not_ess", score=10.0)

    programme.hears(decided)
    programme.hears(decided.model_copy(update={"score": 12.0}))

    assert len(programme.messages(template="application-decided")) == 1


def test_a_withdrawn_application_gets_no_decision_any_more(programme: Programme) -> None:
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
        ("application-withdrawn", QUEUED),
    ]


def test_a_decision_on_an_application_never_heard_of_says_what_to_do(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id).model_copy(update={"application_id": new_id()})

    with pytest.raises(store.NotHeardOf, match="essaim dead list"):
        programme.hears(programme.decided(application, "refused", "not_ess"))


# ---- the committee, the waiting list


def test_a_member_is_told_what_she_has_to_score_and_only_her_last_list(
    programme: Programme,
) -> None:
    member = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(programme.knows("Bo", "bo@exemple.fr").id)

    def assigned(applications: int, to_review: int) -> ReviewsAssigned:
        return ReviewsAssigned(
            call_id=application.call_id,
            edition_id=application.edition_id,
            call_slug="premices-2020",
            reviewer_id=member.id,
            applications=applications,
            to_review=to_review,
            due_on=date(2020, 2, 3),
        )

    programme.hears(assigned(12, 12))
    programme.hears(assigned(15, 14))
    programme.hears(assigned(0, 0))

    first, second = programme.messages(template="reviews-assigned")
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert second.state == "cancelled", "nothing is hers any more"
    assert "14 dossiers à noter" in subject_of(second)
    assert "3 février 2020" in body_of(second)


def test_an_offered_place_is_told_and_not_once_it_is_answered(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
    programme.hears(
        PlaceOffered(
            application_id=application.application_id,
            call_id=application.call_id,
            edition_id=application.edition_id,
            project_id=application.project_id,
            bearer_id=bearer.id,
            rank=1,
            open_until=date(2020, 2, 20),
        )
    )
    (offered,) = programme.messages(template="place-offered")
    assert offered.state == QUEUED
    assert "20 février 2020" in body_of(offered)

    programme.hears(programme.decided(application, "selected", "meets_criteria"))
    assert programme.states(template="place-offered") == [("place-offered", "cancelled")]


# ---- cohorts, pairings, trophies


def test_every_bearer_of_a_cohort_is_welcomed_once(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    bob = programme.knows("Bob", "bob@exemple.fr")

    programme.cohort(
        programme.project(ada.id, bob.id, title="Épicerie"),
        programme.project(ada.id, title="Fournil"),
    )

    to_ada, to_bob = sorted(programme.messages(), key=lambda row: row.recipient_id != ada.id)
    assert "« Épicerie », « Fournil »" in body_of(to_ada).replace("\u00a0", " ")
    assert "Fournil" not in body_of(to_bob)


def test_a_project_that_joins_later_is_welcomed_and_one_that_leaves_before_is_not(
    programme: Programme,
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
    assert "« Fournil »" in body_of(to_bob).replace("\u00a0", " ")


def test_a_pairing_introduces_both_sides_to_each_other(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    noe = programme.knows("Noé Lefèvre", "noe@brasserie.example")
    project = programme.project(ada.id, title="Épicerie")
    programme.cohort(project)
    brewery = partner("Brasserie de l'Allagnon")
    programme.hears(brewery)

    programme.hears(pairing(project, brewery.organisation_id, noe.id))

    to_bearer, to_contact = programme.messages(template="pairing-made")
    assert to_bearer.recipient_id == ada.id
    assert "Brasserie de l'Allagnon accompagne votre projet" in subject_of(to_bearer)
    assert "– Noé Lefèvre, noe@brasserie.example" in body_of(to_bearer)
    assert to_contact.recipient_id == noe.id
    assert "– Ada, ada@exemple.fr" in body_of(to_contact)


def test_an_expert_who_acts_alone_is_introduced_by_her_name(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    expert = programme.knows("Carine Dupré", "carine@exemple.fr")
    project = programme.project(ada.id)
    programme.cohort(project)
    alone = partner(None)
    programme.hears(alone)

    programme.hears(pairing(project, alone.organisation_id, expert.id))

    to_bearer = programme.messages(template="pairing-made")[0]
    assert subject_of(to_bearer).startswith("Une personne experte accompagne")
    assert "– Carine Dupré, carine@exemple.fr" in body_of(to_bearer)


def test_a_trophy_is_announced_to_the_bearers_with_its_prizes(programme: Programme) -> None:
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
    spaced = body_of(message).replace("\u00a0", " ").replace("\u202f", " ")
    assert "– Dotation, d’une valeur de 36 000 €, de la part de La Nef" in spaced


def test_a_file_is_acknowledged_and_what_is_said_next_replaces_what_has_not_left(
    programme: Programme,
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    project = programme.project(ada.id, title="Épicerie")
    programme.cohort(project)
    of = {
        "deliverable_id": new_id(),
        "edition_id": new_id(),
        "cohort_id": new_id(),
        "project_id": project.project_id,
        "kind": c.DeliverableKind.FINAL_FILE,
    }
    late = DeliverableReminded(
        **of, due_on="2020-12-15", to_correct=False, reminded_at="2020-12-16T09:00:00+01:00"
    )
    handed = c.DeliverableHandedIn(
        **of,
        version=1,
        due_on="2020-12-15",
        handed_in_at="2020-12-16T18:02:00+01:00",
        document_sha256="0" * 64,
    )
    read = DeliverableReviewed(
        **of,
        version=1,
        verdict=FileVerdict.TO_CORRECT,
        sections=(c.Coded(code="money", fr="Plan de financement"),),
        correct_by="2021-01-08",
        reviewed_at="2020-12-17T09:00:00+01:00",
    )

    programme.hears(late, handed, read)

    assert [one for one in programme.states() if one[0].startswith("file")] == [
        ("file-late", "cancelled"),
        ("file-received", "queued"),
        ("file-reviewed", "queued"),
    ]
    (letter,) = programme.messages(template="file-reviewed")
    assert subject_of(letter).startswith("À corriger avant la fin du vendredi 8 janvier 2021")
    assert "– Plan de financement" in body_of(letter)


# ---- sessions


def test_participants_are_convened_with_what_they_need_to_come(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    host = partner("Les Amanins")
    programme.hears(host)

    planned = programme.session(ada.id, host_id=host.organisation_id)

    (message,) = programme.messages()
    body = body_of(message).replace("\u00a0", " ")
    assert (message.template, message.about_id) == ("session-convocation", planned.session_id)
    assert "– Quand : jeudi 8 octobre 2020, de 9 h 00 à 17 h 00 (heure de Paris)" in body
    assert "– Où : Les Amanins" in body
    assert "– Accueil : Les Amanins" in body
    assert "– Au programme : cadre réglementaire ; structuration des filières" in body


def test_nobody_is_convened_to_a_session_that_has_begun(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.later(days=400)

    programme.session(ada.id)

    assert programme.messages() == []


def test_a_move_before_the_convocation_left_makes_one_convocation_to_the_new_date(
    programme: Programme,
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.hears(programme.moved(planned))

    first, second = programme.messages()
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert (second.template, second.state) == ("session-convocation", QUEUED)
    assert "vendredi 9 octobre 2020" in body_of(second)


def test_a_move_after_the_convocation_left_says_what_changed(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    programme.hears(programme.moved(planned))

    message = programme.messages()[-1]
    assert (message.template, message.state) == ("session-moved", QUEUED)
    assert "À la demande de la structure qui nous accueille" in body_of(message)
    assert message.details["sequence"] == 1


def test_a_change_says_when_and_where_it_was_as_she_was_told_last(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    programme.hears(programme.moved(planned))  # never left: she still believes in the 8th
    day = timedelta(days=7)
    programme.hears(
        programme.moved(
            planned,
            sequence=2,
            starts_at=planned.starts_at + day,
            ends_at=planned.ends_at + day,
            place="La Fabrique",
        )
    )

    text = body_of(programme.messages()[-1]).replace("\u00a0", " ")
    assert "Il était prévu :\n\n– Quand : jeudi 8 octobre 2020" in text
    assert "– Où : Les Amanins" in text
    assert "Voici ce qui vaut désormais :\n\n– Quoi" in text
    assert "jeudi 15 octobre 2020" in text
    assert "9 octobre" not in text


def test_a_letter_leads_to_the_session_and_names_its_programme(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    programme.call(programme_name="Prémices.coop")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    with runtime.read() as db:
        (letter,) = db.execute(sa.select(mailbox)).all()
    page = f"{runtime.settings.public_url}/scheduling/sessions/{planned.session_id}"
    assert f'href="{page}"' in letter.html
    assert ">Voir la séance</a>" in letter.html
    assert f"URL:{page}" in (letter.ics or "").replace("\r\n ", "")
    assert "L’équipe du programme Prémices.coop" in letter.text
    assert "vous prenez part à «&nbsp;Prémices.coop&nbsp;»" in letter.html
    about = f"{runtime.settings.public_url}/candidatures/programmes/premices"
    assert f"Contact, règlement, données personnelles : {about}" in " ".join(letter.text.split())
    assert "Essaim" not in letter.html


def test_a_stale_move_tells_nobody_anything(programme: Programme, runtime: Runtime) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)
    programme.hears(programme.moved(planned, sequence=2))
    known = programme.messages()

    programme.hears(programme.moved(planned, sequence=1, reason=s.ChangeReason.SPEAKER))
    programme.hears(programme.cancelled(planned, sequence=2))

    assert programme.messages() == known


def test_a_cancellation_before_anything_left_writes_to_nobody(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)

    programme.hears(programme.cancelled(planned))

    (message,) = programme.messages()
    assert (message.state, message.reason) == ("cancelled", "session_cancelled")


def test_a_cancellation_is_told_to_those_who_were_convened(
    programme: Programme, runtime: Runtime
) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    planned = programme.session(ada.id)
    fill_mailbox(runtime)

    programme.hears(programme.cancelled(planned))

    assert programme.states() == [("session-convocation", SENT), ("session-cancelled", QUEUED)]


def test_when_others_are_convened_those_who_stay_are_left_in_peace(
    programme: Programme, runtime: Runtime
) -> None:
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
    assert "Votre présence n’est plus nécessaire à cette rencontre" in body_of(withdrawal)


def test_whoever_is_convened_again_after_a_withdrawal_gets_a_convocation(
    programme: Programme, runtime: Runtime
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


def test_a_receipt_and_a_withdrawal_lead_to_the_application_where_it_can_be_withdrawn(
    programme: Programme, runtime: Runtime
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
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
    fill_mailbox(runtime)

    with runtime.read() as db:
        letters = list(db.execute(sa.select(mailbox).order_by(mailbox.c.id)))
    page = page_of(runtime, "candidatures", f"applications/{application.application_id}")
    assert {letter.template for letter in letters} == {
        "application-received",
        "application-withdrawn",
    }
    for letter in letters:
        assert page in letter.text
        assert f'class="button" href="{page}"' in letter.html
        assert letter.text.index(page) < letter.text.index("Bien cordialement")


def test_two_sources_may_tell_the_same_person_something_under_one_id(programme: Programme) -> None:
    ada = programme.knows("Ada", "ada@exemple.fr")
    received, id = programme.application(ada.id), str(new_id())
    here, there = (
        received.model_copy(update={"application_id": application_id})
        for application_id in (new_id(), new_id())
    )

    programme.hears(here, id=id)
    programme.hears(there, id=id, programme="essaimage")

    told = [(one.cause_source, one.about_id) for one in programme.messages(cause=id)]
    assert told == [
        ("/premices/candidatures", here.application_id),
        ("/essaimage/candidatures", there.application_id),
    ]
