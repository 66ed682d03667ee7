from dataclasses import replace
from datetime import date

import pytest
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim_contracts.candidatures import Commitment
from essaim_contracts.scheduling import (
    PairingEnded,
    PairingEndReason,
    PairingKind,
    PairingMade,
    PairingMethod,
)
from scheduling.organisation import Organisation
from scheduling.pairing import (
    Pairing,
    PairingState,
    end_pairing,
    make_pairing,
    refuse_pairing,
)

TODAY = date(2020, 2, 27)

BREWERY = Organisation(
    new_id(), "premices", "BIERISTAN", None, frozenset({Commitment.GODPARENT, Commitment.STEWARD})
)


def a_pairing(kind: PairingKind = PairingKind.GODPARENT, **values: object) -> Pairing:
    pairing = Pairing(
        id=new_id(),
        programme="premices",
        edition_id=new_id(),
        cohort_id=new_id(),
        project_id=new_id(),
        kind=kind,
        organisation_id=BREWERY.id,
        state=PairingState.ACTIVE,
        method=PairingMethod.BY_HAND,
    )
    return replace(pairing, **values)  # type: ignore[arg-type]


def refused(pairing: Pairing, *active: Pairing, organisation: Organisation = BREWERY) -> str:
    with pytest.raises(Refusal) as refusal:
        make_pairing(pairing, organisation, active, 1, TODAY)
    return refusal.value.code


def test_a_confirmed_proposal_is_said_with_its_score() -> None:
    proposal = a_pairing(state=PairingState.PROPOSED, method=PairingMethod.ASSIGNMENT, score=75.0)

    made, fact = make_pairing(proposal, BREWERY, [], 1, TODAY)

    assert made.state == PairingState.ACTIVE
    assert fact == PairingMade(
        pairing_id=proposal.id,
        edition_id=proposal.edition_id,
        cohort_id=proposal.cohort_id,
        project_id=proposal.project_id,
        kind=PairingKind.GODPARENT,
        organisation_id=BREWERY.id,
        method=PairingMethod.ASSIGNMENT,
        score=75.0,
        made_on=TODAY,
    )


def test_an_organisation_accompanies_only_as_it_committed_to() -> None:
    mentor = a_pairing(PairingKind.MENTOR)

    assert refused(mentor) == "not_committed"


def test_a_godparent_with_no_free_place_is_refused() -> None:
    assert refused(a_pairing(), a_pairing()) == "organisation_full"


def test_an_organisation_is_not_paired_twice_with_a_project() -> None:
    known = a_pairing()

    assert refused(a_pairing(project_id=known.project_id), known) == "already_paired"


def test_a_project_may_have_two_godparents() -> None:
    other = a_pairing(organisation_id=new_id())

    make_pairing(a_pairing(project_id=other.project_id), BREWERY, [other], 1, TODAY)


def test_a_project_has_one_referent_at_a_time() -> None:
    other = a_pairing(PairingKind.REFERENT, organisation_id=new_id())

    assert refused(a_pairing(PairingKind.REFERENT, project_id=other.project_id), other) == (
        "referent_exists"
    )


def test_an_ended_pairing_is_said_with_its_reason() -> None:
    pairing = a_pairing()

    ended, fact = end_pairing(pairing, PairingEndReason.ORGANISATION_LEFT, TODAY)

    assert ended.state == PairingState.ENDED
    assert fact == PairingEnded(
        pairing_id=pairing.id,
        edition_id=pairing.edition_id,
        project_id=pairing.project_id,
        kind=PairingKind.GODPARENT,
        organisation_id=BREWERY.id,
        reason=PairingEndReason.ORGANISATION_LEFT,
        ended_on=TODAY,
    )


def test_a_pairing_ends_once() -> None:
    ended, _ = end_pairing(a_pairing(), PairingEndReason.REPLACED, TODAY)

    with pytest.raises(Refusal, match="n’est pas en cours"):
        end_pairing(ended, PairingEndReason.REPLACED, TODAY)


def test_only_a_proposal_is_refused() -> None:
    assert refuse_pairing(a_pairing(state=PairingState.PROPOSED)).state == PairingState.REFUSED
    with pytest.raises(Refusal, match="n’est plus une proposition"):
        refuse_pairing(a_pairing())
