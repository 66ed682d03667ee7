"""Who reads a project across partners, and what of its facts each one sees."""

from collections.abc import Callable, Iterable
from uuid import UUID

import pytest
import signing
from essaim.ids import new_id
from essaim.people.directory import save_person
from essaim.person import Person, Role, RoleHeld
from essaim.running.runtime import Runtime
from essaim.text.languages import tongue_of
from fastapi import FastAPI
from fastapi.testclient import TestClient
from reporting.answers import what_waits
from reporting.reader import Reader, person_fields
from reporting.store.accompaniment import load_beside

from tests.reporting.series import EDITION, Series, named, read_model

PAIN, WOOL = named("project", "pain"), named("project", "laine")
As = Callable[..., TestClient]


@pytest.fixture
def reading_as(runtime: Runtime, site: FastAPI) -> As:
    """`reading_as(Role.MENTOR, "TERO")` is a client of who has this role for that partner."""

    def client(
        role: Role | None = None, partner: str | None = None, id: UUID | None = None
    ) -> TestClient:
        organisation = named("organisation", partner) if partner else None
        held = (RoleHeld(role, "premices", organisation),) if role else ()
        person = Person(id or new_id(), "Camille Roussel", roles=held)
        with runtime.work() as work:
            save_person(work.db, person, share=False)
        browser = TestClient(site, base_url=runtime.settings.public_url, follow_redirects=False)
        browser.headers.update(signing.bearer("reporting", person.id))
        return browser

    return client


def statuses(client: TestClient, project_id: UUID) -> list[int]:
    addresses = (
        f"/reporting/projects/{project_id}",
        f"/reporting/projects/{project_id}?format=csv",
        f"/reporting/api/projects/{project_id}/timeline",
    )
    return [client.get(address).status_code for address in addresses]


def test_a_project_is_read_by_its_bearer_and_those_who_accompany_it(reading_as: As) -> None:
    bearer = reading_as(id=named("bearer", "pain"))
    godparent = reading_as(Role.GODPARENT, "SICADAE")
    other_godparent = reading_as(Role.GODPARENT, "TERO")
    not_as_a_godparent = reading_as(Role.SPEAKER, "SICADAE")

    for client in (bearer, godparent):
        assert statuses(client, PAIN) == [200] * 3
        assert statuses(client, WOOL) == [403] * 3
        assert client.get(f"/reporting/editions/{EDITION}").status_code == 403
        assert (
            f"/reporting/editions/{EDITION}" not in client.get(f"/reporting/projects/{PAIN}").text
        )
    for client in (other_godparent, not_as_a_godparent):
        assert statuses(client, PAIN) == [403] * 3


def bodies_of(client: TestClient) -> Iterable[str]:
    yield client.get(f"/reporting/projects/{PAIN}").text
    yield client.get(f"/reporting/api/projects/{PAIN}/timeline").text
    yield client.get("/reporting/api/facts?size=500").text
    for indicator in ("applications.received", "attendance.participants"):
        yield client.get(f"/reporting/editions/{EDITION}/evidence/{indicator}").text
        yield client.get(f"/reporting/api/editions/{EDITION}/evidence/{indicator}").text


def test_a_funder_finds_no_person_in_any_fact(reading_as: As) -> None:
    people = [str(named("bearer", name)) for name in ("pain", "vélo")]
    people.append(str(named("person", "expert")))
    seen_by_coordination = "".join(bodies_of(reading_as(Role.COORDINATOR)))
    assert all(id in seen_by_coordination for id in people[:2])

    for body in bodies_of(reading_as(Role.FUNDER)):
        assert not [id for id in people if id in body]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.COMMITTEE_MEMBER, Role.FUNDER])
