from datetime import date

import pytest
from candidatures import commands, store
from candidatures.commands.programme import import_programme
from candidatures.programme_file import read_programme
from essaim.ids import stable_id
from essaim.people import directory
from essaim.person import Role, RoleHeld
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from essaim.text.file_errors import FileError, WrongFile
from essaim_contracts.candidatures import CallExtended, Commitment, PartnerJoined

from tests.candidatures.premices import (
    OPEN,
    PROGRAMME,
    all_told,
    everything_told,
    line_of,
    set_clock,
    told,
)


def errors_of(runtime: Runtime, text: str) -> tuple[FileError, ...]:
    """What is wrong in a file, which is not imported for it."""
    with pytest.raises(WrongFile) as wrong, runtime.work() as work:
        import_programme(work, read_programme(text))
    return wrong.value.errors


def test_a_programme_is_imported_whole(premices: Runtime) -> None:
    with premices.read() as db:
        call = store.call.find(db, "premices-2020")
        alix = directory.find_person(db, stable_id("premices", "person", "alix"))

    assert call is not None
    assert call.closes_at.isoformat() == "2020-01-15T17:00:00+00:00"
    assert [criterion.code for criterion in call.criteria] == ["ess", "maturity", "autonomy"]
    assert alix is not None
    assert alix.roles == (
        RoleHeld(
            Role.COORDINATOR,
            "premices",
            organisation_id=stable_id("premices", "organisation", "ur-scop"),
            since=date(2019, 1, 1),
        ),
    )


def test_every_partner_is_announced_without_the_name_of_a_lone_expert(premices: Runtime) -> None:
    joined = told(premices, PartnerJoined)

    assert len(joined) == 4
    assert (
        PartnerJoined(
            organisation_id=stable_id("premices", "organisation", "jourlin"),
            name=None,
            person_id=stable_id("premices", "person", "jourlin"),
            commitments=(Commitment.MENTOR,),
            joined_on=date(2019, 11, 1),
        )
        in joined
    )
    assert "fictive" not in everything_told(premices)
    assert "example.org" not in everything_told(premices)


def test_importing_the_same_file_twice_changes_nothing(premices: Runtime) -> None:
    before = len(all_told(premices))
    with premices.work() as work:
        report = import_programme(work, read_programme(PROGRAMME))

    assert report.changes == ()
    assert report.unchanged == 16
    assert len(all_told(premices)) == before


def test_a_partner_whose_commitments_changed_is_announced_again(premices: Runtime) -> None:
    changed = PROGRAMME.replace("commitments: [mentor, speaker]", "commitments: [mentor, coach]")
    with premices.work() as work:
        import_programme(work, read_programme(changed))

    last = told(premices, PartnerJoined)[-1]
    assert isinstance(last, PartnerJoined)
    assert last.organisation_id == stable_id("premices", "organisation", "grap")
    assert set(last.commitments) == {Commitment.MENTOR, Commitment.COACH}
    assert len(told(premices, PartnerJoined)) == 5


def test_checking_a_file_says_what_would_change_and_changes_nothing(runtime: Runtime) -> None:
    with runtime.work() as work:
        report = import_programme(work, read_programme(PROGRAMME), check=True)

    assert len(report.changes) == 16
    assert all_told(runtime) == []
    with runtime.read() as db:
        assert store.programme.every(db) == []


def test_one_error_imports_nothing_of_the_file(runtime: Runtime) -> None:
    wrong = PROGRAMME.replace("weight: 3", "weight: -1")

    assert [(error.line, error.path) for error in errors_of(runtime, wrong)] == [
        (line_of(wrong, "weight: -1"), "editions.0.calls.0.criteria.0.weight")
    ]
    assert all_told(runtime) == []
    with runtime.read() as db:
        assert directory.all_people(db) == []


