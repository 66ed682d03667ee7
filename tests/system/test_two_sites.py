"""A partner runs its service at its own site; the link is cut in the middle of an edition."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from essaim.cli.tokens import make_operator
from essaim.clock import PARIS
from essaim.text.languages import tongue_of
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
    assert sites.disagreements() == []


def a_day_apart(sites: TwoSites, stage: Stage) -> None:
    stage.wait_until_known(stage.settle)
    sites.link.cut()
    there = f"{sites.apart.address}/scheduling"
    wait_until(lambda: "n’est plus relié aux autres depuis" in pages_of(there))
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
    # The host of the other site is switched off and on: it needs nobody to go on.
    sites.apart.kill()
    sites.apart.start(CUT_ON)
    stage.set_clock(CUT_ON + timedelta(days=1))
    marks = [{"person_id": id, "status": "present"} for id in session["participant_ids"]]
    coordinator.post(f"/scheduling/api/sessions/{session['session_id']}/close", {"marks": marks})
    assert sites.readiness()["unpublished"] >= 2
    here = f"{sites.hub.address}/candidatures"
    wait_until(lambda: "n’a plus été entendu depuis" in pages_of(here))
    assert "n’est plus relié aux autres depuis" in pages_of(there)
    assert httpx.get(f"{there}/health/ready").status_code == 503
    sites.link.mend()
    wait_until(lambda: "n’a plus été entendu depuis" not in pages_of(here))
    assert "n’est plus relié aux autres depuis" not in pages_of(there)


def pages_of(service: str) -> str:
    """What every page of a service says above what is its own."""
    return httpx.get(f"{service}/accessibility").text