def test_a_search_in_the_evidence_answers_no_guess_of_what_is_not_shown(
    reading_as: As, role: Role
) -> None:
    client = reading_as(role)
    page = f"/reporting/editions/{EDITION}/evidence/applications.states"

    def finds(typed: str) -> bool:
        return "Projet laine" in client.get(page, params={"q": typed}).text

    bearer = str(named("bearer", "laine"))
    guessed = (bearer[:8], bearer)
    assert [finds(typed) for typed in guessed] == [role == Role.COORDINATOR] * 2
    assert all(finds(typed) for typed in (str(WOOL), "laine"))
    received = client.get(f"/reporting/api/editions/{EDITION}/evidence/applications.received")
    number = next(
        one["data"]["number"] for one in received.json()["items"] if one["project_id"] == str(WOOL)
    )
    assert finds(number)


@pytest.mark.parametrize(
    "typed", ["LAINE", "làine", "laine projet", "la\u200bine", "{number}", "{lower}", "{hyphens}"]
)
def test_a_search_in_the_evidence_folds_as_every_other(reading_as: As, typed: str) -> None:
    client = reading_as(Role.FUNDER)
    received = client.get(f"/reporting/api/editions/{EDITION}/evidence/applications.received")
    rows = {one["project_id"]: one["data"]["number"] for one in received.json()["items"]}
    number = rows[str(WOOL)]
    written = {"number": number, "lower": number.lower(), "hyphens": number.replace("-", "‑")}

    found = client.get(
        f"/reporting/api/editions/{EDITION}/evidence/applications.received",
        params={"q": typed.format(**written)},
    )

    assert [one["project_id"] for one in found.json()["items"]] == [str(WOOL)]


def test_a_fact_about_a_person_has_no_key_for_who_does_not_see_her() -> None:
    key = named("bearer", "pain")

    assert Reader().key_of("essaim.candidatures.person.erased.v1", key) is None
    assert Reader(sees_persons=True).key_of("essaim.candidatures.person.erased.v1", key) == key
    assert Reader().key_of("essaim.candidatures.application.received.v1", key) == key


def test_whoever_a_fact_names_is_known_by_what_its_field_means() -> None:
    assert person_fields() >= {
        "person_id", "bearer_id", "bearer_ids", "participant_ids", "override_by", "recipient_id",
    }  # fmt: skip
    assert not person_fields() & {"project_id", "organisation_id", "project_ids", "score"}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (Reader(True, True), {"bearer_id": "x", "score": 80, "in": [{"person_id": "y", "n": 1}]}),
        (Reader(True, False), {"bearer_id": "x", "in": [{"person_id": "y", "n": 1}]}),
        (Reader(False, True), {"score": 80, "in": [{"n": 1}]}),
        (Reader(), {"in": [{"n": 1}]}),
    ],
)
def test_a_fact_is_read_with_what_is_for_its_reader(reader: Reader, seen: object) -> None:
    body = '{"bearer_id": "x", "score": 80, "in": [{"person_id": "y", "n": 1}]}'

    assert reader.body_of(body) == seen


def test_who_is_to_give_a_session_is_beside_its_project_until_it_is_cancelled() -> None:
    series = Series()
    project = named("project", 7)
    tero, sicadae = named("organisation", "TERO"), named("organisation", "SICADAE")
    series.plan("mai", "appointment", project_ids=(project,), provider_id=tero)
    series.plan("juin", "appointment", project_ids=(project,), provider_id=sicadae)
    series.plan("juin", "appointment", project_ids=(project,))
    with read_model(series.heard) as db:
        assert {one.organisation_id for one in load_beside(db, project)} == {tero}
    series.cancel("mai")
    with read_model(series.heard) as db:
        assert load_beside(db, project) == []


def test_who_funds_a_programme_is_led_to_the_report_of_its_last_edition(
    runtime: Runtime,
) -> None:
    funder = Person(new_id(), "Luc", roles=(RoleHeld(Role.FUNDER, "premices"),))
    stranger = Person(new_id(), "Zoé", roles=(RoleHeld(Role.FUNDER, "another"),))
    tongue = tongue_of("reporting", "en")

    with runtime.read() as db:
        (line,) = what_waits(db, funder, runtime.clock.now(), tongue).next
        assert what_waits(db, stranger, runtime.clock.now(), tongue).next == ()

    assert line.page == f"/editions/{EDITION}"
