"""Every route of candidatures × every visitor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import matrix
import pytest
from candidatures import commands, store
from candidatures.accompaniment import Accompaniment
from candidatures.resource import Described
from candidatures.rights import RIGHTS
from essaim.broker.asking import AskFailed
from essaim.ids import new_id, stable_id
from essaim.operating.questions import Done, LookAround
from essaim.person import Role
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import DeliverableKind
from essaim_contracts.questions import Question
from essaim_contracts.scheduling import PairingKind
from matrix import World

from tests.candidatures.premices import (
    PDF,
    PROGRAMME,
    a_document,
    decide_all,
    form_cohort,
    project_of,
)

# Nothing here depends on the kind of database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_QUESTIONS = "editions/1/calls/premices-2020/questions"
_SETTING_UP = {
    "GET /api/programmes/{slug}/file": "/api/programmes/premices/file",
    "GET /setup/{slug}": "/setup/premices",
    "GET /setup/{slug}/file": "/setup/premices/file",
    "GET /setup/{slug}/contacts": "/setup/premices/contacts",
    "POST /setup/{slug}/contacts": "/setup/premices/contacts",
    "POST /api/programmes/{slug}/contacts": "/api/programmes/premices/contacts",
    "GET /setup/{slug}/next-edition": "/setup/premices/next-edition",
    "POST /setup/{slug}/next-edition": "/setup/premices/next-edition",
    "GET /setup/{slug}/part/{place:path}": "/setup/premices/part/people/basile",
    "POST /setup/{slug}/part/{place:path}": "/setup/premices/part/people/basile",
    "GET /setup/{slug}/new/{place:path}": f"/setup/premices/new/{_QUESTIONS}",
    "POST /setup/{slug}/new/{place:path}": f"/setup/premices/new/{_QUESTIONS}",
    "POST /setup/{slug}/order/{place:path}": f"/setup/premices/order/{_QUESTIONS}/idea",
}
FILE = {"files": {"file": ("dossier.pdf", PDF, "application/pdf")}}
A_RESOURCE = {"title": "X", "theme": "Y", "licence": "CC BY", "owner": "GRAP"}
WITHOUT_AN_OPERATOR = "\n".join(
    line for line in PROGRAMME.splitlines() if "role: operator" not in line
)
GRAP, SCOP = (stable_id("premices", "organisation", code) for code in ("grap", "ur-scop"))


@pytest.fixture
def world(
    premices: Runtime,
    four: list[UUID],
    asked: list[Question[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """The committee decided, a cohort was formed; its first project is accompanied."""
    monkeypatch.setattr(premices, "ask_blocking", _with_a_desk(premices.ask_blocking))
    decide_all(premices, four)
    cohort = form_cohort(premices)
    project_id = project_of(premices, four[0])
    pairing = Accompaniment(new_id(), project_id, GRAP, None, PairingKind.GODPARENT)
    given = Accompaniment(new_id(), project_id, SCOP, None, None)
    meeting = commands.minutes.Meeting(date(2020, 2, 4), ())
    with premices.work() as work:
        minutes_id = commands.minutes.draw_up(work, "premices-2020", meeting)
        bearer = store.application.get(work.db, four[0]).bearer_id
        store.accompaniment.save(work.db, pairing, given)
        commands.deliverable.hand_in(
            work, project_id, DeliverableKind.FINAL_FILE, a_document(premices, filename="x.pdf")
        )
        award = commands.trophy.Award(project_id, "X", date(2020, 3, 1), ("video",), ())
        trophy_id = commands.trophy.prepare(work, award).trophy_id
        said = Described("X", "Y", "", "CC BY", "GRAP", ())
        kept = replace(a_document(premices, filename="x.pdf"), code="resource")
        resource_id = commands.resource.add(work, "premices", said, kept).id
    assert bearer is not None
    return World(
        premices,
        RIGHTS,
        places={
            "slug": "premices-2020",
            "minutes_id": minutes_id,
            "application_id": four[0],
            "project_id": project_id,
            "trophy_id": trophy_id,
            "resource_id": resource_id,
            "prize_id": stable_id("premices", "prize", "1/video"),
            "code": "summary",
            "kind": "final_file",
            "name": "scheduling",
            "cohort_id": cohort.cohort_id,
            "person_id": bearer,
            "token": "t" * 43,
            "edition_id": stable_id("premices", "edition", "1"),
        },
        asked={
            "GET /api/programmes/{slug}": "/api/programmes/premices",
            "GET /programmes/{slug}": "/programmes/premices",
            **_SETTING_UP,
            "GET /programmes/{slug}/resources/new": "/programmes/premices/resources/new",
            "POST /programmes/{slug}/resources/new": "/programmes/premices/resources/new",
            "POST /api/programmes/{slug}/resources": "/api/programmes/premices/resources",
            "GET /api/people": "/api/people?programme=premices",
            "GET /admin/partners/new/{kind}": "/admin/partners/new/reader",
            "POST /admin/partners/new/{kind}": "/admin/partners/new/reader",
            "GET /api/applications": "/api/applications?call=premices-2020",
            "POST /calls/{slug}/round": "/calls/premices-2020/round?to=2",
            "PUT /api/applications/{application_id}/conflicts/{person_id}": (
                f"/api/applications/{four[0]}/conflicts/{stable_id('premices', 'person', 'chloe')}"
            ),
        },
        bodies={
            "POST /setup/{slug}/order/{place:path}": {"data": {"act": "up", "shown": "?"}},
            "POST /clock": {"json": {"now": "2019-01-01T00:00:00Z"}},
            "PUT /api/applications/{application_id}": {"json": {"version": 0}},
            "PUT /api/applications/{application_id}/documents/{code}": FILE,
            "PUT /api/editions/{edition_id}/retention": {"json": {}},
            "PUT /api/applications/{application_id}/scores": {"json": {"points": {"ess": 1}}},
            "PUT /api/applications/{application_id}/conflict": {"json": {"declared": True}},
            "PUT /api/applications/{application_id}/decision": {"json": {"decision": "selected"}},
            "PUT /api/applications/{application_id}/comments": {"json": {"comments": []}},
            "POST /api/calls/{slug}/offers": {"json": {"answer_by": "2020-12-01"}},
            "POST /api/applications/{application_id}/offer": {"json": {"accepts": True}},
            "PUT /api/calls/{slug}/assignment": {"json": {}},
            "POST /api/programmes/{slug}/contacts": {
                "json": {"person": "a", "replaced_by": "a", "from_on": "2020-02-04"}
            },
            "POST /api/calls/{slug}/minutes": {"json": {"held_on": "2020-02-04", "present": []}},
            "POST /api/calls/{slug}/assignment/even": {"json": {"each": 1}},
            "PUT /api/applications/{application_id}/conflicts/{person_id}": {
                "json": {"stands": True}
            },
            "POST /api/calls/{slug}/round": {"json": {"round": 2}},
            "PUT /api/projects/{project_id}/deliverables/{kind}": FILE,
            "POST /api/projects/{project_id}/deliverables/{kind}/review": {
                "json": {"version": 1, "verdict": "accepted"}
            },
            "POST /api/cohorts": {
                "json": {"call": "premices-2020", "label": "x", "starts_on": "2020-02-27"}
            },
            "POST /api/cohorts/{cohort_id}/changes": {
                "json": {
                    "project_id": str(project_id),
                    "change": "left",
                    "effective_on": "2020-03-01",
                }
            },
            "POST /api/prizes": {
                "json": {
                    "programme": "premices",
                    "edition": 1,
                    "code": "x",
                    "contributor": "miimosa",
                    "kind": "money",
                    "title": "X",
                    "value_eur": 1,
                }
            },
            "POST /api/trophies": {
                "json": {
                    "project_id": str(project_id),
                    "title": "X",
                    "awarded_on": "2020-03-01",
                    "prizes": [],
                }
            },
            "POST /api/programmes/{slug}/resources": {"json": A_RESOURCE},
            "PUT /api/resources/{resource_id}": {"json": A_RESOURCE},
            "PUT /api/resources/{resource_id}/file": FILE,
            "POST /api/cohorts/{cohort_id}/trophies": {
                "json": {"project_id": str(project_id), "title": "X", "awarded_on": "2020-03-01"}
            },
            "POST /api/trophies/{trophy_id}/order": {"json": {"by": "up"}},
            "PUT /api/prizes/{prize_id}/delivery": {"json": {"delivered_on": "2020-03-02"}},
            "POST /api/programmes": {
                "content": WITHOUT_AN_OPERATOR,
                "headers": {"content-type": "application/yaml"},
            },
            "PATCH /api/people/{person_id}": {"json": {"language": "en"}},
            "PUT /api/people/{person_id}/email": {"json": {"email": "autre@example.org"}},
            "POST /api/people": {
                "json": {"name": "X", "roles": [{"role": "speaker", "programme": "premices"}]}
            },
        },
        dead_links=frozenset(
            {
                "POST /sign-in/{token}",
                "POST /sign-in/with/{name}",
                "POST /api/sign-out/from/{name}",
                "GET /sign-in/from/{name}",
                "POST /applications/resume/{token}",
                "POST /my-data/address/{token}",
                "GET /applications/resume/{token}",
                "GET /calls/{slug}/documents/{code}",
                "POST /calls/{slug}/withdraw",
                "POST /calls/{slug}/apply/submit",
            }
        ),
        names=(
            "Porteuse 1 (fictive)",
            "Porteuse 2 (fictive)",
            "Chloé (fictive)",
            "Jeanne (fictive)",
            "Basile (fictif)",
        ),
        near={Role.MENTOR: SCOP, Role.GODPARENT: GRAP},
        people={Role.BEARER: bearer},
        secrets={"X-Draft-Token": f"{1:030d}"},
    )


def _with_a_desk(ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The operator's desk does what it is asked; only who is there it does not say."""

    def answer(question: Question[Any]) -> Any:
        if isinstance(question, LookAround):
            raise AskFailed(question.subject, "nobody is there")
        return Done() if question.answer is Done else ask(question)

    return answer


def test_every_route_says_for_whom_it_is(world: World) -> None:
    assert matrix.undeclared(world.runtime, world.declared) == set()


def test_every_route_answers_those_it_says_and_nobody_else(world: World) -> None:
    found = matrix.disagreements(world)

    assert not found, "\n".join(found)
