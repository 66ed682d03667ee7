"""Conflicts of interest that stand by themselves, and blind scoring, at every door."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.conflict import Applicant, Conflict, Ties, conflict_with, organisation_key
from candidatures.store.application import application, keys_behind
from essaim.ids import new_id, stable_id
from essaim.people.directory import find_person, save_person
from essaim.person import Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim_contracts.candidatures import Decision, DeliverableKind
from fastapi.testclient import TestClient

from tests.candidatures.premices import (
    OPEN,
    a_document,
    a_draft,
    decide_all,
    form_cohort,
    prepare,
    project_of,
    received,
    set_clock,
)

API = "/candidatures/api"
ALL = {"ess": 4, "maturity": 3, "autonomy": 4}
As = Callable[..., dict[str, str]]

NOBODY = Applicant(UUID(int=1), None, None, None, declared=False)
HER = Ties(
    UUID(int=7), frozenset({"marie@exemple.fr"}), frozenset({UUID(int=8)}), frozenset({"ecologis"})
)


@pytest.mark.parametrize(
    "written",
    [
        "Éco-Logis", "SCOP Les Éco-logis", "eco logis (S.C.O.P.)", "  ÉCO   LOGIS ",
        "EcoLogis SARL",
        "Société coopérative d’intérêt collectif Eco'logis", "Éco–logis, association",
        "E\N{COMBINING ACUTE ACCENT}co logis",
    ],
)  # fmt: skip
def test_one_cooperative_is_recognised_under_its_other_spellings(written: str) -> None:
    assert organisation_key(written) == "ecologis"


@pytest.mark.parametrize("written", ["", "  ", "Éco-logis du Sud", "Logis"])
def test_other_cooperatives_stay_others(written: str) -> None:
    assert organisation_key(written) != "ecologis"


def test_a_name_made_of_a_legal_form_alone_is_still_a_name() -> None:
    assert organisation_key("La Coop") == "lacoop"


def test_what_stands_by_itself_comes_before_what_was_declared() -> None:
    cases = {
        NOBODY: None,
        replace(NOBODY, declared=True): Conflict.DECLARED,
        replace(NOBODY, bearer_id=HER.person_id, declared=True): Conflict.OWN,
        replace(NOBODY, email=" marie@exemple.FR"): Conflict.OWN,
        replace(NOBODY, bearer_id=UUID(int=8)): Conflict.ORGANISATION,
        replace(NOBODY, organisation="Scop Eco-logis"): Conflict.ORGANISATION,
        replace(NOBODY, organisation="Une autre", email="paul@exemple.fr"): None,
    }

    assert [conflict_with(HER, applicant) for applicant in cases] == list(cases.values())


# --- at the doors


def of_organisation(runtime: Runtime, name: str) -> UUID:
    """An application that says it comes from this organisation."""
    draft = a_draft(
        runtime, token="o" * 30, organisation=name, applicant_kind="organisation",
        bearer_email="structure@example.org",
    )  # fmt: skip
    with runtime.work() as work:
        commands.application.submit(work, draft, work.now)
    return draft


def give_role(runtime: Runtime, code: str, role: Role, organisation: str | None = None) -> None:
    with runtime.work() as work:
        person = find_person(work.db, stable_id("premices", "person", code))
        assert person is not None
        organisation_id = stable_id("premices", "organisation", organisation or "")
        held = RoleHeld(role, "premices", organisation_id if organisation else None)
        save_person(work.db, replace(person, roles=(*person.roles, held)), share=False)


def put(api: TestClient, id: UUID, what: str, body: dict[str, Any], as_: dict[str, str]) -> Any:
    return api.put(f"{API}/applications/{id}/{what}", json=body, headers=as_)


def seen(api: TestClient, id: UUID, headers: dict[str, str]) -> dict[str, Any]:
    """Everything the API answers of the committee's work on an application."""
    answer = api.get(f"{API}/applications/{id}", headers=headers).json()
    names = ("conflict", "points", "mean", "scores", "prepared", "note")
    return {name: answer[name] for name in names}


BLIND: dict[str, object] = {
    "conflict": None,
    "points": {},
    "mean": None,
    "scores": [],
    "prepared": None,
    "note": None,
}


@pytest.fixture
def api(browser: TestClient, premices: Runtime) -> TestClient:
    set_clock(premices, OPEN)
    return browser


