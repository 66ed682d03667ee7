"""A partner runs its service at its own site; the link is cut in the middle of an edition."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from essaim.broker.client import connect
from essaim.broker.topology import OPERATOR
from essaim.cli.tokens import make_operator
from essaim.clock import PARIS
from essaim.running.embedded import keys_folder
from essaim.telling.outbox import backlog
from essaim.text.languages import tongue_of
from essaim_demo.agreement import disagreements
from essaim_demo.client import tokens_of
from essaim_demo.edition import read_edition
from essaim_demo.player import play
from essaim_demo.stage import Stage
from essaim_demo.summary import summary_of
from small_edition import EDITION
from two_sites import ServicesOfTwoSites, TwoSites, two_sites
from waiting import wait_until

CUT_AT = datetime(2020, 9, 20, 9, tzinfo=PARIS)
"""The moment of the small edition before which the link is cut, in June."""
CUT_ON = datetime(2020, 6, 10, 9, tzinfo=PARIS)
FERME = "La Ferme du Replat"


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[TwoSites]:
    with two_sites(tmp_path) as sites:
        yield sites


def test_both_sites_work_for_a_day_without_each_other_and_lose_nothing(sites: TwoSites) -> None:
    keeper = sites.hub.runtimes["candidatures"]
    with keeper.work() as work:
        operator_id = make_operator(work.db)
    services = ServicesOfTwoSites(sites, tokens_of(keeper))
    stage = Stage(
        services,
        services.voice(operator_id, "fr"),
        read_edition(EDITION),
        tongue_of("essaim_demo", "fr"),
    )

    def say(at: datetime, words: str) -> None:
        if at == CUT_AT:
            a_day_apart(sites, stage)

    with closing(services):
        play(stage, say)
        summary = summary_of(stage, seconds=1.0)
    assert summary["sessions"]["held"] == {
        "launch_day": 1, "collective_day": 1, "mentoring": 3, "workshop": 1,
    }  # fmt: skip
    assert summary["facts"]["dead"] == 0
    assert asyncio.run(_disagreements(sites)) == []


def a_day_apart(sites: TwoSites, stage: Stage) -> None:
    stage.wait_until_known(stage.settle)
    sites.link.cut()
    wait_until(lambda: not sites.apart.broker.is_connected)
    stage.set_clock(CUT_ON)
    coordinator = stage.coordinator(CUT_ON.date())
    session = coordinator.post(
        "/scheduling/api/sessions",
        {
            "cohort_id": stage.cohort_id,
            "kind": "workshop",
            "title": "Atelier pendant la coupure",
            "starts_at": (CUT_ON + timedelta(hours=2)).isoformat(),
            "ends_at": (CUT_ON + timedelta(hours=4)).isoformat(),
            "mode": "online",
        },
    )
    project_id = stage.project_id(FERME)
    bearer = stage.voice(stage.bearers[project_id][0])
    bearer.put_file(
        f"/candidatures/api/projects/{project_id}/deliverables/final_file",
        "dossier.pdf",
        b"%PDF-1.7\n%%EOF\n",
        "application/pdf",
    )
    stage.set_clock(CUT_ON + timedelta(days=1))
    marks = [{"person_id": id, "status": "present"} for id in session["participant_ids"]]
    coordinator.post(f"/scheduling/api/sessions/{session['session_id']}/close", {"marks": marks})
    with sites.apart.read() as db:
        assert backlog(db).waiting >= 2
    here = f"{sites.hub.address}/candidatures/accessibility"
    there = f"{sites.apart_at}/scheduling/accessibility"
    wait_until(lambda: "n’a plus été entendu depuis" in httpx.get(here).text)
    assert "n’est plus relié aux autres depuis" in httpx.get(there).text
    assert httpx.get(f"{sites.apart_at}/scheduling/health/ready").status_code == 503
    sites.link.mend()
    wait_until(lambda: "n’a plus été entendu depuis" not in httpx.get(here).text)
    assert "n’est plus relié aux autres depuis" not in httpx.get(there).text


async def _disagreements(sites: TwoSites) -> list[str]:
    url = sites.hub.runtimes["reporting"].settings.nats_url
    seed = (keys_folder(sites.hub.data) / OPERATOR).read_text()
    connection = await connect(url, OPERATOR, seed)
    try:
        return await disagreements(sites.runtimes, connection)
    finally:
        await connection.close()
