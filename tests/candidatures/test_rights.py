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
from essaim_contracts.candidatures import Decision, DeliverableKind
from essaim_contracts.questions import Question
from essaim_contracts.scheduling import PairingKind
from matrix import World

from tests.candidatures.premices import (
    PDF,
    PROGRAMME,
    a_document,
    apply,
    decide_all,
    form_cohort,
    prepare,
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
    correction_id = a_correction(premices, four[0])
    decide_all(premices, four)
    cohort = form_cohort(premices)
    project_id = project_of(premices, four[0])
    pairing = Accompaniment(new_id(), project_id, GRAP, None, PairingKind.GODPARENT)
    given = Accompaniment(new_id(), project_id, SCOP, None, None)
    meeting = commands.minutes.Meeting(date(2020, 2, 4), ())
    handover_id = a_handover(premices, four[2])
    with premices.work() as work:
        minutes_id = commands.minutes.draw_up(work, "premices-2020", meeting)
        bearer = store.application.get(work.db, four[0]).bearer_id
        store.accompaniment.save(work.db, pairing, given)
        commands.deliverable.hand_in(
            work, project_id, DeliverableKind.FINAL_FILE, a_document(premices, filename="x.pdf")
        )
        award = commands.trophy.Award(project_id, "X", date(2020, 3, 1), ("video",), ())
        trophy_id = commands.trophy.prepare(work, award).trophy_id
        said = Described("X", "Y", "", "CC BY", "GRAP", (Role.COMMITTEE_MEMBER, Role.FUNDER))
        kept = replace(a_document(premices, filename="x.pdf"), code="resource")
        resource_id = commands.resource.add(work, "premices", said, kept).id
    assert bearer is not None
    return World(
        premices,
        RIGHTS,
        places={
            "slug": "premices-2020",
            "minutes_id": minutes_id,
            "handover_id": handover_id,
            "correction_id": correction_id,
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
            "GET /programmes/{slug}/next-call": "/programmes/premices/next-call",
            "POST /programmes/{slug}/next-call": "/programmes/premices/next-call",
            "POST /api/programmes/{slug}/next-call": "/api/programmes/premices/next-call",
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
            "POST /api/applications/{application_id}/handover": {
                "json": {"to_call": "x", "answer_by": "2020-12-01"}
            },
            "POST /api/applications/{application_id}/handover/answer": {"json": {"agrees": True}},
            "POST /api/applications/{application_id}/corrections": {
                "json": {"fields": ["answer-idea"], "open_until": "2020-12-01"}
            },
            "PUT /api/applications/{application_id}/corrections/{correction_id}": {
                "json": {"version": 0, "content": {}}
            },
            "PUT /api/applications/{application_id}/corrections/{correction_id}/documents/{code}": (
                FILE
            ),
            "POST /api/applications/{application_id}/corrections/{correction_id}/more-time": {
                "json": {"open_until": "2020-12-01"}
            },
            "POST /api/applications/{application_id}/notes": {"json": {"text": "Bonjour."}},
            "POST /api/handovers/{handover_id}/answer": {"json": {"accepts": True}},
            "POST /api/handovers/{handover_id}/more-time": {"json": {"answer_by": "2020-12-01"}},
            "POST /api/handovers/from/{token}/answer": {"json": {"accepts": True}},
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
                "GET /next-call/{token}",
                "POST /next-call/{token}",
                "POST /api/next-call/{token}",
                "DELETE /api/next-call/{token}",
                "GET /handovers/from/{token}",
                "POST /handovers/from/{token}",
                "GET /handovers/from/{token}/documents/{code}",
                "GET /api/handovers/from/{token}",
                "POST /api/handovers/from/{token}/answer",
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


def a_correction(runtime: Runtime, application_id: UUID) -> UUID:
    """A document that was replaced as it was asked; the former one is kept, and one to come."""
    with runtime.work() as work:
        asked = commands.correction.ask(
            work, application_id, ["document-summary"], date(2020, 12, 1)
        )
        new = a_document(runtime, b"%PDF-1.7 autre", filename="y.pdf")
        commands.correction.save(work, application_id, asked, {}, 0, added=[new])
        commands.correction.send(work, application_id, asked)
        # Another one is beside it, and not sent.
        again = commands.correction.ask(
            work, application_id, ["document-summary"], date(2020, 12, 1)
        )
        commands.correction.save(work, application_id, again, {}, 0, added=[new])
    return asked


def a_handover(runtime: Runtime, application_id: UUID) -> UUID:
    """One that goes outside, to which its bearer agreed; the application is decided again."""
    prepare(runtime, application_id, Decision.REORIENTED)
    apply(runtime)
    to = commands.handover.To(name="Couveuse (fictive)", email="accueil@example.org")
    with runtime.work() as work:
        made = commands.handover.propose(work, application_id, to, date(2020, 12, 1))
        commands.handover.agree(work, made)
    return made


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
