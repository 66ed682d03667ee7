"""Who takes over is paired and convened in the place of who left; what was held stays."""

from datetime import datetime, timedelta
from uuid import UUID

from essaim.ids import stable_id
from essaim.person import Person, Role
from essaim.text.languages import tongue_of
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.contact import ContactReplaced
from essaim_contracts.questions import WhatMoves
from essaim_contracts.scheduling import (
    PairingEnded,
    PairingEndReason,
    PairingKind,
    PairingMade,
    SessionPlanned,
)
from scheduling.commands.contact import what_moves
from scheduling.commands.pairing import pair
from scheduling.commands.session import plan_session
from scheduling.schemas.pairing import MakePairing
from scheduling.schemas.session import PlanSession

from tests.scheduling.promotion_2020 import (
    COHORT,
    Backbone,
    OpenWork,
    Somebody,
    a_project,
)

NEXT_WEEK = datetime.fromisoformat("2020-02-27T09:00:00+01:00")
GRENADE = stable_id("premices", "organisation", "Grenade")
FOURNIL = a_project("Le Fournil").project_id


def beside(work: OpenWork, somebody: Somebody, *days: datetime) -> tuple[Person, Person]:
    """A mentor of Grenade, paired with a project and convened on these days; and who follows."""
    coordinator = somebody(Role.COORDINATOR)
    leaving, following = somebody(Role.MENTOR, "Grenade"), somebody(Role.MENTOR, "Grenade")
    with work() as one:
        asked = MakePairing(
            project_id=FOURNIL,
            organisation_id=GRENADE,
            kind=PairingKind.MENTOR,
            person_id=leaving.id,
        )
        pair(one, coordinator, asked)
        for day in days:
            plan = PlanSession(
                cohort_id=COHORT,
                kind="mentoring",
                title="Rendez-vous",
                mode="online",
                starts_at=day,
                ends_at=day + timedelta(hours=2),
                project_ids=[FOURNIL],
                speaker_ids=[GRENADE],
                participant_ids=[leaving.id],
            )
            plan_session(one, coordinator, plan)
    return leaving, following


def replaced(leaving: Person, following: Person, organisation_id: UUID | None) -> ContactReplaced:
    return ContactReplaced(
        person_id=leaving.id,
        replaced_by_id=following.id,
        organisation_id=organisation_id,
        from_on=NEXT_WEEK.date(),
    )


def test_who_takes_over_is_paired_and_convened(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    before, after = NEXT_WEEK - timedelta(days=3), NEXT_WEEK
    leaving, following = beside(work, somebody, before, after)
    asked = WhatMoves(
        proof="-", language="fr", programme="premices", person_id=leaving.id,
        organisation_id=GRENADE, from_on=NEXT_WEEK.date(),
    )  # fmt: skip
    with backbone.reading() as db:
        moves = what_moves(db, asked, backbone.clock.now(), tongue_of("scheduling", "fr"))
    texts = [one.text.replace("\N{NO-BREAK SPACE}", " ") for one in moves.moving]
    assert texts == ["Mentorat de « Le Fournil »", "Séance : Rendez-vous, 27 février 2020"]

    backbone.hear(replaced(leaving, following, GRENADE))

    (ended,) = backbone.said(PairingEnded)
    first, anew = backbone.said(PairingMade)
    assert (ended.pairing_id, ended.reason) == (first.pairing_id, PairingEndReason.REPLACED)
    assert (first.person_id, anew.person_id) == (leaving.id, following.id)
    moved = backbone.said(SessionPlanned)[-1]
    assert moved.starts_at == after
    assert following.id in moved.participant_ids
    assert leaving.id not in moved.participant_ids
    assert len(backbone.said(SessionPlanned)) == 3, "what comes before that day stays hers"


def test_what_she_does_for_another_organisation_stays_hers(
    backbone: Backbone, cohort: CohortFormed, work: OpenWork, somebody: Somebody
) -> None:
    leaving, following = beside(work, somebody, NEXT_WEEK)

    backbone.hear(replaced(leaving, following, stable_id("premices", "organisation", "UR Scop")))

    assert backbone.said(PairingEnded) == []
    assert len(backbone.said(SessionPlanned)) == 1
