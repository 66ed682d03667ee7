"""The demo's data say what the source says, and mark the rest as invented."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from essaim_demo.edition import Edition, read_edition

FOLDER = Path(__file__).parents[2] / "demo" / "premices-2020"


@pytest.fixture(scope="module")
def edition() -> Edition:
    return read_edition(FOLDER)


@pytest.fixture(scope="module")
def programme(edition: Edition) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(edition.programme)
    return read


def test_ninety_applications_come_in_time_and_one_too_late(edition: Edition) -> None:
    decided = [one for one in edition.applications if one.decision or one.withdrawn_at]
    assert len(decided) == 90
    assert len(edition.applications) == 91


def test_each_of_the_seventy_four_others_ends_in_an_explicit_state(edition: Edition) -> None:
    ends = Counter(
        one.decision.decision if one.decision else "withdrawn"
        for one in edition.applications
        if one.decision or one.withdrawn_at
    )
    assert ends == {
        "selected": 16, "waiting_list": 9, "reoriented": 10, "refused": 50, "withdrawn": 5,
    }  # fmt: skip


def test_the_sixteen_selected_expect_sixty_six_to_ninety_five_jobs(edition: Edition) -> None:
    selected = [
        one.fields
        for one in edition.applications
        if one.decision and one.decision.decision == "selected"
    ]
    assert sum(fields["jobs_min"] for fields in selected) == 66
    assert sum(fields["jobs_max"] for fields in selected) == 95


def test_the_prizes_are_worth_36000_euros_and_each_is_given_once(
    programme: dict[str, Any], edition: Edition
) -> None:
    prizes = {prize["code"]: prize["value_eur"] for prize in programme["editions"][0]["prizes"]}
    assert sum(prizes.values()) == 36_000
    given = [
        code for award in edition.year.awards for trophy in award.trophies for code in trophy.prizes
    ]
    assert sorted(given) == sorted(prizes)


def test_the_days_of_the_year_are_those_of_the_edition(edition: Edition) -> None:
    days = [(one.kind, one.starts_at.date().isoformat()) for one in edition.year.sessions]
    assert days == [
        ("launch_day", "2020-02-27"),
        ("collective_day", "2020-05-07"),
        ("collective_day", "2020-09-11"),
        ("collective_day", "2020-10-08"),
        ("collective_day", "2020-11-05"),
        ("ceremony", "2021-01-19"),
    ]
    assert edition.year.sessions[0].headcount == 65


def test_every_project_has_three_appointments_of_two_hours(edition: Edition) -> None:
    (mentoring,) = [one for one in edition.year.appointments if one.kind == "mentoring"]
    assert mentoring.minutes == 120
    assert [len(held) for held in mentoring.with_projects.values()] == [3] * 16


def test_sixteen_cooperatives_are_godparents(programme: dict[str, Any]) -> None:
    godparents = [one for one in programme["organisations"] if "godparent" in one["commitments"]]
    assert len(godparents) == 16


def test_projects_and_people_are_visibly_fictitious(
    programme: dict[str, Any], edition: Edition
) -> None:
    printed_by_the_source = {"Catherine Jourlin", "Carine (Facil’t)"}
    names = [person["name"] for person in programme["people"]]
    assert edition.next is not None
    written = [*edition.applications, *edition.next.applications]
    names += [text for one in written for text in (one.fields["bearer_name"], one.title)]
    names += [one.title for one in edition.next.sessions]
    names += [one.title for one in edition.next.appointments]
    assert [
        name
        for name in names
        if name not in printed_by_the_source and not name.endswith(("(fictif)", "(fictive)"))
    ] == []


def test_no_address_can_reach_anybody(programme: dict[str, Any], edition: Edition) -> None:
    addresses = [person["email"] for person in programme["people"]]
    assert edition.next is not None
    written = [*edition.applications, *edition.next.applications]
    addresses += [one.fields["bearer_email"] for one in written]
    assert {address.rsplit("@", 1)[1] for address in addresses} == {"example.org"}
