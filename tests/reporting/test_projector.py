"""One fact becomes rows of its own, whatever came before."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from essaim.hearing.message import Heard
from essaim.text.languages import tongue_of
from essaim_contracts import fact_type
from essaim_contracts.envelope import from_message
from reporting.facts.catalogue import sentence
from reporting.names import Names
from reporting.projector import TABLES, project

from tests.reporting.series import COHORT, EDITION, Series, a_bearer, a_prize, a_project, named


def rows_of(heard: Heard) -> dict[str, list[dict[str, Any]]]:
    """The rows of one fact, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in project(heard.fact, heard.envelope, heard.seq):
        assert set(row.values) == set(row.table.c.keys()), row.table.name
        found.setdefault(row.table.name, []).append(row.values)
    return found


EXAMPLES = Path(__file__).parents[2] / "contracts" / "schemas" / "examples"


@pytest.mark.parametrize("folder", sorted(EXAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_every_golden_example_of_a_fact_gives_whole_rows_and_a_sentence(folder: Path) -> None:
    for example in sorted(folder.glob("*.json")):
        message = json.loads(example.read_text())
        body = json.dumps(message["data"])
        envelope, _ = from_message(message["headers"], body.encode())
        known = fact_type(envelope.type)
        assert known is not None, example

        rows = rows_of(Heard(known.read(body), envelope, 1))

        assert rows["timeline"][0]["fact_id"] == envelope.id
        assert sentence(envelope.type, body, tongue_of("reporting", "fr"), Names()), example


def test_every_fact_stands_in_the_log_with_its_envelope_and_its_whole_payload() -> None:
    heard = Series().receive(7)

    (entry,) = rows_of(heard)["timeline"]

    assert entry == {
        "fact_id": heard.envelope.id,
        "seq": 1,
        "at": heard.envelope.time,
        "type": "essaim.candidatures.application.received.v1",
        "programme": "premices",
        "owner": "candidatures",
        "key": named("application", 7),
        "edition_id": EDITION,
        "actor": None,
        "correlation": "act-1",
        "causation": None,
        "body": heard.fact.model_dump_json(),
    }


def test_an_application_is_counted_on_the_day_it_was_received_in_paris() -> None:
    late_evening = datetime(2020, 1, 14, 23, 30, tzinfo=UTC)

    rows = rows_of(Series().receive(7, received_at=late_evening, sector="food", department="38"))

    (received,) = rows["application_received"]
    assert received["received_on"] == date(2020, 1, 15)
    assert (received["sector"], received["department"]) == ("food", "38")
    assert rows["project_title"] == [
        {"project_id": named("project", 7), "seq": 1, "title": "Projet 7"}
    ]
    assert rows["project_bearer"] == [
        {"project_id": named("project", 7), "person_id": named("bearer", 7)}
    ]


def test_a_withdrawal_and_a_decision_are_both_answers_to_an_application() -> None:
    series = Series()

    (withdrawn,) = rows_of(series.withdraw(1))["application_answered"]
    (decided,) = rows_of(series.decide(1, "waiting_list"))["application_answered"]

    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "bearer_choice")
    assert (decided["state"], decided["reason"]) == ("waiting_list", "places_filled")


def test_a_cohort_gives_one_row_per_project_and_a_change_gives_one_more() -> None:
    series = Series()

    formed = rows_of(series.form_cohort(a_project(1, jobs_min=2, jobs_max=5), a_project(2)))
    left = rows_of(series.change_cohort("left", a_project(2)))

    assert [row["project_id"] for row in formed["cohort_project"]] == [
        named("project", 1),
        named("project", 2),
    ]
    assert formed["cohort_project"][0]["joined"] is True
    assert formed["cohort_project"][0]["cohort_id"] == COHORT
    assert (formed["cohort_project"][0]["jobs_min"], formed["cohort_project"][0]["jobs_max"]) == (
        2,
        5,
    )
    assert len(formed["timeline_project"]) == 2
    assert [row["joined"] for row in left["cohort_project"]] == [False]


def test_a_held_session_counts_the_expected_projects_that_signed_at_least_one_half_day() -> None:
    held = Series().hold(
        "journée",
        participants=65,
        project_ids=(named("project", 1), named("project", 2)),
        attendees=(a_bearer(1), a_bearer(2, half_days=0), a_bearer(3)),
    )

    rows = rows_of(held)

    (session,) = rows["session_held"]
    assert (session["participants"], session["attendees"]) == (65, 3)
    assert (session["projects"], session["projects_present"]) == (2, 1)
    assert [row["half_days"] for row in rows["attendance"]] == [2, 0, 2]
    assert {row["project_id"] for row in rows["timeline_project"]} == {
        named("project", number) for number in (1, 2, 3)
    }


def test_granted_and_used_hours_are_rows_of_one_table_so_that_the_balance_is_a_sum() -> None:
    series = Series()

    (granted,) = rows_of(series.grant(1, 360))["hours"]
    (used,) = rows_of(series.use(1, 400, minutes_over=40))["hours"]

    assert (granted["granted"], granted["used"], granted["over"]) == (360, 0, 0)
    assert (used["granted"], used["used"], used["over"]) == (0, 400, 40)


def test_a_file_handed_in_on_the_last_day_in_paris_is_not_late() -> None:
    series = Series().on(date(2020, 12, 18))

    (on_time,) = rows_of(series.hand_in(1, due_on=date(2020, 12, 18)))["deliverable_handed_in"]
    (late,) = rows_of(series.hand_in(2, due_on=date(2020, 12, 17)))["deliverable_handed_in"]

    assert (on_time["late"], late["late"]) == (False, True)


def test_a_trophy_brings_one_row_per_prize() -> None:
    rows = rows_of(Series().award(1, a_prize("chèque", 5000), a_prize("film", 3000, "video")))

    assert len(rows["trophy_awarded"]) == 1
    assert [(row["kind"], row["value_eur"]) for row in rows["prize"]] == [
        ("money", 5000),
        ("video", 3000),
    ]


def test_a_partner_has_one_row_per_commitment_and_one_even_without_any() -> None:
    series = Series()

    committed = rows_of(series.join("GRENADE", "speaker", "mentor"))["partner_joined"]
    released = rows_of(series.join("GRENADE"))["partner_joined"]

    assert [row["commitment"] for row in committed] == ["speaker", "mentor"]
    assert [row["commitment"] for row in released] == [""]


def test_a_message_keeps_which_fact_it_tells_and_why_it_failed() -> None:
    series = Series()
    received = series.receive(1)

    (sent,) = rows_of(series.send(received))["message"]
    (failed,) = rows_of(series.fail(received))["message"]

    assert (sent["cause"], sent["failure"]) == (received.envelope.id, None)
    assert (failed["cause"], failed["failure"]) == (None, "no_address")


def test_telling_the_whole_series_twice_leaves_the_same_rows() -> None:
    series = Series()
    series.open_call()
    series.receive(1)
    series.plan("journée")
    series.move("journée")
    series.cancel("journée")
    series.pair(1, "SICADAE")
    series.unpair(1, "SICADAE", "replaced")
    series.progress(1, "halted")

    once = [rows_of(heard) for heard in series.heard]

    assert once == [rows_of(heard) for heard in series.heard]
    assert {table for rows in once for table in rows} <= {table.name for table in TABLES}
