"""Who is told what of a hand-over, of a completion that is asked, and of a message left."""

from datetime import date
from typing import Any

import pytest
from essaim.ids import new_id
from essaim.person import Person, Role, RoleHeld
from essaim_contracts import candidatures as c
from essaim_contracts.correspondence import ApplicationCorrected, CorrectionAsked, NoteLeft
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverParty,
    HandoverProposed,
)

from tests.notifications.correspondence import Programme, body_of, subject_of

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DAY = date(2020, 3, 1)


def of(application: c.ApplicationReceived) -> dict[str, Any]:
    names = ("application_id", "call_id", "edition_id", "project_id")
    return {name: getattr(application, name) for name in names}


def coordinator(programme: Programme, name: str, slug: str) -> Person:
    person = Person(new_id(), name, f"{slug}@exemple.fr", roles=(RoleHeld(Role.COORDINATOR, slug),))
    programme.learns(person)
    return person


def readers(programme: Programme, template: str) -> list[Any]:
    return [one.recipient_id for one in programme.messages(template=template)]


def test_each_hears_of_a_hand_over_what_is_hers_and_when_it_is_hers(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    giver = coordinator(programme, "Alix", "premices")
    receiver = coordinator(programme, "Rachel", "starter")
    application, handover_id = programme.application(bearer.id), new_id()
    to = {"to_call_id": new_id(), "to_title": "Appel Starter 2020", "open_until": DAY}

    programme.hears(
        HandoverProposed(handover_id=handover_id, bearer_id=bearer.id, **of(application), **to)
    )
    assert readers(programme, "handover-proposed") == [bearer.id]
    assert readers(programme, "handover-offered") == []

    offered = HandoverOffered(
        handover_id=handover_id, to_programme="starter", **of(application), **to
    )
    programme.hears(offered)
    assert readers(programme, "handover-offered") == [receiver.id]

    made = programme.application(
        bearer.id, number="START-2020-0001", handed_over_from=application.application_id
    )
    assert len(programme.messages(template="application-received")) == 1, "she did not send twice"
    programme.hears(
        HandoverAccepted(
            handover_id=handover_id,
            bearer_id=bearer.id,
            to_call_id=to["to_call_id"],
            to_title="Appel Starter 2020",
            to_application_id=made.application_id,
            accepted_at=programme.clock.now(),
            **of(application),
        )
    )
    hers, theirs = programme.messages(template="handover-answered")
    assert [one.recipient_id for one in (hers, theirs)] == [bearer.id, giver.id]
    assert "START-2020-0001" in body_of(hers)


def test_what_was_declined_is_said_without_its_reason_and_a_letter_that_waits_is_taken_back(
    programme: Programme,
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    giver = coordinator(programme, "Alix", "premices")
    application, handover_id = programme.application(bearer.id), new_id()

    def declined(by: HandoverParty) -> HandoverDeclined:
        return HandoverDeclined(
            handover_id=handover_id,
            bearer_id=bearer.id,
            by=by,
            declined_at=programme.clock.now(),
            **of(application),
        )

    proposed = HandoverProposed(
        handover_id=handover_id, bearer_id=bearer.id, open_until=DAY, **of(application)
    )
    programme.hears(proposed, declined(HandoverParty.GIVER))
    assert programme.states(template="handover-proposed") == [("handover-proposed", "cancelled")]
    assert readers(programme, "handover-answered") == []
    programme.hears(declined(HandoverParty.RECEIVER))
    assert readers(programme, "handover-answered") == [bearer.id, giver.id]


def test_a_completion_is_asked_reminded_and_confirmed(programme: Programme) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)

    def asked(nth: int) -> CorrectionAsked:
        return CorrectionAsked(
            correction_id=new_id(),
            bearer_id=bearer.id,
            points=2,
            nth=nth,
            open_until=DAY,
            **of(application),
        )

    programme.hears(asked(1))
    programme.hears(asked(2))
    first, second = programme.messages(template="correction-asked")
    assert (first.state, first.reason) == ("cancelled", "replaced")
    assert subject_of(second).startswith("Rappel")
    assert "1er mars 2020" in body_of(second)
    corrected = ApplicationCorrected(
        bearer_id=bearer.id,
        number=application.number,
        project_title="Le Fournil",
        applicant_kind=application.applicant_kind,
        received_at=application.received_at,
        corrected_at=programme.clock.now(),
        **of(application),
    )
    programme.hears(corrected)
    (receipt,) = programme.messages(template="application-corrected")
    assert application.number in body_of(receipt)
    assert programme.messages(template="correction-asked")[-1].state == "cancelled"


def test_a_message_left_is_told_to_who_applied_and_never_what_it_says(
    programme: Programme,
) -> None:
    bearer = programme.knows("Ada", "ada@exemple.fr")
    application = programme.application(bearer.id)
    for by_bearer in (True, False):
        left = NoteLeft(
            bearer_id=bearer.id,
            by_bearer=by_bearer,
            left_at=programme.clock.now(),
            **of(application),
        )
        programme.hears(left)
    assert readers(programme, "note-left") == [bearer.id]
