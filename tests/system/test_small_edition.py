"""A small edition, from its call to its trophies: four services, a real broker, the HTTP APIs."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from essaim.broker.topology import FACTS
from essaim.hearing.message import read_fact
from essaim.keeping.tables import inbox, outbox
from essaim.operating.reading import read_to_end
from essaim.proving.candidate import Candidate
from essaim.proving.ground import Ground
from essaim.proving.script import Line
from essaim.proving.view import trouble_of_view
from essaim.running.embedded import Embedded
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import ApplicationReceived
from essaim_contracts.notifications import MessageSent
from essaim_demo.client import RequestRefused
from essaim_demo.player import PlayFailed, play
from essaim_demo.stage import Stage
from essaim_demo.summary import summary_of
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from reporting.store.timeline import timeline_project
from small_edition import disagreements_of, operator_of
from waiting import PATIENCE

from tests.contracts.node import NODE, TYPESCRIPT

FOURNIL, FERME, GARE = "Le Fournil des Cimes", "La Ferme du Replat", "Le Train d’Après"


def test_the_services_agree_at_the_end(embedded: Embedded, played: Stage) -> None:
    assert disagreements_of(embedded) == []


def test_whoever_lost_a_fact_or_a_row_is_named(embedded: Embedded, played: Stage) -> None:
    scheduling, reporting = embedded.runtimes["scheduling"], embedded.runtimes["reporting"]
    with scheduling.read() as db:
        lost = db.execute(sa.select(inbox).limit(1)).one()
    with reporting.read() as db:
        row = db.execute(sa.select(timeline_project).limit(1)).one()
    _delete(scheduling, inbox, identity=lost.identity)
    _delete(reporting, timeline_project, project_id=row.project_id, fact_id=row.fact_id)
    try:
        found = disagreements_of(embedded)
    finally:
        _insert(scheduling, inbox, lost)
        _insert(reporting, timeline_project, row)

    heard = 5 + 1 + 1  # partners, the cohort, the trophy
    assert found == [
        f"scheduling did not handle 1 of the {heard} facts it hears.",
        "reporting rebuilt differs in timeline_project: 1 rows.",
    ]


def test_reporting_counts_from_the_facts_what_happened(played: Stage) -> None:
    summary = summary_of(played, seconds=1.0)

    facts, messages = summary.pop("facts"), summary.pop("messages")
    assert summary == {
        "applications": {
            "received": 4,
            "selected": 2,
            "not_selected": {
                "waiting_list": 1, "reoriented": 0, "refused": 1, "withdrawn": 0, "pending": 0,
            },
            "refused_late": 1,
        },
        "cohort": {"projects": 2},
        "jobs_expected": {"min": 5, "max": 9},
        "godparents": 2,
        "sessions": {"held": {"launch_day": 1, "collective_day": 1, "mentoring": 3}},
        "mentoring": {"hours_used": 6},
        "launch": {"participants": 12},
        "trophies": {"prizes_value_eur": 5000},
        "statuses": {"scop_or_scic_in_creation": 1, "halted": 1},
        "seconds": 1.0,
    }  # fmt: skip
    assert facts["dead"] == 0
    # That data will be erased is of the programme; no figure of an edition counts those letters.
    warned = played.operator.get("/notifications/api/messages", template="retention-announced")
    sent = facts["published"]["essaim.notifications.message.sent.v1"]
    assert sent == messages["sent"] + warned["total"]


def test_an_application_one_second_late_is_kept_as_a_draft_and_not_received(played: Stage) -> None:
    late = played.sent[GARE]
    applicant = played.services.applicant(late.token, "fr")

    kept = applicant.get(f"/candidatures/api/applications/{late.id}")

    assert (kept["state"], kept["number"]) == ("draft", None)
    assert kept["content"]["project_title"] == GARE
    with pytest.raises(RequestRefused, match="fermé depuis le mercredi 15 janvier 2020"):
        applicant.post(f"/candidatures/api/applications/{late.id}/submit")


def test_each_godparent_accompanies_the_project_that_fits_it_best(played: Stage) -> None:
    pairings = played.operator.get("/scheduling/api/pairings", kind="godparent")["items"]

    codes = {id: code for code, id in played.organisations.items()}
    assert {one["project_id"]: codes[one["organisation_id"]] for one in pairings} == {
        played.project_id(FOURNIL): "tsarap",
        played.project_id(FERME): "les-amanins",
    }


def test_held_appointments_use_the_hours_the_track_grants(played: Stage) -> None:
    left = {
        title: [
            package["minutes_left"]
            for package in played.operator.get(
                f"/scheduling/api/projects/{played.project_id(title)}/hours"
            )["items"]
        ]
        for title in (FOURNIL, FERME)
    }

    assert left == {FOURNIL: [120], FERME: [240]}


def test_candidatures_shows_what_scheduling_said_of_a_project(played: Stage) -> None:
    project = played.operator.get(f"/candidatures/api/projects/{played.project_id(FOURNIL)}")

    assert project["status"] == "scop_or_scic_in_creation"
    assert (project["sessions"], project["minutes"]) == (4, 2 * 480 + 2 * 120)


def test_everybody_convened_is_reminded_a_week_and_a_day_before(played: Stage) -> None:
    assert _readers(played, "session-reminder-7-days") == _readers(played, "session-convocation")
    assert _readers(played, "session-reminder-1-day") == _readers(played, "session-convocation")


def test_a_place_given_later_is_told_to_everybody_convened(played: Stage) -> None:
    day = played.sessions["Un projet inspirant"]

    assert (day["place"], day["sequence"]) == ("Les Amanins", 1)
    assert _readers(played, "session-moved") == {
        (id, day["session_id"]) for id in day["participant_ids"]
    }


def test_all_answers_to_applications_left_and_none_failed(played: Stage) -> None:
    states = played.operator.get("/notifications/api/queue")["messages"]

    assert len(_readers(played, "application-decided")) == 4
    assert {state for state, count in states.items() if count} == {"sent"}


def test_an_edition_is_not_played_twice_on_one_calendar(played: Stage) -> None:
    with pytest.raises(PlayFailed) as failed:
        play(played, lambda _at, _words: None)

    moment, request, *_ = str(failed.value).splitlines()
    assert moment == "1er novembre 2019 — le programme et ses parcours sont importés"
    assert request.startswith("POST /candidatures/clock: 422 L’horloge est à mardi 19 janvier 2021")


def test_a_reporting_of_another_make_that_joins_late_counts_the_same(
    embedded: Embedded, played: Stage, tmp_path: Path
) -> None:
    edition, ours = played.edition_id, summary_of(played, seconds=1.0)
    theirs = asyncio.run(_figures_in_typescript(embedded, tmp_path))[edition]

    received = ours["applications"]
    assert theirs["applications"] == {name: received[name] for name in ("received", "selected")}
    same = set(theirs) - {"applications"}
    assert {name: theirs[name] for name in same} == {name: ours[name] for name in same}
    assert same >= {"cohort", "jobs_expected", "sessions", "trophies", "statuses"}


async def _figures_in_typescript(embedded: Embedded, folder: Path) -> dict[str, Any]:
    """What the foreign reporting answers once it read the whole stream, which it then first met."""
    consortium = embedded.consortium
    async with operator_of(embedded) as operator:
        told = [one async for one in read_to_end(operator, FACTS)]
    # Without what its relay asked of the server: to take them as one batch.
    lines = [
        Line(one.subject, {k: v for k, v in one.headers.items() if k[:5] != "Nats-"}, one.body, "")
        for one in told
    ]
    (partner,) = (one for one in consortium.partners if one.service == "reporting")
    ground = Ground(folder, consortium)
    async with ground.ready():
        await ground.publish(lines)
        environment = ground.environment(partner)
        command = f"{NODE} {TYPESCRIPT / 'reporting/main.mts'}"
        candidate = Candidate(command, environment, folder / "log")
        candidate.start()
        try:
            counts = Counter(read.envelope.type for one in told if (read := read_fact(one)))
            address = environment["ESSAIM_PUBLIC_URL"]
            assert await trouble_of_view(f"{address}/counts", counts, PATIENCE) is None
            answer = await asyncio.to_thread(httpx.get, f"{address}/figures")
            figures: dict[str, Any] = answer.json()
        finally:
            candidate.kill()
    return figures


def _delete(runtime: Runtime, table: sa.Table, **key: Any) -> None:
    with runtime.database.write() as db:
        db.execute(sa.delete(table).where(*(table.c[name] == value for name, value in key.items())))


def _insert(runtime: Runtime, table: sa.Table, row: sa.Row[Any]) -> None:
    with runtime.database.write() as db:
        db.execute(sa.insert(table), row._asdict())


def _readers(stage: Stage, template: str) -> set[tuple[str, str]]:
    """Who was sent a message of a template, and about what."""
    page: dict[str, Any] = stage.operator.get(
        "/notifications/api/messages", template=template, state="sent", size=500
    )
    return {(one["recipient_id"], one["about_id"]) for one in page["items"]}


def test_an_application_is_one_trace_from_the_form_to_the_mail_and_the_figure(
    embedded: Embedded, played: Stage, spans: InMemorySpanExporter
) -> None:
    received, sent = ApplicationReceived.type, MessageSent.type
    headers = _headers_told(embedded.runtimes["candidatures"], received)

    trace = int(headers["traceparent"].split("-")[1], 16)
    recorded = {
        (str(span.resource.attributes["service.name"]), span.name)
        for span in spans.get_finished_spans()
        if span.context and span.context.trace_id == trace
    }
    assert {
        ("candidatures", "POST /api/applications/{application_id}/submit"),
        ("notifications", f"hear {received}"),
        ("notifications", "send a letter"),
        ("reporting", f"hear {received}"),
        ("reporting", f"hear {sent}"),
    } <= recorded
    correlation_id = headers["ce-correlationid"]
    assert _headers_told(embedded.runtimes["notifications"], sent, correlation_id)


def _headers_told(runtime: Runtime, type: str, correlation_id: str = "") -> dict[str, str]:
    """The headers of a fact of this type that the service told, of an act when one is named."""
    told = outbox.c.headers
    query = sa.select(told).where(told.contains(type), told.contains(correlation_id))
    with runtime.read() as db:
        headers: dict[str, str] = json.loads(db.execute(query.limit(1)).scalar_one())
    return headers