def test_a_role_given_elsewhere_stays_when_the_file_is_imported_again(premices: Runtime) -> None:
    basile = stable_id("premices", "person", "basile")
    extra = RoleHeld(Role.MENTOR, "premices")
    with premices.work() as work:
        person = directory.find_person(work.db, basile)
        assert person is not None
        work.share(type(person)(**{**vars(person), "roles": (*person.roles, extra)}))
    changed = PROGRAMME.replace("name: Basile (fictif)", "name: Basile B. (fictif)")
    with premices.work() as work:
        import_programme(work, read_programme(changed))

    with premices.read() as db:
        person = directory.find_person(db, basile)
    assert person is not None
    assert person.name == "Basile B. (fictif)"
    assert {held.role for held in person.roles} == {Role.COMMITTEE_MEMBER, Role.MENTOR}


def test_a_person_known_from_another_programme_is_the_same_person(premices: Runtime) -> None:
    other = PROGRAMME.replace("slug: premices\n", "slug: starter\n")
    other = other.replace("slug: premices-2020", "slug: starter-2020")
    other = other.replace("receipt_prefix: PREM-2020", "receipt_prefix: START-2020")
    with premices.work() as work:
        import_programme(work, read_programme(other))

    with premices.read() as db:
        alix = directory.find_person_by_email(db, "alix@example.org")
    assert alix is not None
    assert alix.id == stable_id("premices", "person", "alix")
    assert [held.programme for held in alix.roles] == ["premices", "starter"]


def test_two_programmes_cannot_have_a_call_of_one_address(premices: Runtime) -> None:
    other = PROGRAMME.replace("slug: premices\n", "slug: starter\n")

    assert [(error.line, error.why.code) for error in errors_of(premices, other)] == [
        (line_of(other, "slug: premices-2020"), "call_taken")
    ]


def test_an_open_call_keeps_its_opening_but_may_be_prolonged(premices: Runtime) -> None:
    set_clock(premices, OPEN)
    with premices.work() as work:
        commands.call.open_due_calls(work)
    moved = PROGRAMME.replace("2019-11-15 09:00", "2019-11-20 09:00")
    refused = errors_of(premices, moved)
    prolonged = PROGRAMME.replace("2020-01-15 18:00", "2020-01-31 18:00")
    with premices.work() as work:
        accepted = import_programme(work, read_programme(prolonged))

    assert [error.why.code for error in refused] == ["call_frozen"]
    assert [change.kind for change in accepted.changes] == ["call"]
    (said,) = told(premices, CallExtended)
    assert said.closes_at.isoformat() == "2020-01-31T17:00:00+00:00"
    assert said.closed_before.isoformat() == "2020-01-15T17:00:00+00:00"
    assert [error.why.code for error in errors_of(premices, PROGRAMME)] == ["call_shortened"]


def test_a_call_that_has_not_opened_is_moved_without_a_word(premices: Runtime) -> None:
    for closing in ("2020-02-15 18:00", "2019-12-15 18:00"):
        with premices.work() as work:
            import_programme(work, read_programme(PROGRAMME.replace("2020-01-15 18:00", closing)))
    assert told(premices, CallExtended) == []


def test_somebody_who_was_erased_does_not_come_back_with_the_file(premices: Runtime) -> None:
    with premices.work() as work:
        commands.erasure.erase(work, stable_id("premices", "person", "basile"), ())

    assert [error.why.code for error in errors_of(premices, PROGRAMME)] == ["person_erased"]


def test_only_a_coordinator_of_the_programme_or_an_operator_imports_it(premices: Runtime) -> None:
    with premices.read() as db:
        alix = directory.find_person(db, stable_id("premices", "person", "alix"))
        basile = directory.find_person(db, stable_id("premices", "person", "basile"))
    without_operator = "\n".join(line for line in PROGRAMME.split("\n") if "code: ops" not in line)
    another = PROGRAMME.replace("[{role: committee_member}]", "[{role: operator}]", 1)

    for file in (without_operator, PROGRAMME):
        with premices.work() as work:
            import_programme(work, read_programme(file), importer=alix)
    with pytest.raises(Refusal, match="ne coordonnez pas"), premices.work() as work:
        import_programme(work, read_programme(without_operator), importer=basile)
    for file in (
        another,
        PROGRAMME.replace("[{role: operator}]", "[{role: operator}, {role: mentor}]"),
    ):
        with pytest.raises(Refusal, match="opérateur"), premices.work() as work:
            import_programme(work, read_programme(file), importer=alix)