def test_a_member_does_not_score_the_application_of_her_own_organisation(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    id = of_organisation(premices, "G.R.A.P. (SCIC)")
    give_role(premices, "basile", Role.SPEAKER, "grap")
    prepare(premices, id, Decision.REFUSED, note="Une note secrète.")

    scored = put(api, id, "scores", {"points": ALL}, as_("basile"))
    lifted = put(api, id, "conflict", {"declared": False}, as_("basile"))

    assert (scored.status_code, scored.json()["code"]) == (403, "conflict_of_interest")
    assert (lifted.status_code, lifted.json()["code"]) == (409, "conflict_stands")
    assert seen(api, id, as_("basile")) == BLIND | {"conflict": "organisation"}
    assert put(api, id, "scores", {"points": ALL}, as_("chloe")).status_code == 200
    page = api.get(f"/candidatures/applications/{id}", headers=as_("basile")).text
    assert "vient de votre organisation" in page
    assert "Chloé" not in page


KEYS = ("kept_address", "kept_organisation", "kept_version")


@pytest.mark.parametrize("it", ["began", "changed"])
def test_a_conflict_is_found_where_an_older_version_wrote_the_application(
    premices: Runtime, api: TestClient, it: str
) -> None:
    """It did not know what finds them."""
    id = of_organisation(premices, "G.R.A.P. (SCIC)" if it == "began" else "Une autre maison")
    give_role(premices, "basile", Role.SPEAKER, "grap")
    mine = application.c.id == id
    with premices.work() as work:
        basile = find_person(work.db, stable_id("premices", "person", "basile"))
        assert basile is not None
        before = work.db.execute(sa.select(application).where(mine)).one()
        assert store.conflict.find(work.db, id, basile) is (
            Conflict.ORGANISATION if it == "began" else None
        )
        written: dict[str, Any] = dict.fromkeys(KEYS)
        if it == "changed":
            content = before.content | {"organisation": "Grap"}
            written = {"content": content, "version": before.version + 1}
        work.db.execute(sa.update(application).where(mine).values(written))

        found = store.conflict.find(work.db, id, basile)

        changed = {name: before._mapping[name] for name in written}
        work.db.execute(sa.update(application).where(mine).values(changed))
    assert found is Conflict.ORGANISATION


def test_who_lists_applications_reads_none_of_their_answers(
    premices: Runtime, api: TestClient, as_: As
) -> None:
    received(premices)
    asked: list[tuple[str, int]] = []

    def note(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        asked.append((statement, len(cursor.fetchall()) if "content" in statement else 0))

    sa.event.listen(premices.database.engine, "after_cursor_execute", note)
    page = api.get("/candidatures/calls/premices-2020/applications", headers=as_("basile"))
    sa.event.remove(premices.database.engine, "after_cursor_execute", note)

    assert "PREM-2020-0001" in page.text
    assert [rows for _, rows in asked if rows] == []


def test_nobody_decides_her_own_application(api: TestClient, premices: Runtime, as_: As) -> None:
    """By its address alone: whoever typed it was not bound to anybody yet."""
    draft = a_draft(premices, bearer_email="alix@example.org")
    with premices.work() as work:
        commands.application.submit(work, draft, work.now)
    put(api, draft, "scores", {"points": ALL}, as_("chloe"))

    decided = put(api, draft, "decision", {"decision": "selected"}, as_("alix"))

    assert (decided.status_code, decided.json()["code"]) == (403, "conflict_of_interest")
    assert seen(api, draft, as_("alix")) == BLIND | {"conflict": "own"}
    assert put(api, draft, "decision", {"decision": "selected"}, as_("ops")).status_code == 204


def test_a_member_sees_what_others_gave_once_hers_is_in(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    id = received(premices)
    put(api, id, "scores", {"points": ALL}, as_("chloe"))
    prepare(premices, id, Decision.SELECTED, note="Une note secrète.")

    before = seen(api, id, as_("basile"))
    part = put(api, id, "scores", {"points": {"ess": 0}}, as_("basile")).json()
    halfway = seen(api, id, as_("basile"))
    whole = put(api, id, "scores", {"points": dict.fromkeys(ALL, 0)}, as_("basile")).json()
    after = seen(api, id, as_("basile"))

    assert before == BLIND
    assert part == {"mean": None}
    assert halfway == BLIND | {"points": {"ess": 0}}
    assert whole["mean"] == after["mean"] is not None
    assert after["prepared"]["decision"] == "selected"
    assert len(after["scores"]) == 6
    assert after["note"] is None
    assert seen(api, id, as_("alix"))["note"] == "Une note secrète."


def test_a_declared_conflict_hides_the_mean_until_it_is_lifted(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    id = received(premices)
    for member in ("basile", "chloe"):
        put(api, id, "scores", {"points": ALL}, as_(member))

    declared = put(api, id, "conflict", {"declared": True}, as_("basile")).json()
    hidden = seen(api, id, as_("basile"))
    lifted = put(api, id, "conflict", {"declared": False}, as_("basile")).json()

    assert declared == {"mean": None}
    assert hidden == BLIND | {"conflict": "declared", "points": ALL}
    assert lifted["mean"] is not None


@pytest.mark.parametrize("door", ["page", "csv", "api"])
@pytest.mark.parametrize("sort", ["mean", "-mean"])
def test_no_list_tells_a_mean_before_ones_own_points_by_value_or_by_order(
    api: TestClient, premices: Runtime, as_: As, door: str, sort: str
) -> None:
    ids = [received(premices, nth) for nth in (1, 2, 3)]
    for id, points in zip(ids, (1, 5, 3), strict=True):
        put(api, id, "scores", {"points": ALL | {"ess": points}}, as_("chloe"))
    addresses = {
        "page": f"/candidatures/calls/premices-2020/applications?sort={sort}",
        "csv": f"/candidatures/calls/premices-2020/applications?format=csv&sort={sort}",
        "api": f"{API}/applications?call=premices-2020&sort={sort}",
    }

    blind = api.get(addresses[door], headers=as_("basile")).text
    funder = api.get(addresses[door], headers=as_("firmin")).text
    known = api.get(addresses[door], headers=as_("chloe")).text

    for text in (blind, funder):
        assert re.findall(r"\d\d[.,]33|\d\d[.,]67", text) == []
        places = [text.index(f"PREM-2020-000{nth}") for nth in (1, 2, 3)]
        assert places == sorted(places)
    assert len(re.findall(r"\d\d[.,]33|\d\d[.,]67", known)) == 3
    by_mean = [known.index(f"PREM-2020-000{nth}") for nth in (1, 3, 2)]
    assert by_mean == sorted(by_mean, reverse=sort == "-mean")


def test_a_coordinator_who_sits_on_the_committee_scores_blind_too(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    id = received(premices)
    put(api, id, "scores", {"points": ALL}, as_("chloe"))
    assert seen(api, id, as_("alix"))["mean"] is not None

    give_role(premices, "alix", Role.COMMITTEE_MEMBER)

    assert seen(api, id, as_("alix")) == BLIND


def test_a_funder_sees_the_mean_once_it_is_decided(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As
) -> None:
    for id in four:
        put(browser, id, "scores", {"points": ALL}, as_("chloe"))
    listed = f"{API}/applications?call=premices-2020"
    before = browser.get(listed, headers=as_("firmin")).json()["items"]
    decide_all(premices, four)
    after = browser.get(listed, headers=as_("firmin")).json()["items"]

    assert {one["mean"] for one in before} == {None}
    assert None not in {one["mean"] for one in after}


@pytest.mark.parametrize("nth", [0, 3], ids=["selected", "refused"])
def test_a_funder_sees_a_project_without_its_bearer_and_its_files(
    browser: TestClient, premices: Runtime, four: list[UUID], as_: As, nth: int
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    project_id = project_of(premices, four[nth])
    if nth == 0:
        with premices.work() as work:
            file = a_document(premices, filename="dossier de Porteuse 1.pdf")
            commands.deliverable.hand_in(work, project_id, DeliverableKind.FINAL_FILE, file)
    api = f"{API}/projects/{project_id}"

    page = browser.get(f"/candidatures/projects/{project_id}", headers=as_("firmin"))
    answer = browser.get(api, headers=as_("firmin"))
    cohorts = browser.get(f"{API}/cohorts", headers=as_("firmin"))
    file_of = browser.get(f"{api}/deliverables/final_file", headers=as_("firmin"))

    assert (page.status_code, answer.status_code, file_of.status_code) == (200, 200, 403)
    assert "Porteuse" not in page.text + answer.text
    assert [one["bearer_ids"] for one in cohorts.json()["items"][0]["projects"]] == [[], []]
    if nth == 0:
        assert "dossier de Porteuse 1.pdf" in browser.get(api, headers=as_("basile")).text


def test_an_erased_evaluators_points_still_count(
    api: TestClient, premices: Runtime, as_: As
) -> None:
    id = received(premices)
    put(api, id, "scores", {"points": ALL}, as_("chloe"))
    before = seen(api, id, as_("alix"))["mean"]

    with premices.work() as work:
        commands.erasure.erase(work, stable_id("premices", "person", "chloe"), [])

    assert seen(api, id, as_("alix"))["mean"] == before is not None


def test_conflicts_are_found_without_reading_every_application(
    premices: Runtime, four: list[UUID]
) -> None:
    with premices.read() as db:
        (one,) = db.execute(sa.select(application).where(application.c.id == four[0])).mappings()
    # Of other numbers: they alone are each its own, and all else costs what it costs.
    more = [dict(one) | {"id": new_id(), "number": f"PREM-{nth}"} for nth in range(2000)]
    with premices.work() as work:
        tried = work.db.begin_nested()
        work.db.execute(sa.insert(application), more)
        behind = sa.select(application.c.id).where(keys_behind)
        written = str(behind.compile(work.db, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN" if work.db.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = str(work.db.exec_driver_sql(f"{how} {written}").all())
        tried.rollback()
    assert "application_behind" in plan, plan
